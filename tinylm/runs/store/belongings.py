"""Whose texts, worlds, mixtures and tasks are: the part of the store that knows it.

Their files are named by their content, so that several learners may have brought the same one.
Each has it in a list of their own, under a title of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from tinylm.codec import encode
from tinylm.runs.store.database import Database, twice
from tinylm.runs.store.tables import belongings, notes

ADOPTED = "belongings/adopted"  # the note that files of earlier versions were given to owners


@dataclass(frozen=True)
class Belonging:
    """One thing in the list of one owner; the owner "" is the whole class."""

    owner: str
    kind: str
    name: str
    title: str


_COLUMNS = [belongings.c[name] for name in Belonging.__dataclass_fields__]


class Belongings:
    """The part of the store that knows what belongs to whom, apart from runs."""

    _db: Database
    _clock: Callable[[], float]

    @twice
    def belong(self, *found: Belonging) -> None:
        """Put these into the lists of their owners; what stands there gets the new title."""
        with self._db.write() as connection:
            self._put(connection, found)

    def let_go(self, name: str, owner: str | None = None) -> tuple[list[Belonging], int]:
        """Take a thing out of the list of an owner; None: out of everybody's.

        Returns what was taken, and how many others have it still.
        """
        this = belongings.c.name == name
        mine = (this,) if owner is None else (this, belongings.c.owner == owner)
        with self._db.write() as connection:
            taken = _read(connection, select(*_COLUMNS).where(*mine))
            connection.execute(delete(belongings).where(*mine))
            left = connection.scalar(select(func.count()).select_from(belongings).where(this))
        return taken, left or 0

    @twice
    def hand(self, name: str, owner: str, heir: str, parts: Collection[str] = ()) -> bool:
        """Move a thing from the list of its owner to another, in which it keeps its title.

        With it go those of its parts that are in the same list. Returns whether the thing itself
        was in it; where it was not, nothing moves.
        """
        mine = (belongings.c.name.in_([name, *parts]), belongings.c.owner == owner)
        with self._db.write() as connection:
            found = _read(connection, select(*_COLUMNS).where(*mine))
            if name not in {one.name for one in found}:
                return False
            connection.execute(delete(belongings).where(*mine))
            self._put(connection, [replace(one, owner=heir) for one in found])
        return True

    def belongings(self, owners: Collection[str] | None = None) -> list[Belonging]:
        """What is in the lists of these owners, or of all, in the order in which it came."""
        query = select(*_COLUMNS).order_by(belongings.c.created, belongings.c.name)
        if owners is not None:
            query = query.where(belongings.c.owner.in_(owners))
        with self._db.read() as connection:
            return _read(connection, query)

    def owners_of(self, name: str) -> set[str]:
        """Who has a thing in a list."""
        return set(self._db.column(select(belongings.c.owner).where(belongings.c.name == name)))

    @twice
    def adopt(self, found: Iterable[Belonging]) -> bool:
        """Put what earlier versions kept into lists, once; returns whether this was the time."""
        with self._db.write() as connection:
            if connection.scalar(select(notes.c.key).where(notes.c.key == ADOPTED)):
                return False
            new = {"key": ADOPTED, "value": encode(True), "time": self._clock()}
            connection.execute(insert(notes).values(**new))
            self._put(connection, found)
        return True

    # Inside

    def _put(self, connection: Connection, found: Iterable[Belonging]) -> None:
        for one in found:
            mine = (belongings.c.owner == one.owner, belongings.c.name == one.name)
            connection.execute(delete(belongings).where(*mine))
            new = {**vars(one), "title": one.title[:80], "created": self._clock()}
            connection.execute(insert(belongings).values(**new))


def _read(connection: Connection, query: Select[Any]) -> list[Belonging]:
    return [Belonging(**row._mapping) for row in connection.execute(query)]
