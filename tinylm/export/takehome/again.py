"""What to type in a terminal to train the same again."""

from __future__ import annotations

import shlex

from tinylm.config import SETTINGS, RunConfig
from tinylm.finetuning import finetune_config
from tinylm.home import shown_id
from tinylm.presets import find_preset, preset_config

DEFAULT_PRESET = "quick"
PROGRAM = ("python", "-m", "tinylm")
# Words in place of names that would open what they name, and what stands for them.
BASE = "BASE"
CORPORA = {
    "upload": ("FILE", "a file with the text that it read"),
    "large": ("FILE", "a file with the text that it read"),
    "made": ("WORLD", "the title of the world that it read"),
    "mix": ("MIXTURE", "the title of the mixture that it read"),
}
TASK = ("TASK", "the name of the task that it learned, which the command tasks lists")


def command(config: RunConfig) -> str:
    """The command that trains a run with these settings."""
    return in_shell(*(_finetune(config) if config.kind == "finetune" else _train(config)))


def stands_for(config: RunConfig) -> str:
    """What the words in capitals stand for, as the rest of a sentence; "" where there are none."""
    if config.kind == "finetune":
        what = "began from" if config.init == "base" else "has its shape from"
        found = [(BASE, f"the id of the run that it {what}, {shown_id(config.parent)} in short")]
        found += [TASK] if shown_id(config.task) != config.task else []
    else:
        found = [row] if (row := _brought(config.corpus)) else []
    return "".join(f", and {word} is {meaning}" for word, meaning in found)


def task(config: RunConfig) -> str:
    """The task as a command names it."""
    return config.task if shown_id(config.task) == config.task else TASK[0]


def in_shell(*words: str) -> str:
    """A command of tinylm, quoted for a shell."""
    return shlex.join([*PROGRAM, *words])


def _brought(name: str) -> tuple[str, str] | None:
    """The row of a text that somebody brought; None for all others."""
    return CORPORA.get(name.partition("-")[0]) if shown_id(name) != name else None


def _corpus(config: RunConfig) -> str:
    row = _brought(config.corpus)
    return row[0] if row else config.corpus


def _train(config: RunConfig) -> list[str]:
    preset = config.preset if find_preset(config.preset) else DEFAULT_PRESET
    usual = preset_config(preset, corpus=config.corpus, seed=config.train.seed)
    begin = ["train", "--corpus", _corpus(config), "--preset", preset]
    return [*begin, "--seed", str(config.train.seed), *_changes(usual, config)]


def _finetune(config: RunConfig) -> list[str]:
    base = config.init == "base"
    usual = finetune_config(
        config, config.parent, config.task, config.num_examples, config.init, method=config.method
    )
    start = [BASE] if base else ["scratch", "--like", BASE]
    begin = ["finetune", *start, "--task", task(config), "--examples", str(config.num_examples)]
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
