"""The models of this lesson: three steps of a run's training, or of the recorded one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinylm.corpora import world_of
from tinylm.corpora.world.world import World, default_world
from tinylm.evaluation.narrowing import Beginning, beginnings
from tinylm.questions.words import KindChances, NextByKind, NextWhole, WholeOdds
from tinylm.recorded import kinds
from ui import state
from ui.asking import ask_all, service
from ui.bases import named
from ui.choosing import base_runs, choose_base

EARLY = 180  # the step where the early look is taken, or the saved step that is nearest to it
SENTENCES = 5  # of a kind, to choose from
TOP = 5  # words whose odds are shown
ASKED = NextByKind("", 0)


@dataclass(frozen=True)
class Looks:
    """What is compared: one training at up to three steps."""

    run: str  # "" for the recorded training
    whose: str  # how a sentence names the model
    steps: tuple[int, ...]
    world: World
    choice: bool = True  # whether there are runs to choose from

    def sentences(self, kind: str) -> Sequence[Beginning]:
        """The sentences of a kind that can be shown."""
        return beginnings(self.world, kind, SENTENCES if self.run else 1, ASKED.seed)

    def chances(self) -> Mapping[int, KindChances]:
        """The mean probability of fitting words at each step, as far as it is known."""
        if not self.run:
            return {one.step: one.chances for one in kinds().looks}
        questions = {step: NextByKind(self.run, step) for step in self.steps}
        return ask_all(questions, "Reading sentences of three kinds at three steps …")

    def odds(self, kind: str, text: str) -> Mapping[int, WholeOdds]:
        """The odds of the next word after `text` at each step, as far as they are known."""
        if not self.run:
            return {one.step: one.odds[kind] for one in kinds().looks}
        questions = {step: NextWhole(self.run, step, text, top=TOP) for step in self.steps}
        return ask_all(questions, "Reading words to their end …")


def choose_looks() -> Looks:
    """The base of the page at three steps; where there is none, the recorded training."""
    home = service().home
    runs = [run for run in base_runs() if world_of(run.corpus, home) is not None]
    base = choose_base(runs) if runs else None
    world = world_of(base.corpus, home) if base else None
    saved = service().checkpoints(base.id) if base else []
    if base is None or world is None or not saved:
        found = kinds()
        return Looks(
            "",
            "the recorded model",
            tuple(one.step for one in found.looks),
            default_world(),
            bool(runs),
        )
    return Looks(base.id, named(base, state.learner()), three_steps(saved), world)


def three_steps(saved: Sequence[int]) -> tuple[int, ...]:
    """Before the first step, early, and the last saved one; fewer where fewer are saved."""
    last = saved[-1]
    between = [step for step in saved if 0 < step < last] or [last]
    early = min(between, key=lambda step: abs(step - EARLY))
    return tuple(sorted({0, early, last}))
