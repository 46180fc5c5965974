"""Deletes all that belongs to a learner: because the learner wants it, or after a long absence."""

from __future__ import annotations

import logging
import os
from contextlib import suppress

from tinylm.errors import BadRequest, NotFound, TinylmError
from tinylm.learners import Viewer
from tinylm.runs.service import Service

VARIABLE = "TINYLM_KEEP_DAYS"
DAY = 24 * 3600.0  # seconds
MOST = 100_000  # runs that are looked for

log = logging.getLogger("tinylm.server")


def keep_days() -> float:
    """After how many days of absence a learner is forgotten; 0: never. Raises BadRequest."""
    chosen = os.environ.get(VARIABLE, "").strip() or "0"
    try:
        days = float(chosen)
    except ValueError:
        days = -1.0
    if not 0 <= days <= 36_500:
        raise BadRequest(f"{VARIABLE} must be a number of days, or 0; got {chosen!r:.40}.")
    return days


def forget(service: Service, name: str) -> None:
    """Delete a learner's runs with their files, texts, tasks and answers, and the learner."""
    if not name:
        return
    theirs = service.seen_by(Viewer(name, alone=False))
    for run in service.store.runs(None, MOST, None, (name,)):
        with suppress(NotFound):  # deleted at this moment
            theirs.delete(run.id)
    # Mixtures go before the texts that they hold.
    mine = sorted(service.store.belongings((name,)), key=lambda one: one.kind != "mixture")
    for one in mine:
        try:
            (theirs.delete_task if one.kind == "task" else theirs.delete_corpus)(one.name)
        except NotFound:  # its file is gone
            service.store.let_go(one.name, name)
    service.store.forget_learner(name)


def forget_absent(service: Service, days: float, now: float) -> list[str]:
    """Forget the learners who were not here for so many days; returns their names.

    For those who came before visits were noted, the time begins now. One who cannot be forgotten
    holds up no other, and has another turn the next time.
    """
    if not days:
        return []
    seen = {one.name: one.seen for one in service.store.learners()}
    for name in service.store.owners() - set(seen):
        service.store.meet(name)
    gone = []
    for name in [name for name, when in seen.items() if when < now - days * DAY]:
        try:
            forget(service, name)
        except (TinylmError, OSError) as error:
            log.warning("a learner could not be forgotten: %s", error)
        else:
            gone.append(name)
    return gone
