"""The board of a class: who is where, everyone's curve, the best scores, and what waits.

It is read every second while a class works, so what has not changed is not read again: the curve
of a run that has made no step, and the scores while nobody has measured one.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tinylm.events import CurvePoint
from tinylm.runs.store import Store
from tinylm.runs.store.classroom import FoundScore
from tinylm.runs.store.history import Recent
from tinylm.runs.store.line import PAUSED
from tinylm.runs.store.people import LearnerRow
from tinylm.runs.store.rows import RunRow

HERE = 300.0  # seconds since a learner was seen, within which the learner counts as here
POINTS = 40  # of a curve; more could not be told apart among thirty
RUNS = 150  # how many of the newest runs are looked at
CURVES = 200  # how many curves are kept

Text = tuple[str, int]  # what losses can be compared on: a corpus, and a number of tokens


@dataclass(frozen=True)
class Seat:
    """One learner on the board."""

    name: str  # in the store; no page shows it
    label: str  # as the learner wants to be called, or "Learner 7"
    place: str  # path of the page seen last
    away: float  # seconds since the learner was seen
    run: RunRow | None = None  # the newest one of pre-training
    best: FoundScore | None = None  # with at least one example
    named: bool = False  # by the learner

    @property
    def here(self) -> bool:
        return self.away <= HERE


@dataclass(frozen=True)
class Line:
    """The curve of one learner's newest run."""

    label: str
    run: RunRow
    points: tuple[CurvePoint, ...]

    @property
    def loss(self) -> float:
        """The loss of the last bucket of steps, which wobbles less than that of one step."""
        return self.points[-1].loss


@dataclass(frozen=True)
class Board:
    """All that a teacher sees of the class at one moment."""

    seats: tuple[Seat, ...] = ()
    lines: tuple[Line, ...] = ()  # those that can be compared, the lowest loss first
    apart: int = 0  # curves of other texts or vocabularies, which cannot be compared with these
    moving: tuple[RunRow, ...] = ()  # runs that train or wait, the oldest first
    resting: tuple[RunRow, ...] = ()  # runs that can be resumed, the newest first
    paused: bool = False

    @property
    def here(self) -> int:
        return sum(seat.here for seat in self.seats)

    @property
    def training(self) -> int:
        return sum(run.status != "queued" for run in self.moving)

    @property
    def waiting(self) -> int:
        return sum(run.status == "queued" for run in self.moving)

    def label(self, owner: str) -> str:
        """How the owner of a run is called; the class where it belongs to nobody."""
        found = next((seat.label for seat in self.seats if seat.name == owner), "")
        return found or ("Somebody" if owner else "The class")


class BoardReader:
    """Reads the board of one store again and again. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers: Mapping[str, int] = {}
        self._curves: Recent[tuple[int, tuple[CurvePoint, ...]]] = Recent(CURVES)
        self._lock = threading.Lock()
        self._scores: dict[str, FoundScore] = {}
        self._ids: set[str] = set()
        self._state: tuple[int, float] | None = None

    def look(self, teachers: Collection[str] = ()) -> Board:
        """The board as it is now, on which teachers have no seat. Raises StorageError."""
        found = self._store.active_or_newest("pretrain", RUNS)
        own = [run for run in found if run.kind == "pretrain" and run.config.experiment == ""]
        newest: dict[str, RunRow] = {}
        begun: dict[str, RunRow] = {}  # which have a curve, while a newer one may wait
        for run in own:
            if run.step or run.active:
                newest.setdefault(run.owner, run)
            if run.step:
                begun.setdefault(run.owner, run)
        best = self._best()
        now = self._store.now()
        people = [one for one in self._store.learners() if one.name not in teachers]
        seats = seats_of(people, self._numbered(people), newest, best, now)
        labels = {seat.name: seat.label for seat in seats}
        lines = [
            Line(labels[owner], run, points)
            for owner, run in begun.items()
            if owner in labels and (points := self._curve(run))
        ]
        together, apart = comparable(lines)
        return Board(
            seats=seats,
            lines=together,
            apart=apart,
            moving=tuple(run for run in reversed(found) if run.active),
            resting=tuple(run for run in own if run.resumable),
            paused=self._store.note(PAUSED) is True,
        )

    def _numbered(self, people: Sequence[LearnerRow]) -> Mapping[str, int]:
        """The numbers of these learners, which stay: they are read when others are here."""
        if self._numbers.keys() != {one.name for one in people}:
            self._numbers = self._store.numbers(people)
        return self._numbers

    def _curve(self, run: RunRow) -> tuple[CurvePoint, ...]:
        """The curve of a run with a loss at its end; it is read again once the run has moved."""
        if not run.step:
            return ()
        kept = self._curves.get(run.id)
        if kept is not None and kept[0] == run.step:
            return kept[1]
        points = tuple(one for one in self._store.curve(run.id, POINTS) if math.isfinite(one.loss))
        self._curves.put(run.id, (run.step, points))
        return points

    def _best(self) -> Mapping[str, FoundScore]:
        """The best few-shot score of each learner."""
        state = self._store.score_state()
        with self._lock:
            if state != self._state:
                self._ids, new = self._store.scores(self._ids)
                self._scores = {
                    job: one for job, one in self._scores.items() if job in self._ids
                } | {one.job: one for one in new if counts(one)}
                self._state = state
            found = list(self._scores.values())
        best: dict[str, FoundScore] = {}
        for one in found:
            if one.owner not in best or one.accuracy > best[one.owner].accuracy:
                best[one.owner] = one
        return best


def counts(score: FoundScore) -> bool:
    """Whether this is a few-shot score: with true examples before the question."""
    return score.asked.num_fewshot > 0 and not score.asked.control


def seats_of(
    people: Sequence[LearnerRow],
    numbers: Mapping[str, int],
    runs: Mapping[str, RunRow],
    best: Mapping[str, FoundScore],
    now: float,
) -> tuple[Seat, ...]:
    """The learners in the order of their numbers; who has no name is called by the number."""
    return tuple(
        Seat(
            one.name,
            one.shown or f"Learner {numbers[one.name]}",
            one.place,
            max(0.0, now - one.seen),
            runs.get(one.name),
            best.get(one.name),
            bool(one.shown),
        )
        for one in sorted(people, key=lambda one: numbers[one.name])
    )


def comparable(lines: Sequence[Line]) -> tuple[tuple[Line, ...], int]:
    """The lines of the most frequent text and vocabulary, the lowest loss first; how many others.

    A loss is per token, so losses on other tokens say nothing about each other.
    """
    texts: Counter[Text] = Counter(map(text_of, lines))
    if not texts:
        return (), 0
    ((most, _),) = texts.most_common(1)
    same = sorted((one for one in lines if text_of(one) == most), key=lambda one: one.loss)
    return tuple(same), len(lines) - len(same)


def text_of(line: Line) -> Text:
    return line.run.corpus, line.run.config.model.vocab_size
