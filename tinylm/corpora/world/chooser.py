"""Random choices that add up their own log-probability."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Odds(Generic[T]):
    """Options with weights, prepared for quick random choices."""

    def __init__(self, options: Sequence[T], weights: Sequence[float]) -> None:
        total = float(sum(weights))
        self.options = tuple(options)
        self.cumulative = tuple(accumulate(w / total for w in weights))
        self.log_probabilities = tuple(math.log(w / total) for w in weights)


class Chooser:
    """Makes every random choice of one document.

    `log_probability` is the sum of the log-probabilities, in nats, of the choices since the last
    `restart`. Only `random.Random.random` is used, as it gives the same numbers in every Python
    version.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random
        self.log_probability = 0.0

    def restart(self) -> None:
        """Forget the choices made so far; the stream of random numbers goes on."""
        self.log_probability = 0.0

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        self.log_probability -= math.log(len(options))
        return options[int(self._random() * len(options))]

    def odds(self, odds: Odds[T]) -> T:
        """One of the options, each as likely as its weight says."""
        place = bisect_right(odds.cumulative, self._random())
        i = min(place, len(odds.options) - 1)  # rounding may end the sum just below 1
        self.log_probability += odds.log_probabilities[i]
        return odds.options[i]

    def flag(self, probability: float) -> bool:
        """True with this probability."""
        answer = self._random() < probability
        self.log_probability += math.log(probability if answer else 1 - probability)
        return answer

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options in random order; `count` is at most the number of options."""
        pool = list(options)
        for i in range(count):
            left = len(pool) - i
            self.log_probability -= math.log(left)
            j = i + int(self._random() * left)
            pool[i], pool[j] = pool[j], pool[i]
        return pool[:count]

    def weighted(self, odds: Odds[T], count: int) -> list[T]:
        """`count` different options, each in turn as likely among those left as its weight says."""
        pool = [*range(len(odds.options))]
        weights = [math.exp(one) for one in odds.log_probabilities]
        found = []
        for _ in range(count):
            left = list(accumulate(weights))
            place = min(bisect_right(left, self._random() * left[-1]), len(pool) - 1)
            self.log_probability += math.log(weights[place] / left[-1])
            found.append(odds.options[pool.pop(place)])
            del weights[place]
        return found
