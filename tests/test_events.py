"""Events survive JSON."""

from __future__ import annotations

import json

import pytest

from tinylm.errors import BadRequest
from tinylm.events import (
    CheckpointSaved,
    EvalDone,
    Event,
    LearningRateChanged,
    NextTokenOdds,
    Preparing,
    Probed,
    RunEnded,
    RunStarted,
    Sampled,
    StepDone,
    ThreadsChanged,
    event_from_dict,
)

EVENTS = [
    Preparing(0, "Reading"),
    RunStarted(0, 10, 64, 1000, 256, 5000, 500, 2000, 2, "fp32", "cpu"),
    StepDone(1, 64, 5.5, 1e-3, 0.7, 1234.5),
    EvalDone(1, 64, 5.0, 148.4, 2.5, 500),
    Sampled(1, "a", "b\n", 1, 0.8),
    NextTokenOdds(1, "a", ("b", " c"), (0.5, 0.25)),
    CheckpointSaved(1, "step-000001"),
    ThreadsChanged(1, 2),
    Probed(1, "grammar", 40, 60),
    LearningRateChanged(1, 0.5),
    RunEnded(1, "done", 1.5),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.type)
def test_an_event_survives_json(event: Event) -> None:
    assert event_from_dict(json.loads(json.dumps(event.to_dict()))) == event


def test_no_kind_is_forgotten() -> None:
    assert {type(e) for e in EVENTS} == set(Event.__subclasses__())


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(BadRequest):
        event_from_dict({"type": "surprise", "step": 1})
