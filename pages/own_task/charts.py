"""The chart of the page: how many rows each label has, for training and held out."""

from __future__ import annotations

from collections import Counter

from tinylm.evaluation.tasks.own.rows import Parts
from ui.charts.base import GREEN, OCHRE, Figure, Style, bars_across, plain

LONGEST = 24  # characters of a label on the axis


def label_counts(parts: Parts) -> list[tuple[str, int, int]]:
    """Each label with its rows for training and those held out, the commonest first."""
    train, test = (Counter(label for _, label in part) for part in (parts.train, parts.test))
    both = train + test
    return [(one, train[one], test[one]) for one in sorted(both, key=lambda l: (-both[l], l))]


def labels_figure(parts: Parts, most: int) -> Figure:
    """Bars for the `most` commonest labels: one part for training, one for the test."""
    rows = label_counts(parts)[:most]
    names = [plain(label if len(label) <= LONGEST else f"{label[:LONGEST]}…") for label, *_ in rows]
    bars: dict[str, tuple[list[float], Style]] = {
        "for training": ([float(train) for _, train, _ in rows], {"color": GREEN}),
        "held out": ([float(test) for *_, test in rows], {"color": OCHRE}),
    }
    figure = bars_across(bars, names, shown="d", axis="d", title="Rows")
    figure["layout"]["barmode"] = "stack"
    return figure


def describe_labels(parts: Parts) -> str:
    """The chart in words, for people who cannot see it."""
    said = "; ".join(
        f"{label}: {train} for training, {test} held out"
        for label, train, test in label_counts(parts)
    )
    return f"Rows of each label. {said}."
