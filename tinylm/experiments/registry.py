"""The list of all experiments: whatever module of this package offers an EXPERIMENT."""

from __future__ import annotations

from functools import cache

from tinylm.discovery import offered
from tinylm.errors import NotFound
from tinylm.experiments.base import Experiment


@cache
def experiments() -> dict[str, Experiment]:
    """All experiments by name."""
    found = (one for one in offered(__package__, "EXPERIMENT") if isinstance(one, Experiment))
    return {one.name: one for one in found}


def experiment(name: str) -> Experiment:
    """The experiment of this name. Raises NotFound."""
    found = experiments()
    if name not in found:
        known = ", ".join(found)
        raise NotFound(f"There is no experiment {name!r:.40}; experiments are {known}.")
    return found[name]
