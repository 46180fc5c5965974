"""Deletes all that belongs to a learner: because the learner wants it, or after a long absence."""

from __future__ import annotations

import logging
import os
from contextlib import suppress

from tinylm import storage
from tinylm.corpora.sources.own_worlds import delete_world, owners_of_worlds, rename_owners
from tinylm.errors import BadRequest, NotFound, TinylmError
from tinylm.export.kept import forget_reader, forget_shared
from tinylm.learners import Viewer
from tinylm.runs.belongings import needed, one_after_another
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
    """Delete a learner's runs with their files, texts, tasks and answers, and the learner.

    What cannot be deleted keeps nothing else from going, and stays in the list of this learner, so
    that it is tried again. Raises StorageError for it in the end.
    """
    if not name:
        return
    theirs = service.seen_by(Viewer(name, alone=False))
    for run in service.store.runs(None, MOST, None, (name,)):
        with suppress(NotFound):  # deleted at this moment
            theirs.delete(run.id)
    left: list[TinylmError] = []
    forget_reader(service.home, name)
    if storage.wanted():
        service.store.note_gone("learner", name)
        try:
            forget_shared(name)
        except TinylmError as error:
            left.append(error)
    # Mixtures go before the texts that they hold.
    mine = sorted(service.store.belongings((name,)), key=lambda one: one.kind != "mixture")
    for one in mine:
        try:
            (theirs.delete_task if one.kind == "task" else theirs.delete_corpus)(one.name)
        except NotFound:  # its file is gone
            service.store.let_go(one.name, name)
        except TinylmError as error:
            left.append(error)
    _forget_worlds(service, name)
    service.store.forget_learner(name)
    if left:
        raise left[0]


def _forget_worlds(service: Service, name: str) -> None:
    """Delete the worlds of a learner that are in no list, and that no run or mixture reads.

    The others lose their owner: somebody else has them in a list, or trains on them.
    """
    with one_after_another(service.home):
        kept = needed(service.home, service.store)
        mine = [one for one, owner in owners_of_worlds(service.home).items() if owner == name]
        for world in mine:
            if world not in kept:
                with suppress(NotFound):
                    delete_world(world, service.home, kept)
        rename_owners(service.home, {name: ""})


def forget_absent(service: Service, days: float, now: float) -> list[str]:
    """Forget the learners who were not here for so many days; returns their names.

    For those who came before visits were noted, the time begins now. One who cannot be forgotten
    holds up no other, and has another turn the next time. What browsers without cookies asked
    before that time goes as well. Only for a server for many.
    """
    if not days:
        return []
    service.store.forget_nameless(now - days * DAY)
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
