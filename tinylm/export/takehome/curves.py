"""A curve as the numbers of a drawing that needs no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 36  # margins
MOST_TICKS = 5
MOST_POINTS = 300

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Tick:
    """A place on an axis, and what is written there."""

    at: float
    label: str


@dataclass(frozen=True)
class Curve:
    """Two lines over the steps, in the units of an SVG of WIDTH by HEIGHT."""

    train: str  # the corners of the line, "x,y x,y …"
    held_out: str
    dots: tuple[tuple[float, float], ...]  # of the held-out line
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def curve(train: Points, held_out: Points) -> Curve | None:
    """Both losses by step; None where there are fewer than two numbers to draw."""
    train, held_out = _finite(train), _finite(held_out)
    every = [*train, *held_out]
    if len(every) < 2:
        return None
    last = max(step for step, _ in every) or 1
    values = [value for _, value in every]
    low, high = min(values), max(values)
    spare = (high - low) * 0.05 or 0.5
    low, high = max(0.0, low - spare), high + spare

    def place(point: tuple[float, float]) -> tuple[float, float]:
        step, value = point
        x = LEFT + step / last * (WIDTH - LEFT - RIGHT)
        y = TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)

    dots = tuple(map(place, held_out))
    return Curve(
        train=_corners(list(map(place, _thinned(train)))),
        held_out=_corners(dots),
        dots=dots,
        across=tuple(Tick(place((one, low))[0], f"{one:,.0f}") for one in ticks(0, last)),
        up=tuple(Tick(place((0, one))[1], f"{one:g}") for one in ticks(low, high)),
    )


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`: 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / MOST_TICKS
    power: float = 10.0 ** math.floor(math.log10(rough))
    apart = next(one * power for one in (1, 2, 5, 10) if one * power >= rough * 0.999)
    first = math.ceil(low / apart - 1e-9)
    count = math.floor(high / apart + 1e-9) - first + 1
    return [round((first + i) * apart, 10) for i in range(count)]


def _finite(points: Points) -> list[tuple[float, float]]:
    return [(step, value) for step, value in points if math.isfinite(value)]


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most MOST_POINTS points: means over equal stretches."""
    size = -(-len(points) // MOST_POINTS) or 1
    parts = [points[start : start + size] for start in range(0, len(points), size)]
    return [(part[-1][0], sum(value for _, value in part) / len(part)) for part in parts]


def _corners(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
