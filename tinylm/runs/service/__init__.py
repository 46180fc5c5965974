"""The object that pages and the terminal use to start runs, to steer them and to read them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tinylm import home as places
from tinylm.learners import Viewer
from tinylm.runs.belongings import adopt_files
from tinylm.runs.cleaning import catch_up
from tinylm.runs.service.asking import Asking
from tinylm.runs.service.giving import Giving
from tinylm.runs.service.owning import Owning
from tinylm.runs.service.people import Answering
from tinylm.runs.service.steering import Steering
from tinylm.runs.store import Store
from tinylm.runs.store.history import Recent
from tinylm.runs.teachers import Teachers
from tinylm.runs.work.execute import Engine

__all__ = ["Service"]


class Service(Steering, Asking, Owning, Giving, Answering):
    """The runs and jobs of one home folder. Thread-safe: make one per process and keep it.

    With `immediate`, every run and job is done at once in the calling thread, for tests of pages.
    Methods raise StorageError where the database cannot be used.
    """

    def __init__(
        self,
        home: Path,
        *,
        url: str = "",
        engine: Engine | None = None,
        immediate: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.viewer = Viewer()
        self._askers, self._lines = {}, Recent()
        places.make_home(home)
        self.home = home
        self.url = url or places.database_url(home)
        self.store = Store(self.url, clock=clock)
        self.teachers = Teachers(self.store)
        self._engine = engine
        self._immediate = immediate
        catch_up(home, self.store)
        adopt_files(home, self.store)

    def close(self) -> None:
        self.store.close()
