"""Which settings of runs differ: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tinylm.config import SETTINGS, RunConfig
from tinylm.setting import Value

CORPUS = "corpus"  # the setting that names the text
_NOT_SETTINGS = ("preset", "experiment")  # they only say where the settings came from


def settings(config: RunConfig) -> dict[str, Value]:
    """All settings by name, in one dictionary."""
    return {name: row.of(config) for name, row in SETTINGS.items() if name not in _NOT_SETTINGS}


def differing(configs: Sequence[RunConfig]) -> dict[str, list[Value]]:
    """The settings that are not equal in all, each with its values in the order of `configs`."""
    flat = [settings(config) for config in configs]
    return {
        name: [one[name] for one in flat]
        for name in (flat[0] if flat else {})
        if any(one[name] != flat[0][name] for one in flat)
    }


def named(first: RunConfig, other: RunConfig, corpus_words: Callable[[str], str] = str) -> str:
    """How `other` differs from `first`, e.g. "n_layer 2, seed 3", or "the same settings".

    `corpus_words` gives the readable name of a corpus.
    """
    found = differing([first, other])
    parts = [
        f"{name} {corpus_words(str(new)) if name == CORPUS else _value(new)}"
        for name, (_, new) in found.items()
    ]
    return ", ".join(parts) or "the same settings"


def _value(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"
