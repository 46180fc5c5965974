"""The description of a lesson; the folder of each lesson in pages/ defines one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tinylm.recorded import minutes_of
from tinylm.runs.store.rows import RunRow
from ui.frame import page_of

Done = Callable[[Sequence[RunRow], Mapping[str, object]], bool]


@dataclass(frozen=True)
class Lesson:
    """One lesson, a step of the path."""

    name: str  # the name of its folder in pages/, and its address in the browser
    icon: str
    title: str
    learns: str
    go: str  # the label of the button that leads to it
    done: Done  # whether a learner did it, given all runs and the learner's answers

    @property
    def minutes(self) -> int | None:
        """How long it takes, as measured; None if nobody has measured it."""
        return minutes_of(self.name)

    @property
    def page(self) -> str:
        """The path of its page in the form that links and st.switch_page need."""
        return page_of(self.name)


def trained(runs: Sequence[RunRow], kind: str) -> bool:
    """Whether a run of this kind has finished."""
    return any(run.kind == kind and run.status == "done" for run in runs)
