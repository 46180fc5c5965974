"""Was it sudden: three metrics on one scale, and what lags behind what."""

from __future__ import annotations

import math

import pytest

from tinylm.evaluation.tasks import taught_by
from tinylm.experiments.sudden import (
    BLIND,
    CHANCE,
    EXACT,
    EXPERIMENT,
    LENGTH,
    LOG,
    TASKS,
    TOKENS,
    Point,
    figure,
    points,
    reached,
    steepest,
)
from tinylm.questions.experiments import Figure


def look(exact: float, tokens: float, log: float) -> dict[str, Figure]:
    values = {EXACT: exact, TOKENS: tokens, LOG: log, BLIND: -8.0, LENGTH: 3.0}
    return {figure("t", name): Figure(one, one, one, 9) for name, one in values.items()}


def test_every_task_of_the_made_world_is_counted() -> None:
    assert set(TASKS) == {task.name for task in taught_by("world")}
    for task in taught_by("world"):
        if task.decide == "ranked":
            blind = math.fsum(1 / len(item.choices) for item in task.test) / len(task.test)
            assert CHANCE[task.name] == pytest.approx(blind)
        else:
            assert task.name not in CHANCE


def test_a_way_goes_from_blind_guessing_to_perfect() -> None:
    way = points("t", [(20, look(1.0, 1.0, 0.0)), (10, look(0.0, 0.5, -4.0))])
    assert way == [Point(0, 0, 0, 0), Point(10, 0.0, 0.5, 0.5), Point(20, 1.0, 1.0, 1.0)]
    assert points("t", [(10, look(0.5, 0.0, -8.0))], chance=0.5)[1] == Point(10, 0, 0, 0)
    assert points("other", [(10, look(1, 1, 0))]) == [Point(0, 0, 0, 0)]


def test_the_first_tenth_and_the_steepest_rise() -> None:
    way = [
        Point(0, 0, 0, 0),
        Point(30, 0.05, 0.4, 0.5),
        Point(60, 0.2, 0.6, 0.7),
        Point(180, 1, 1, 1),
    ]
    there = reached(way)  # a third of the way from the second look to the third
    assert there is not None and there.step == 40
    assert there[1:] == pytest.approx((0.1, 0.4 + 0.2 / 3, 0.5 + 0.2 / 3))
    assert reached(way[:2]) is None
    assert steepest(way, EXACT, 60) == pytest.approx(0.2)
    assert steepest(way, TOKENS, 30) == pytest.approx(0.4)
    assert steepest(way, EXACT, 200) == pytest.approx(1.0)
    assert steepest(way[:1], EXACT) == 0.0


def test_its_run_is_looked_at_all_the_way() -> None:
    config = EXPERIMENT.config(EXPERIMENT.arms[0], 1)
    assert config.train.steps // config.train.checkpoint_interval == EXPERIMENT.looks
