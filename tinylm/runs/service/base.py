"""What all parts of the service share: the home folder, its store, and who asks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tinylm import sharing
from tinylm.errors import Forbidden
from tinylm.learners import Viewer
from tinylm.process import own_token
from tinylm.runs.store import Store
from tinylm.runs.store.rows import RunRow
from tinylm.runs.work.execute import Context, Engine, execute_item, load_engine

S = TypeVar("S", bound="Base")

NO_NAME = (
    "This browser keeps no cookies, so nothing could be kept for you: allow cookies for this page, "
    "and load it again."
)


class Base:
    """The service of one viewer. Who has the computer, as in the terminal, may do everything.

    Whoever knows the id of a run may read it. Only its owner and the teacher may change it.
    """

    home: Path
    store: Store
    viewer: Viewer
    _engine: Engine | None
    _immediate: bool

    def seen_by(self: S, viewer: Viewer) -> S:
        """The same service, with the rights of this viewer and with lists of what is theirs."""
        seen = copy.copy(self)
        seen.viewer = viewer
        return seen

    def is_mine(self, owner: str) -> bool:
        """Whether what belongs to `owner` belongs to the viewer; to one who is alone, all does."""
        return self.viewer.alone or (bool(owner) and owner == self.viewer.name)

    def may_change(self, run: RunRow) -> bool:
        """Whether the viewer may steer, rename and delete this run."""
        return self.viewer.may_change_all or self.is_mine(run.owner)

    def announce(self) -> None:
        """Share what a new run or question may need, before a worker elsewhere can find it."""
        if not self._immediate:
            sharing.announce(self.home)

    def hand_over(self, item: str) -> None:
        """Do the work that now waits in the store at once, in tests; else a worker finds it."""
        if self._immediate:
            execute_item(self._context(), item)

    # Inside

    def _changeable(self, run_id: str) -> RunRow:
        """The run, which the viewer is about to change. Raises NotFound, and Forbidden."""
        run = self.store.run(run_id)
        if not self.may_change(run):
            raise Forbidden(
                "This run belongs to somebody else: you can look at it and start from its "
                "settings, but only its owner and the teacher can change it."
            )
        return run

    def _name(self) -> str:
        """The name under which something new is kept. Raises Forbidden where there is none."""
        if not self.viewer.name and not self.viewer.may_change_all:
            raise Forbidden(NO_NAME)
        return self.viewer.name

    def _listed(self) -> tuple[str, ...] | None:
        """Whose things the viewer's lists show: one's own and the class's; None: everybody's."""
        return None if self.viewer.alone else (self.viewer.name, "")

    def _context(self, stopping: Callable[[], bool] = lambda: False) -> Context:
        engine = self._engine or load_engine()
        return Context(self.home, self.store, engine, own_token(), stopping)
