"""The end of a class: all runs stop, and everything of all learners is deleted."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from tinylm.errors import NotFound, TinylmError
from tinylm.runs.forgetting import MOST, forget
from tinylm.runs.service import Service
from tinylm.runs.store.line import MANY
from tinylm.runs.store.people import NUMBERS


@dataclass(frozen=True)
class Belongs:
    """How much belongs to the learners of a class."""

    learners: int
    runs: int
    things: int  # texts, worlds, mixtures and tasks
    answers: int
    questions: int  # with what was typed for them


@dataclass(frozen=True)
class Closed:
    """What was deleted, and what was not."""

    deleted: Belongs
    stopped: int  # runs that trained or waited
    problems: tuple[str, ...] = ()  # why something of a learner is still there, in sentences


def learners_of(service: Service, keep: Collection[str]) -> list[str]:
    """All who own something or were here, without those to keep."""
    known = {one.name for one in service.store.learners()} | service.store.owners()
    return sorted(known - {"", *keep})


def is_class(service: Service) -> bool:
    """Whether the server is for many: where it is one person's, all without a name is theirs."""
    return service.store.note(MANY) is True


def what_belongs(service: Service, names: Collection[str]) -> Belongs:
    """How much these learners have; in a class, with the questions of browsers without cookies."""
    store, owners = service.store, tuple(names)
    nameless = store.count_nameless() if is_class(service) else 0
    if not owners:
        return Belongs(0, 0, 0, 0, nameless)
    runs = len(store.runs(None, MOST, None, owners))
    answers = sum(len(store.answers(name)) for name in owners)
    questions = store.count_questions(owners) + nameless
    return Belongs(len(owners), runs, len(store.belongings(owners)), answers, questions)


def close(service: Service, keep: Collection[str]) -> Closed:
    """Stop all runs, and delete everything of all learners but those to keep.

    What belongs to the class as a whole stays; what browsers without cookies asked goes. Raises
    StorageError.
    """
    store = service.store
    active = [run for run in store.runs(None, MOST, None) if run.active]
    for run in active:
        with suppress(NotFound):  # deleted at this moment
            store.wish(run.id, "stop")
    names = learners_of(service, keep)
    before = what_belongs(service, names)
    # A mixture of one learner may hold a text of another: that one goes in the second round.
    failed = _forget_all(service, list(_forget_all(service, names)))
    if is_class(service):
        store.forget_nameless()
    store.set_note(NUMBERS, None)  # the next class begins at one
    left = what_belongs(service, list(failed))
    deleted = Belongs(
        before.learners - left.learners,
        before.runs - left.runs,
        before.things - left.things,
        before.answers - left.answers,
        before.questions - left.questions,
    )
    return Closed(deleted, len(active), tuple(sorted(set(failed.values()))))


def _forget_all(service: Service, names: Collection[str]) -> dict[str, str]:
    """Delete what these learners have; the sentences of those where it failed, by name."""
    failed = {}
    for name in names:
        try:
            forget(service, name)
        except TinylmError as error:
            failed[name] = str(error)
    return failed
