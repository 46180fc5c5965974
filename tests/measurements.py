"""Made-up answers to `Score` and `TransferPoint`, for tests of charts and pages."""

from __future__ import annotations

from tinylm.questions.models import ExamplesRead, Figure, Measurement, Tuned


def measured(
    accuracy: float,
    low: float,
    high: float,
    n: int = 100,
    metrics: dict[str, Figure] | None = None,
    examples: ExamplesRead | None = None,
) -> Measurement:
    """A measurement of which the first items are right; its leading metric is the first one."""
    correct = round(accuracy * n)
    metrics = metrics or {"accuracy": Figure(accuracy)}
    return Measurement(
        *(n, correct, accuracy, low, high),
        metric=next(iter(metrics)),
        metrics=metrics,
        chance=0.06,
        majority=0.12,
        ranked=None,
        groups={},
        examples=examples or ExamplesRead(0, 0, 0.0, 0, n),
        right=tuple(i < correct for i in range(n)),
    )


def tuned(accuracy: float, n: int = 100, seconds: float = 2.0) -> Tuned:
    """The accuracy after a fine-tuning."""
    interval = (max(0.0, accuracy - 0.04), min(1.0, accuracy + 0.04))
    metrics = {"accuracy": Figure(accuracy)}
    figures = (n, round(accuracy * n), accuracy, *interval)
    return Tuned(*figures, metric="accuracy", metrics=metrics, seconds=seconds)
