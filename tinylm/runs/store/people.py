"""The people of a class in the store: who was here, and what holds for all of them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from tinylm.codec import decode, encode
from tinylm.errors import BadRequest
from tinylm.questions.corpora import Download
from tinylm.questions.registry import LASTING_KINDS
from tinylm.runs.store.database import Database, twice
from tinylm.runs.store.tables import answers, belongings, jobs, learners, notes, runs, turns

GONE = "gone/"  # how the notes begin of what was deleted, for homes on other machines
GONE_FOR = 90 * 24 * 3600.0  # seconds for which they are kept: a machine may be off for so long
NUMBERS = "class/numbers"  # the note that holds the numbers given, by name, and the next one

# Questions of browsers without cookies. Nobody types for what is measured of a model, or for a
# download; these stay, because they are of use to the whole class.
_NAMELESS = (
    jobs.c.owner == "",
    jobs.c.kind.not_in((*LASTING_KINDS, str(Download.__struct_config__.tag))),
)


@dataclass(frozen=True)
class LearnerRow:
    """One learner. Times are seconds since 1970."""

    name: str
    shown: str  # how the learner wants to be called; "" for none
    place: str  # the path of the page seen last
    created: float
    seen: float


Gone = Literal["run", "learner"]


class People:
    """The part of the store that knows learners."""

    _db: Database
    _clock: Callable[[], float]

    @twice
    def meet(self, name: str, place: str = "") -> None:
        """Note that a learner is here now, at the page of this path."""
        now = self._clock()
        with self._db.write() as connection:
            mine = update(learners).where(learners.c.name == name)
            if not connection.execute(mine.values(place=place, seen=now)).rowcount:
                new = {"name": name, "place": place, "created": now, "seen": now}
                connection.execute(insert(learners).values(**new))

    def call(self, name: str, shown: str) -> None:
        """Note how a learner wants to be called."""
        self._db.change(update(learners).where(learners.c.name == name).values(shown=shown))

    def learners(self) -> list[LearnerRow]:
        """Everybody who was here, those seen last first."""
        query = select(learners).order_by(learners.c.seen.desc(), learners.c.name)
        with self._db.read() as connection:
            return [LearnerRow(**row._mapping) for row in connection.execute(query)]

    def learner(self, name: str) -> LearnerRow | None:
        """What is known of one learner; None where nobody of this name was here."""
        with self._db.read() as connection:
            found = connection.execute(select(learners).where(learners.c.name == name)).first()
        return None if found is None else LearnerRow(**found._mapping)

    def knows(self, name: str) -> bool:
        """Whether this learner was here before."""
        return self.learner(name) is not None

    def numbers(self, people: Sequence[LearnerRow]) -> dict[str, int]:
        """The number of each of these learners; it stays when others come and go."""
        came = [one.name for one in sorted(people, key=lambda one: (one.created, one.name))]
        kept = _numbers_in(self.note(NUMBERS))
        if not set(came) <= set(kept.given):
            kept = _numbers_in(self.change_note(NUMBERS, lambda now: _with_all(now, came)))
        return {name: kept.given[name] for name in came}

    def owners(self) -> set[str]:
        """Everybody to whom something belongs, apart from the whole class."""
        with self._db.read() as connection:
            found = {
                owner
                for table in (runs, answers, belongings)
                for owner in connection.scalars(select(table.c.owner).distinct())
            }
        return found - {""}

    def count_questions(self, owners: Collection[str]) -> int:
        """How many questions of these learners are kept, with what they typed."""
        return self._count(jobs.c.owner.in_(owners))

    def forget_learner(self, name: str) -> None:
        """Remove a learner's answers, turns and questions, and that the learner was here.

        Questions quote what was written, also where they are about the model of somebody else.
        Whoever waits for the answer to the same question asks it anew.
        """
        with self._db.write() as connection:
            for table in (answers, turns, jobs):
                connection.execute(delete(table).where(table.c.owner == name))
            connection.execute(delete(learners).where(learners.c.name == name))
            numbers = _numbers_in(_note_in(connection, NUMBERS))
            if numbers.given.pop(name, None) is not None:  # nobody gets this number again
                self._keep_note(connection, NUMBERS, numbers.told())

    def count_nameless(self) -> int:
        """How many questions are kept of browsers without cookies, with what was typed there."""
        return self._count(*_NAMELESS)

    def forget_nameless(self, before: float = math.inf) -> None:
        """Remove the questions that browsers without cookies asked before this time.

        Questions of the terminal have no name either: whoever needs the answer asks anew.
        """
        old = () if before == math.inf else (jobs.c.created < before,)
        self._db.change(delete(jobs).where(*_NAMELESS, *old))

    def forget_questions(self, name: str) -> None:
        """Remove the questions about a text or task that is gone: their answers may quote it."""
        about = jobs.c.question.contains(f'"{name}"', autoescape=True)
        self._db.change(delete(jobs).where(about))

    # What holds for all

    @twice
    def set_note(self, key: str, value: object) -> None:
        """Keep plain data that holds for the whole class; None removes it."""
        with self._db.write() as connection:
            self._keep_note(connection, key, value)

    @twice
    def change_note(self, key: str, change: Callable[[object], object]) -> object:
        """Replace a note by what `change` makes of it; no change of others comes between."""
        with self._db.write() as connection:
            value = change(_note_in(connection, key))
            self._keep_note(connection, key, value)
        return value

    def note(self, key: str) -> object:
        """What was kept under this key; None where nothing was, or where it is damaged."""
        with self._db.read() as connection:
            return _note_in(connection, key)

    # What other homes have still to delete

    def note_gone(self, what: Gone, name: str) -> None:
        """Note that a run or a learner was deleted; notes of what went long ago are removed."""
        key = GONE + hashlib.sha256(f"{what}/{name}".encode()).hexdigest()[:32]
        old = and_(notes.c.key.startswith(GONE), notes.c.time < self._clock() - GONE_FOR)
        with self._db.write() as connection:
            connection.execute(delete(notes).where(old))
            self._keep_note(connection, key, [what, name])

    def gone(self, since: float) -> list[tuple[Gone, str, float]]:
        """What was deleted after `since`: its kind, its name, and when, in seconds since 1970."""
        query = select(notes.c.value, notes.c.time).where(
            notes.c.key.startswith(GONE), notes.c.time > since
        )
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        found: list[tuple[Gone, str, float]] = []
        for text, when in rows:
            with suppress(BadRequest):
                found.append((*decode(text, tuple[Gone, str]), when))
        return found

    def _count(self, *which: ColumnElement[bool]) -> int:
        """How many questions are kept of which all this holds."""
        query = select(func.count()).select_from(jobs).where(*which)
        with self._db.read() as connection:
            return connection.scalar(query) or 0

    def _keep_note(self, connection: Connection, key: str, value: object) -> None:
        connection.execute(delete(notes).where(notes.c.key == key))
        if value is not None:
            new = {"key": key, "value": encode(value), "time": self._clock()}
            connection.execute(insert(notes).values(**new))


def _note_in(connection: Connection, key: str) -> object:
    found = connection.scalar(select(notes.c.value).where(notes.c.key == key))
    if found is not None:
        with suppress(BadRequest):
            return decode(found, object)
    return None


@dataclass(frozen=True)
class _Numbers:
    """The numbers that learners have, and the one that comes next."""

    given: dict[str, int]
    next: int

    def told(self) -> dict[str, object]:
        return {"given": self.given, "next": self.next}


def _numbers_in(note: object) -> _Numbers:
    """The numbers in a note; none where it is damaged."""
    found = note if isinstance(note, dict) else {}
    listed = found.get("given")
    given = {
        str(name): number
        for name, number in (listed if isinstance(listed, dict) else {}).items()
        if isinstance(number, int) and number > 0
    }
    following = found.get("next")
    least = max(given.values(), default=0) + 1
    return _Numbers(given, max(least, following if isinstance(following, int) else 1))


def _with_all(note: object, came: list[str]) -> dict[str, object]:
    """The note in which everybody who came has a number."""
    known = _numbers_in(note)
    new = [name for name in came if name not in known.given]
    given = known.given | {name: known.next + n for n, name in enumerate(new)}
    return _Numbers(given, known.next + len(new)).told()
