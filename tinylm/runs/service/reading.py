"""The part of the service that reads runs."""

from __future__ import annotations

from pathlib import Path

from tinylm import home as places
from tinylm.errors import Forbidden
from tinylm.events import CurvePoint, EvalDone
from tinylm.runs.best import best_step
from tinylm.runs.cleaning import folder_size
from tinylm.runs.service.base import Base
from tinylm.runs.store.history import E, Told
from tinylm.runs.store.rows import RunRow, WorkerRow


class Reading(Base):
    """Lists the viewer's runs, and reads any run whose id is known."""

    def run(self, run_id: str) -> RunRow:
        """The run as it is now. Raises NotFound."""
        return self.store.run(run_id)

    def runs(
        self,
        kind: str | None = None,
        limit: int = 200,
        experiment: str | None = "",
        owner: str | None = None,
    ) -> list[RunRow]:
        """The viewer's runs and those of the whole class, newest first; everybody's for one alone.

        `kind` and `experiment` are as `RunStore.runs` says, so that the runs of experiments are
        there only if asked for. With `owner` it is the runs of that learner, as far as the viewer
        may list them.
        """
        owners = self._listed()
        if owner is not None:
            allowed = owners is None or owner in owners or self.viewer.teacher
            owners = (owner,) if allowed else ()
        return self.store.runs(kind, limit, experiment, owners)

    def everybodys_runs(self, limit: int = 1000) -> list[RunRow]:
        """The runs of the whole class, also those of experiments, newest first.

        Raises Forbidden, unless the viewer may change them as well.
        """
        if not self.viewer.may_change_all:
            raise Forbidden("Only the teacher sees everybody's runs: the Runs page lists yours.")
        return self.store.runs(None, limit, None)

    def curve(self, run_id: str, max_points: int = 300) -> tuple[CurvePoint, ...]:
        """The curve of the training, as at most `max_points` points in the order of steps."""
        return self.store.curve(run_id, max_points)

    def evals(self, run_id: str) -> tuple[EvalDone, ...]:
        """The validations, in the order of steps."""
        return self.store.told(run_id).evals

    def latest(self, run_id: str, kind: type[E]) -> E | None:
        """The newest event of one kind; None where there is none."""
        return self.store.latest(run_id, kind)

    def told(self, run_id: str) -> Told:
        """All events that a page shows of a run, apart from its steps."""
        return self.store.told(run_id)

    def stage(self, run_id: str) -> str:
        """What the run is preparing at the moment, in words; "" once its steps have begun."""
        return self.store.stage(run_id)

    def checkpoints(self, run_id: str) -> list[int]:
        """The steps at which checkpoints were saved, in ascending order."""
        return self.store.checkpoints(run_id)

    def best_step(self, run_id: str) -> int | None:
        """The checkpoint that pages use unless told otherwise; None where nothing is saved yet.

        In pre-training it is the one with the best validation (tinylm/runs/best.py). What is held
        out of a task must not choose a model, so for a fine-tuning it is the last one.
        """
        saved = self.checkpoints(run_id)
        if not saved:
            return None
        told = self.told(run_id)
        if told.started is None or self.run(run_id).kind != "pretrain":
            return saved[-1]
        return best_step(saved, told.evals, told.started.val_tokens)

    def run_dir(self, run_id: str) -> Path:
        return places.run_dir(self.home, self.store.run(run_id).id)

    def disk_usage(self, run_id: str = "") -> int:
        """Bytes of the files of one run, or of all that belong to the viewer where it is ""."""
        if run_id:
            return folder_size(self.run_dir(run_id))
        if self.viewer.alone:
            return folder_size(places.runs_dir(self.home))
        mine = self.store.runs(None, 1000, None, (self.viewer.name,)) if self.viewer.name else []
        return sum(folder_size(places.run_dir(self.home, run.id)) for run in mine)

    def workers(self) -> list[WorkerRow]:
        """The worker processes that are alive; without any, queued runs and jobs keep waiting."""
        return self.store.workers()
