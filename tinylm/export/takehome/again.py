"""What to type in a terminal to train the same again."""

from __future__ import annotations

import shlex

from tinylm.config import SETTINGS, RunConfig
from tinylm.finetuning import finetune_config
from tinylm.presets import find_preset, preset_config

DEFAULT_PRESET = "quick"
PROGRAM = ("python", "-m", "tinylm")


def command(config: RunConfig) -> str:
    """The command that trains a run with these settings."""
    return in_shell(*(_finetune(config) if config.kind == "finetune" else _train(config)))


def in_shell(*words: str) -> str:
    """A command of tinylm, quoted for a shell."""
    return shlex.join([*PROGRAM, *words])


def _train(config: RunConfig) -> list[str]:
    preset = config.preset if find_preset(config.preset) else DEFAULT_PRESET
    usual = preset_config(preset, corpus=config.corpus, seed=config.train.seed)
    begin = ["train", "--corpus", config.corpus, "--preset", preset]
    return [*begin, "--seed", str(config.train.seed), *_changes(usual, config)]


def _finetune(config: RunConfig) -> list[str]:
    base = config.init == "base"
    usual = finetune_config(
        config, config.parent, config.task, config.num_examples, config.init, method=config.method
    )
    start = [config.parent] if base else ["scratch", "--like", config.parent]
    begin = ["finetune", *start, "--task", config.task, "--examples", str(config.num_examples)]
    method = ["--method", config.method] if config.method != "full" else []
    seed = ["--set", f"seed={config.train.seed}"]  # otherwise it is that of the other run
    return [*begin, *method, *seed, *_changes(usual, config)]


def _changes(usual: RunConfig, config: RunConfig) -> list[str]:
    """The settings that are not as usual, and that `--set` changes."""
    words = []
    for name, row in SETTINGS.items():
        if not row.instead and row.of(usual) != row.of(config):
            words += ["--set", f"{name}={row.of(config)}"]
    return words
