"""The part of the service that starts runs and steers them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tinylm.config import RunConfig, with_changes
from tinylm.corpora import check_text
from tinylm.errors import BadRequest
from tinylm.events import Event
from tinylm.memory import check_memory
from tinylm.runs.adopting import check_parent
from tinylm.runs.cleaning import purge
from tinylm.runs.service.waiting import Waiting
from tinylm.runs.store.rows import RunRow
from tinylm.runs.work import supervisor
from tinylm.runs.work.execute import LR_FACTOR, run_claimed

LR_FACTORS = (0.0, 100.0)


class Steering(Waiting):
    """Starts, pauses, resumes, names and deletes runs. Raises Forbidden for those of others."""

    def start(self, config: RunConfig, title: str = "") -> str:
        """Queue a new run, which belongs to the viewer, and return its id.

        Raises BadRequest where the settings make no sense or too many runs wait already.
        """
        return self._start((config, title))[0]

    def start_pair(
        self, first: RunConfig, second: RunConfig, titles: tuple[str, str]
    ) -> tuple[str, str]:
        """Queue two runs that belong together, or neither. Raises BadRequest, as `start` does."""
        one, other = self._start((first, titles[0]), (second, titles[1]))
        return one, other

    def check_memory(self, *configs: RunConfig) -> None:
        """Raise BadRequest, with the numbers, where these runs together need more than is free.

        Nothing is known of workers that were started elsewhere.
        """
        if supervisor.wanted():
            check_memory(*configs)

    def pause(self, run_id: str) -> None:
        """Ask the run to save a checkpoint and free its worker; a queued run pauses at once."""
        self.store.wish(self._changeable(run_id).id, "pause")

    def single_step(self, run_id: str) -> None:
        """Ask for one more update, after which the run holds; a run at rest is resumed for it.

        Raises BadRequest where too many runs wait already.
        """
        self._changeable(run_id)
        if self.store.single_step(run_id, self._check_room):
            self.hand_over(run_id)

    def set_lr_factor(self, run_id: str, factor: float) -> None:
        """Multiply the learning rates of the schedule by `factor`, within a moment from now on.

        Raises BadRequest for a factor outside LR_FACTORS, and NotFound.
        """
        low, high = LR_FACTORS
        if not low <= factor <= high:
            raise BadRequest(f"The learning rate can be multiplied by {low:g} to {high:g}.")
        self.store.turn(self._changeable(run_id).id, LR_FACTOR, factor)

    def lr_factor(self, run_id: str) -> float:
        """The factor by which the schedule's learning rates are multiplied; 1.0 unless changed."""
        return self.store.dial(run_id, LR_FACTOR, 1.0)

    def stop(self, run_id: str) -> None:
        """Ask the run to save a checkpoint and end early; it can still be resumed."""
        self.store.wish(self._changeable(run_id).id, "stop")

    def resume(self, run_id: str) -> None:
        """Queue a paused, stopped, failed or interrupted run again.

        The run continues from its last checkpoint, or from the beginning where it has none. For
        a run that is still active, a pause or stop that has not happened yet is taken back. Raises
        BadRequest where too many runs wait already.
        """
        row = self._changeable(run_id)
        if row.resumable:
            self.check_memory(row.config)
        self.announce()
        if self.store.wish(run_id, "run", self._check_room):
            self.hand_over(run_id)

    def rename(self, run_id: str, title: str) -> None:
        """Give the run another title; an empty one restores the title made from its settings."""
        self.store.rename(self._changeable(run_id).id, title)

    def delete(self, run_id: str) -> None:
        """Remove the run and its files; a running one stops first. Runs made from it are kept."""
        if self.store.delete_run(self._changeable(run_id).id):
            purge(self.home, self.store, run_id)

    def run_here(
        self,
        config: RunConfig,
        title: str = "",
        on_event: Callable[[Event], None] | None = None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> RunRow:
        """Carry out a run in this process, for the terminal; pages show it and can pause it.

        `interrupted` is called between steps; once it returns True, the run saves a checkpoint
        and ends. Returns the run as it is at the end. Raises BadRequest.
        """
        config = self._checked(config)
        check_memory(config)
        context = self._context(interrupted)
        claim = self.store.create_claimed(config, title, self._name(), context.worker)
        run_claimed(context, claim, on_event)
        return self.store.run(claim.run_id)

    def resume_here(
        self,
        run_id: str,
        on_event: Callable[[Event], None] | None = None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> RunRow:
        """Go on with a run in this process, as `run_here` does; also with one that still waits.

        Raises NotFound, and BadRequest for a run that is done or that somebody works on.
        """
        row = self._changeable(run_id)
        if not row.resumable and row.status != "queued":
            raise BadRequest(f"The run {run_id!r} is {row.status}: there is nothing to resume.")
        check_memory(row.config)
        context = self._context(interrupted)
        self.store.wish(run_id, "run")
        claim = self.store.claim_run(run_id, context.worker)
        if claim is None:
            raise BadRequest(f"A worker has just taken the run {run_id!r}: watch it on its page.")
        run_claimed(context, claim, on_event)
        return self.store.run(run_id)

    # Inside

    def _start(self, *wanted: tuple[RunConfig, str]) -> list[str]:
        """Queue new runs, settings and titles, or none of them; returns their ids."""
        owner = self._name()
        checked = [(self._checked(config), title) for config, title in wanted]
        self.check_memory(*(config for config, _ in checked))
        self.announce()
        room = partial(self._check_room, number=len(checked))
        run_ids = self.store.create_runs(checked, owner, room)
        for run_id in run_ids:
            self.hand_over(run_id)
        return run_ids

    def _checked(self, config: RunConfig) -> RunConfig:
        """The settings of a new run. Raises BadRequest where they make no sense."""
        config.check()
        check_parent(config, self.store)
        check_text(config.corpus, self.home, config.text)
        return self._from_best(config)

    def _from_best(self, config: RunConfig) -> RunConfig:
        """A fine-tuning that names no step begins at the best one, where that is not the last."""
        if config.kind != "finetune" or config.init != "base" or config.parent_step >= 0:
            return config
        best, saved = self.best_step(config.parent), self.checkpoints(config.parent)
        if best is None or best == saved[-1]:
            return config
        return with_changes(config, {"parent_step": best})
