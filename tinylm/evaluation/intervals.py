"""How sure a measured share is: 95 % intervals for a proportion and for a difference."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence

from tinylm.errors import BadRequest

Z_95 = 1.959963984540054  # standard deviations on both sides that hold 95 % of a normal


def wilson(correct: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of the proportion correct / n, as (low, high).

    centre = (p + z²/2n) / (1 + z²/n); half = z / (1 + z²/n) · sqrt(p(1-p)/n + z²/4n²).
    With no items nothing is known: (0, 1). Raises BadRequest unless 0 <= correct <= n.
    Source: Wilson, JASA 22 (1927).
    """
    if not 0 <= correct <= n:
        raise BadRequest(f"{correct} right answers of {n} make no sense.")
    if n == 0:
        return 0.0, 1.0
    share, spread = correct / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    low = 0.0 if correct == 0 else max(0.0, centre - half)
    high = 1.0 if correct == n else min(1.0, centre + half)
    return low, high


def paired_bootstrap(
    a: Sequence[float],
    b: Sequence[float],
    seed: int,
    num_samples: int = 2_000,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """mean(a) - mean(b) with its percentile interval, as (difference, low, high).

    a[i] and b[i] are the scores of two models on the same item i. Items are drawn again with
    replacement, and a pair stays together. Raises BadRequest for lists that are empty or of
    different lengths. Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993).
    """
    if not a or len(a) != len(b):
        raise BadRequest("A paired comparison needs the same items, at least one, on both sides.")
    differences = [float(x) - float(y) for x, y in zip(a, b, strict=True)]
    n = len(differences)
    rng = random.Random(seed)
    means = (math.fsum(rng.choices(differences, k=n)) / n for _ in range(num_samples))
    return math.fsum(differences) / n, *percentile_interval(means, level)


def percentile_interval(resampled: Iterable[float], level: float = 0.95) -> tuple[float, float]:
    """The interval (low, high) that holds the middle `level` of at least one resampled value."""
    values, tail = sorted(resampled), (1 - level) / 2
    last = len(values) - 1
    return values[math.floor(tail * last)], values[math.ceil((1 - tail) * last)]
