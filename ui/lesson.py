"""The description of a lesson; the folder of each lesson in pages/ defines one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tinylm.recorded import minutes_of
from ui.frame import page_of

Parts = Callable[[Mapping[str, object]], Sequence[bool]]


@dataclass(frozen=True)
class Progress:
    """How many parts of a lesson a learner has done."""

    done: int
    of: int = 1

    @property
    def complete(self) -> bool:
        """Whether the whole lesson is done."""
        return self.done >= self.of

    @property
    def begun(self) -> str:
        """How far it is in words, "2 of 4 parts"; "" before the first part and after the last."""
        return f"{self.done} of {self.of} parts" if 0 < self.done < self.of else ""


@dataclass(frozen=True)
class Lesson:
    """One lesson, a step of the path."""

    name: str  # the name of its folder in pages/, and its address in the browser
    icon: str
    title: str
    learns: str
    go: str  # the label of the button that leads to it
    # Whether each of its parts is done, given the learner's answers. A part is done when its main
    # action was taken and the learner has seen what came of it.
    parts: Parts
    deepens: str = ""  # of an experiment: the lesson whose question it goes deeper into

    def progress(self, answers: Mapping[str, object]) -> Progress:
        """How far a learner with these answers is."""
        parts = self.parts(answers)
        return Progress(sum(parts), len(parts))

    @property
    def minutes(self) -> int | None:
        """How long it takes, as measured; None if nobody has measured it."""
        return minutes_of(self.name)

    @property
    def page(self) -> str:
        """The path of its page in the form that links and st.switch_page need."""
        return page_of(self.name)
