"""The people of a class in the store: who was here, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from tinylm.codec import decode, encode
from tinylm.errors import BadRequest
from tinylm.runs.store.database import Database, twice
from tinylm.runs.store.tables import answers, belongings, jobs, learners, notes, runs, turns


@dataclass(frozen=True)
class LearnerRow:
    """One learner. Times are seconds since 1970."""

    name: str
    shown: str  # how the learner wants to be called; "" for none
    place: str  # the path of the page seen last
    created: float
    seen: float


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

    def owners(self) -> set[str]:
        """Everybody to whom something belongs, apart from the whole class."""
        with self._db.read() as connection:
            found = {
                owner
                for table in (runs, answers, belongings)
                for owner in connection.scalars(select(table.c.owner).distinct())
            }
        return found - {""}

    def forget_learner(self, name: str) -> None:
        """Remove a learner's answers, turns and questions, and that the learner was here.

        Questions quote what was written, also where they are about the model of somebody else.
        Whoever waits for the answer to the same question asks it anew.
        """
        with self._db.write() as connection:
            for table in (answers, turns, jobs):
                connection.execute(delete(table).where(table.c.owner == name))
            connection.execute(delete(learners).where(learners.c.name == name))

    def forget_questions(self, name: str) -> None:
        """Remove the questions about a text or task that is gone: their answers may quote it."""
        about = jobs.c.question.contains(f'"{name}"', autoescape=True)
        self._db.change(delete(jobs).where(about))

    # What holds for all

    @twice
    def set_note(self, key: str, value: object) -> None:
        """Keep plain data that holds for the whole class; None removes it."""
        with self._db.write() as connection:
            connection.execute(delete(notes).where(notes.c.key == key))
            if value is not None:
                new = {"key": key, "value": encode(value), "time": self._clock()}
                connection.execute(insert(notes).values(**new))

    def note(self, key: str) -> object:
        """What was kept under this key; None where nothing was, or where it is damaged."""
        found = self._db.value(select(notes.c.value).where(notes.c.key == key))
        if found is not None:
            with suppress(BadRequest):
                return decode(found, object)
        return None
