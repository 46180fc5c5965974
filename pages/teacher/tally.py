"""What a class predicted, question by question and without names: pure functions."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tinylm.corpora.files.report import counted
from tinylm.predictions import POINTS, PREDICTED, SHARE, Kept, Verdict, read_kept, said
from tinylm.runs.store.classroom import KeptAnswer
from ui.predict import DRAWN, DRAWN_AT, DRAWN_ENDS, OF

TENTHS = tuple(range(0, 101, 10))  # edges of the bars of a share
BARS = 8  # of another number
WIDE = 20.0  # from this ratio of the largest to the smallest on, bars grow by factors
WIDEST = 1e5  # the largest ratio for which there are bars; what is smaller is in the first one
FINEST = 1e3  # a bar is no narrower than this part of the numbers in it
STEPS = (1.0, 2.0, 5.0)  # the round numbers between two powers of ten
MEASURED_SHOWN = 3  # different measurements
NOT_YET = "Nobody has measured it yet. Let one of the class do it, and look again."


@dataclass(frozen=True)
class Bets:
    """All predictions of one question, one for each learner: the first."""

    name: str  # the key of the question
    question: str  # Markdown
    kept: tuple[Kept, ...] = ()
    drawn: tuple[tuple[float, ...], ...] = ()  # perplexities at DRAWN_AT, where it was drawn

    def __len__(self) -> int:
        return len(self.kept) + len(self.drawn)

    @property
    def unit(self) -> str:
        return self.kept[0].unit if self.kept else ""

    @property
    def numbers(self) -> list[float]:
        """The guesses that are numbers."""
        return [float(one.guess) for one in self.kept if not isinstance(one.guess, str)]


def questions(answers: Sequence[KeptAnswer]) -> list[Bets]:
    """The predictions of a class by question, those with the most bets first.

    A learner who bet on the same question for several runs counts once, with the first bet. The
    place that is kept with a bet tells which was first: what was measured is added later.
    """
    first: dict[tuple[str, str], Kept] = {}
    for number, one in enumerate(answers):
        kept = read_kept(one.value) if one.key.startswith(PREDICTED) else None
        if kept is not None:
            name = one.key.removeprefix(PREDICTED).partition(OF)[0]
            key = (name, one.owner or str(number))
            if key not in first or kept.place < first[key].place:
                first[key] = kept
    by_name: dict[str, list[Kept]] = {}
    for (name, _), kept in first.items():
        by_name.setdefault(name, []).append(kept)
    found = [
        Bets(name, Counter(one.question for one in kept).most_common(1)[0][0], tuple(kept))
        for name, kept in by_name.items()
    ]
    found += [drawn] if len(drawn := drawings(answers)) else []
    return sorted(found, key=lambda one: (-len(one), one.question))


def drawings(answers: Sequence[KeptAnswer]) -> Bets:
    """The curves that learners drew before their first training."""
    first: dict[str, tuple[float, ...]] = {}
    for number, one in enumerate(answers):
        if one.key.startswith(DRAWN) and (curve := read_curve(one.value)):
            first.setdefault(one.owner or str(number), curve)
    question = "Which curve do you expect, before the training?"
    return Bets("drawn", question, drawn=tuple(first.values()))


def read_curve(stored: object) -> tuple[float, ...]:
    """A drawn curve as it was kept; () for anything else."""
    if not isinstance(stored, list) or len(stored) != len(DRAWN_AT):
        return ()
    good = [
        float(one)
        for one in stored
        if isinstance(one, int | float) and math.isfinite(one) and one >= 1
    ]
    return tuple(good) if len(good) == len(DRAWN_AT) else ()


def middle_curve(curves: Sequence[Sequence[float]]) -> list[float]:
    """The median of the class at each moment."""
    return [median(values) for values in zip(*curves, strict=True)]


def counts(bets: Bets) -> dict[str, int]:
    """How often each answer was given: options in their order, or numbers in bars."""
    if numbers := bets.numbers:
        return in_bars(numbers, bets.unit)
    options = list(dict.fromkeys(option for one in bets.kept for option in one.options))
    given = Counter(str(one.guess) for one in bets.kept)
    return {option: given[option] for option in dict.fromkeys([*options, *given])}


def in_bars(numbers: Sequence[float], unit: str) -> dict[str, int]:
    """How many numbers lie in each bar; a bar holds its lower edge and not its upper one.

    What lies outside of all is in the first bar or the last one.
    """
    bars = list(pairwise(edges_of(numbers, unit)))
    places = Counter(bisect_right([low for low, _ in bars[1:]], one) for one in numbers)
    found: dict[str, int] = {}
    for n, (low, high) in enumerate(bars):  # narrow bars may be said alike: they are one
        found[span(low, high)] = found.get(span(low, high), 0) + places[n]
    (first, least), (_, second) = next(iter(found.items())), bars[0]
    if min(numbers) < bars[0][0]:
        found = {f"under {said(second)}": least} | {k: v for k, v in found.items() if k != first}
    return found


def span(low: float, high: float) -> str:
    """The numbers of a bar: `90–100`, or one of them where both are said alike."""
    first, last = said(low), said(high)
    return first if first == last else f"{first}–{last}"


def edges_of(numbers: Sequence[float], unit: str) -> list[float]:
    """The edges of bars: tenths of a share, factors where numbers differ much, else equal steps."""
    if unit in (SHARE, POINTS):
        return [float(one) for one in TENTHS]
    low, high = min(numbers), max(numbers)
    if low > 0 and high / low >= WIDE:
        low = max(low, high / WIDEST)
        # One power more on both sides: logarithms are rounded.
        powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
        edges = [one * 10.0**power for power in powers for one in STEPS]
        return edges[bisect_right(edges, low) - 1 : bisect_right(edges, high) + 1]
    step = round_up(max((high - low) / BARS, abs(high) / FINEST, abs(low) / FINEST) or 1.0)
    begin, end = math.floor(low / step), math.floor(high / step) + 1
    begin -= begin * step > low  # quotients are rounded, and so are products
    end += end * step <= high
    return [n * step for n in range(begin, max(begin + 1, end) + 1)]


def round_up(number: float) -> float:
    """The next round number: one, two or five times a power of ten."""
    power = 10.0 ** math.floor(math.log10(number))
    return next(one * power for one in (*STEPS, 10.0) if one * power >= number * 0.999)


def in_words(bets: Bets) -> str:
    """How the class bet, in a sentence with a figure, as Markdown."""
    total = len(bets)
    many = counted(total, "bet")
    if bets.drawn:
        begins, ends = middle_curve(bets.drawn)[0], middle_curve(bets.drawn)[-1]
        return (
            f"**{many}.** The thick line is the middle of the class: it begins at {said(begins)} "
            f"and ends at {said(ends)}."
        )
    if numbers := bets.numbers:
        return f"**{many}.** Half of the class says {said(median(numbers), bets.unit)} or less."
    answer, votes = max(counts(bets).items(), key=lambda one: one[1])
    return f"**{many}.** The most frequent answer is *{answer}*: {votes} of {total}."


def revealed(bets: Bets, others: Mapping[str, Bets]) -> list[str]:
    """What was measured, as Markdown lines: how many were right, then the measurements.

    A drawn curve is judged where it begins and ends: these are two questions among the `others`.
    """
    if bets.drawn:
        ends = [others[name] for name in DRAWN_ENDS if name in others]
        known = [one for one in ends if any(kept.measured for kept in one.kept)]
        return [line for one in known for line in (one.question, *measurements(one))] or [NOT_YET]
    return measurements(bets) or [NOT_YET]


def measurements(bets: Bets) -> list[str]:
    """What was measured of a question that was not drawn; [] for nothing."""
    measured = [one for one in bets.kept if one.measured]
    if not measured:
        return []
    judged = [one for one in measured if one.verdict and one.verdict != Verdict.UNDECIDED]
    right = sum(one.verdict == Verdict.RIGHT for one in judged)
    lines = [f"**{right} of {len(judged)} were right.**"] if judged else []
    found = Counter(one.measured for one in measured).most_common(MEASURED_SHOWN)
    many = len({one.measured for one in measured})
    if many > 1:
        lines.append(f"The class measured {many} different runs. The most frequent results:")
    return lines + [text for text, _ in found]
