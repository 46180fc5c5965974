"""What a lesson says of itself; each folder of pages/ has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tinylm.runs.store.rows import RunRow
from ui.frame import page_of

Done = Callable[[Sequence[RunRow], Mapping[str, object]], bool]


@dataclass(frozen=True)
class Lesson:
    """One step of the path."""

    name: str  # its folder in pages/, and its address
    icon: str
    title: str
    learns: str
    go: str  # what the button that leads to it says
    done: Done  # whether a learner did it, from the finished runs and the learner's answers

    @property
    def page(self) -> str:
        """Its place, as links and st.switch_page want it."""
        return page_of(self.name)


def trained(runs: Sequence[RunRow], kind: str) -> bool:
    """Whether a run of this kind was brought to its end."""
    return any(run.kind == kind and run.status == "done" for run in runs)
