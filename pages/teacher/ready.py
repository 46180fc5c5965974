"""Ready plans of a lesson: which steps a class walks, when, and what everybody does in each.

They stand in ready.txt, and are the plans of docs/teaching.md, which also has the questions to ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pages.registry import EXPERIMENTS_PATH, LESSONS, OWN_TASK_PATH

EXPERIMENT = "An experiment, on the projector"
WITHOUT = ("Start", "break", "the board")  # steps on no page that a plan could hide
SECONDS = 20  # that the first run of both plans takes
# what a plan can show or hide, by its path
PAGES = {one.name: one.title for one in LESSONS} | {
    EXPERIMENTS_PATH: "Experiments",
    OWN_TASK_PATH: "Your own task",
}
PATHS = {one.title: one.name for one in LESSONS} | {EXPERIMENT: EXPERIMENTS_PATH}


@dataclass(frozen=True)
class Step:
    """What a class does in some minutes of the lesson."""

    begins: int  # minutes
    ends: int
    name: str  # the title of a page, and how it is used
    does: str  # Markdown

    @property
    def path(self) -> str:
        """The path of its page; "" for a break, and for pages that everybody always sees."""
        return PATHS.get(self.name) or PATHS.get(self.name.partition(",")[0], "")


@dataclass(frozen=True)
class ReadyPlan:
    """A lesson from its first minute to its last."""

    title: str
    steps: tuple[Step, ...]
    seconds: int = SECONDS  # that a run may take

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.steps[-1].ends

    @property
    def lessons(self) -> list[str]:
        """The paths of its pages, each once, in the order of the steps."""
        return list(dict.fromkeys(step.path for step in self.steps if step.path))


def _steps(lines: Iterable[str]) -> tuple[Step, ...]:
    """The steps in lines such as `0 to 5 | Start | changes the examples`."""
    found = []
    for line in lines:
        minutes, name, does = (part.strip() for part in line.split("|"))
        begins, ends = map(int, re.findall(r"\d+", minutes))
        found.append(Step(begins, ends, name, does))
    return tuple(found)


def _plans(text: str) -> Iterator[ReadyPlan]:
    """Plans that stand one after another, each below a line with its title."""
    for part in filter(None, text.split("# ")):
        title, *lines = part.strip().splitlines()
        yield ReadyPlan(title, _steps(lines))


READY: Sequence[ReadyPlan] = tuple(_plans(Path(__file__).with_suffix(".txt").read_text("utf-8")))
