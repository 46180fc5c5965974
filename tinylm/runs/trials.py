"""Carries out an experiment with one seed: its runs one after the other, and their figures.

Nothing is kept here: what was trained and measured is found in the store, by settings. A reload,
another tab or a restart therefore goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from msgspec.structs import replace

from tinylm.config import RunConfig
from tinylm.experiments.base import Arm, Experiment
from tinylm.questions.experiments import Figures, Look, Measured
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow

# Two tabs of a learner, which look at the same moment, begin a run once.
_ADVANCING = Lock()


@dataclass(frozen=True)
class ArmState:
    """How far one arm is."""

    arm: Arm
    run: RunRow | None = None
    looks: Mapping[int, Measured] = field(default_factory=dict)  # by step, in ascending order
    measured: Measured | None = None  # at the end of its training
    error: str = ""  # why it cannot go on

    @property
    def trained(self) -> bool:
        return self.run is not None and self.run.status == "done"

    @property
    def training(self) -> bool:
        """Whether its run, trained for this experiment, waits or trains."""
        return self._own is not None and self._own.active

    @property
    def halted(self) -> bool:
        """Whether somebody stopped or paused its training, here or elsewhere."""
        return self._own is not None and self._own.status in ("stopped", "paused")

    @property
    def _own(self) -> RunRow | None:
        """Its run, unless that is a base that was there already."""
        return self.run if self.run is not None and self.run.config.experiment else None


class Trials:
    """The arms of an experiment with one seed, for one learner.

    `base` is the run that an experiment `of_base` measures, and the first parent of arms that
    name none of its arms.
    """

    def __init__(
        self,
        service: Service,
        experiment: Experiment,
        seed: int,
        base: RunRow | None = None,
    ) -> None:
        self._service, self._experiment = service, experiment
        self._seed, self._base = seed, base

    def states(self) -> list[ArmState]:
        """Every arm as it is now, in the order of the experiment."""
        rows = self._rows()
        found: list[ArmState] = []
        for arm in self._experiment.arms:
            run = self._run(arm, rows, found)
            found.append(ArmState(arm) if run is None else self._measured(arm, run))
        return found

    def advance(self, *, retry: bool = False) -> list[ArmState]:
        """Begin what comes next, unless it goes on already; returns the arms as they are then.

        One run trains at a time; the figures of a run are measured while the next one trains. With
        `retry`, what failed is tried again, and what somebody stopped goes on.
        """
        with _ADVANCING:
            states = self.states()
            for state in states:
                if (state.error or state.halted) and not retry:
                    break
                if self._moves_on(state, states, retry):
                    return self.states()
                if state.run is not None and state.run.active:
                    break
            return states

    def settings(self, arm: Arm) -> RunConfig | None:
        """The settings of an arm's run; None while the run before it is not trained."""
        before = self.states() if arm.after else []
        return self._config(arm, before)

    def questions(self, arm: Arm, run: RunRow) -> dict[int, Look | Figures]:
        """What can be asked of an arm's run, by step: looks on the way, and figures at the end."""
        name, end = self._experiment.name, self._end(arm, run)
        found: dict[int, Look | Figures] = {}
        if not self._given(arm):
            for step in self._service.checkpoints(run.id):
                found[step] = Look(name, arm.name, run.id, step, self._seed)
        if end is not None:
            found[end] = Figures(name, arm.name, run.id, end, self._seed)
        return found

    def stop(self) -> None:
        """Stop the run that trains; it can be resumed. Take back what waits to be measured."""
        for state in self.states():
            if state.run is not None and state.run.active and not self._given(state.arm):
                self._service.stop(state.run.id)
        waiting = [job.id for job in self._service.known_all(self._asked()).values()]
        self._service.take_back(waiting)

    # Inside

    def _rows(self) -> list[RunRow]:
        return self._service.runs(experiment=self._experiment.name, owner=self._service.viewer.name)

    def _run(self, arm: Arm, rows: Sequence[RunRow], before: Sequence[ArmState]) -> RunRow | None:
        """The newest run of an arm; None if it was not begun."""
        if self._given(arm):
            return self._base
        config = self._config(arm, before)
        if config is None:
            return None
        # The step to begin from is filled in when a run is started.
        return next((r for r in rows if replace(r.config, parent_step=-1) == config), None)

    def _config(self, arm: Arm, before: Sequence[ArmState]) -> RunConfig | None:
        """The settings of an arm's run; None while the run before it is not trained."""
        if not arm.after:
            return self._experiment.config(arm, self._seed)
        parent = next((one for one in before if one.arm.name == arm.after), None)
        if parent is None or parent.run is None or not parent.trained:
            return None
        return self._experiment.config(arm, self._seed, (parent.run.id, parent.run.config))

    def _measured(self, arm: Arm, run: RunRow) -> ArmState:
        """What is known of an arm's run."""
        asked = self.questions(arm, run)
        jobs = self._service.known_all(asked)
        answers = {step: job.answer for step, job in jobs.items() if job.answer is not None}
        end = self._end(arm, run)
        errors = [run.error] + [job.error for job in jobs.values()]
        return ArmState(
            arm,
            run,
            {step: answers[step] for step in sorted(answers) if step != end},
            answers.get(end) if end is not None else None,
            next((one for one in errors if one), ""),
        )

    def _given(self, arm: Arm) -> bool:
        """Whether the run of an arm is one that is there already, and not trained for it."""
        return self._experiment.of_base and not arm.after

    def _end(self, arm: Arm, run: RunRow) -> int | None:
        """The checkpoint that is measured in the end; None while the run trains."""
        if self._given(arm):
            return self._service.best_step(run.id)
        return run.config.train.steps if run.status == "done" else None

    def _moves_on(self, state: ArmState, states: Sequence[ArmState], retry: bool) -> bool:
        """Do what an arm needs next; whether its state has changed by that."""
        arm, run = state.arm, state.run
        if run is None:
            config = self._config(arm, states)
            if config is None:
                return False
            title = f"{self._experiment.title}: {arm.title}"
            self._service.start(config, title)
            return True
        if run.resumable and not self._given(arm):
            self._service.resume(run.id)
            return True
        if state.measured is None:
            self._service.ask_all(self.questions(arm, run), retry=retry)
        return False

    def _asked(self) -> dict[tuple[str, int], Look | Figures]:
        return {
            (state.arm.name, step): question
            for state in self.states()
            if state.run is not None
            for step, question in self.questions(state.arm, state.run).items()
        }
