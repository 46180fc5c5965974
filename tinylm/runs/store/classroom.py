"""What the board of a class reads of the store: everybody's scores and bets, in few queries."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select

from tinylm.codec import decode
from tinylm.errors import BadRequest
from tinylm.questions.models import Measurement, Score
from tinylm.runs.store.database import Database
from tinylm.runs.store.tables import answers, jobs, runs

_SCORE = str(Score.__struct_config__.tag)
AT_ONCE = 500  # ids in one query
_DONE = (jobs.c.kind == _SCORE, jobs.c.status == "done")


@dataclass(frozen=True)
class FoundScore:
    """How well a model of a learner answered."""

    job: str
    owner: str
    asked: Score
    accuracy: float
    n: int  # items


@dataclass(frozen=True)
class KeptAnswer:
    """An answer of a learner, with whose it is."""

    owner: str
    key: str
    value: object


class Classroom:
    """The part of the store that looks at all learners at once."""

    _db: Database
    _clock: Callable[[], float]

    def now(self) -> float:
        """Seconds since 1970, by the clock that notes when somebody was seen."""
        return self._clock()

    def score_state(self) -> tuple[int, float]:
        """Two numbers that change whenever the measured scores do."""
        query = select(func.count(), func.max(jobs.c.ended)).where(*_DONE)
        with self._db.read() as connection:
            number, newest = connection.execute(query).one()
        return int(number), float(newest or 0.0)

    def scores(self, known: Collection[str] = ()) -> tuple[set[str], list[FoundScore]]:
        """The ids of all measured scores, and those scores that are not `known` by their ids."""
        with self._db.read() as connection:
            ids = set(connection.scalars(select(jobs.c.id).where(*_DONE)))
            new = ids - set(known)
            query = (
                select(jobs.c.id, runs.c.owner, jobs.c.question, jobs.c.answer)
                .join(runs, runs.c.id == jobs.c.run_id)
                .where(*_DONE)
            )
            if len(new) <= AT_ONCE:  # few have come: not all are read again
                query = query.where(jobs.c.id.in_(new))
            rows = connection.execute(query).all() if new else []
        found = []
        for row in rows:
            if row.id in new:
                with suppress(BadRequest):  # one that is damaged, or of another version
                    asked = decode(row.question, Score)
                    answer = decode(row.answer or "", Measurement)
                    found.append(FoundScore(row.id, row.owner, asked, answer.accuracy, answer.n))
        return ids, found

    def kept_answers(self, prefix: str) -> list[KeptAnswer]:
        """The answers of all learners whose keys begin with `prefix`, in the order of keeping."""
        query = (
            select(answers.c.owner, answers.c.key, answers.c.value)
            .where(answers.c.key.startswith(prefix, autoescape=True))
            .order_by(answers.c.time, answers.c.owner, answers.c.key)
        )
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            with suppress(BadRequest):  # one that is damaged
                found.append(KeptAnswer(row.owner, row.key, decode(row.value, object)))
        return found
