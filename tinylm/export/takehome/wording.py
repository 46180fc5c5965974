"""What a run is, in sentences and rows for people, as both files say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_type_hints

from tinylm.config import SETTINGS, ModelConfig, RunConfig
from tinylm.corpora import info
from tinylm.corpora.corpus import CorpusInfo
from tinylm.errors import TinylmError
from tinylm.evaluation.tasks import task as find_task
from tinylm.home import shown_id, without_names

SAID = ("corpus", "preset", "kind", "init", "method", "parent", "task")  # the sentences say these
Titles = Mapping[str, str]  # the reader's, by the names of texts and own tasks
DELETED = "a task that was deleted"
WAYS = {
    "full": "moving all of its weights",
    "lora": "with low-rank adapters",
    "reward": "by rewards for right answers",
}


def text_of(config: RunConfig, home: Path, titles: Titles) -> CorpusInfo:
    """What is known of the text that a run read; of one that was deleted, its short name."""
    try:
        found = info(config.corpus, home)
        title = without_names(titles.get(config.corpus, found.title))
        made_of = without_names(found.provenance)  # that of a mixture names its parts
        return replace(found, title=title, provenance=made_of)
    except TinylmError:
        gone = "This text was deleted after the training."
        return CorpusInfo(config.corpus, shown_id(config.corpus), gone, "unknown", "unknown")


def task_title(config: RunConfig, name: str, home: Path, titles: Titles) -> str:
    """A task as people know it: the name of an own one is a hash."""
    try:
        return titles.get(name) or find_task(config.corpus, name, home).title
    except TinylmError:
        return DELETED


def made(config: RunConfig, step: int, text: CorpusInfo, home: Path, titles: Titles) -> str:
    """One sentence: what the model began as, and what it learned from."""
    if step == 0:
        return "It was not trained: its weights are random."
    if config.kind == "pretrain":
        return (
            f"It was pre-trained on the text “{text.title}” for {step:,} steps, and on nothing "
            "else."
        )
    if config.init == "base":
        began = f"It began as a model that had read the text “{text.title}”. It"
    else:
        began = "It began with random weights. It"
    examples = f"{config.num_examples:,} examples of the task"
    task = task_title(config, config.task, home, titles)
    return f"{began} then learned {examples} “{task}”, {WAYS[config.method]}."


def looks(config: RunConfig, step: int) -> str:
    """Which kind of model this is, by which it gets its colour."""
    if step == 0:
        return "untrained"
    if config.kind == "pretrain":
        return "base"
    return "fine-tuned" if config.init == "base" else "scratch"


def settings(config: RunConfig, shape: ModelConfig) -> list[tuple[str, str]]:
    """The shape, and all other settings that are not as they are by default, in words."""
    usual, shaped = RunConfig(), RunConfig(model=shape)
    always = (*get_type_hints(ModelConfig), "steps", "batch_size", "seed")
    return [
        (f"{row.label} ({name})", str(row.of(shaped if row.part == "model" else config)))
        for name, row in SETTINGS.items()
        if name in always or (name not in SAID and row.of(config) != row.of(usual))
    ]
