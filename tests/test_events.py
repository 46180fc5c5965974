"""Events as they are stored and printed: their JSON stays what it is."""

from __future__ import annotations

import math

import pytest

from tinylm.codec import encode
from tinylm.errors import BadRequest
from tinylm.events import (
    EVENTS,
    CheckpointDue,
    CheckpointSaved,
    EvalDone,
    Event,
    LearningRateChanged,
    NextTokenOdds,
    NextWordOdds,
    Preparing,
    Probed,
    Rewarded,
    RunEnded,
    RunStarted,
    Sampled,
    StepDone,
    ThreadsChanged,
    event_type,
    read_event,
)

GOLDEN: list[tuple[Event, str]] = [
    (Preparing(0, "Reading"), '{"stage":"Reading","step":0,"type":"preparing"}'),
    (
        RunStarted(0, 10, 64, 1000, 256, 5000, 500, 2000, 2, "fp32", "cpu", 900),
        '{"device":"cpu","num_parameters":1000,"num_steps":10,"num_trainable":900,'
        '"precision":"fp32","step":0,"threads":2,"tokens_per_step":64,"train_tokens":5000,'
        '"type":"run_started","val_bytes":2000,"val_tokens":500,"vocab_size":256}',
    ),
    (
        StepDone(1, 64, 5.5, 1e-3, 0.7, 1234.5),
        '{"grad_norm":0.7,"loss":5.5,"lr":0.001,"step":1,"tokens_per_sec":1234.5,'
        '"tokens_seen":64,"type":"step"}',
    ),
    (Rewarded(1, 0.5), '{"reward":0.5,"step":1,"type":"reward"}'),
    (
        EvalDone(1, 64, 5.0, 148.4, 2.5, 500),
        '{"bits_per_byte":2.5,"loss":5.0,"num_tokens":500,"perplexity":148.4,"step":1,'
        '"tokens_seen":64,"type":"eval"}',
    ),
    (
        Sampled(1, "a", "b\n", 1, 0.8),
        '{"prompt":"a","seed":1,"step":1,"temperature":0.8,"text":"b\\n","type":"sample"}',
    ),
    (
        NextTokenOdds(1, "a", ("b", " ç"), (0.5, 0.25)),
        '{"probabilities":[0.5,0.25],"prompt":"a","step":1,"tokens":["b"," ç"],"type":"odds"}',
    ),
    (
        NextWordOdds(1, "a", (" Paris", "."), (0.5, 0.25), 0.25),
        '{"probabilities":[0.5,0.25],"prompt":"a","rest":0.25,"step":1,"type":"words",'
        '"words":[" Paris","."]}',
    ),
    (CheckpointDue(1), '{"step":1,"type":"checkpoint_due"}'),
    (
        CheckpointSaved(1, "step-000001"),
        '{"name":"step-000001","step":1,"type":"checkpoint"}',
    ),
    (ThreadsChanged(1, 2), '{"step":1,"threads":2,"type":"threads"}'),
    (
        Probed(1, "grammar", 40, 60),
        '{"correct":40,"name":"grammar","num_items":60,"step":1,"type":"probe"}',
    ),
    (LearningRateChanged(1, 0.5), '{"factor":0.5,"step":1,"type":"lr_factor"}'),
    (RunEnded(1, "done", 1.5), '{"reason":"done","seconds":1.5,"step":1,"type":"run_ended"}'),
]


@pytest.mark.parametrize(("event", "text"), GOLDEN, ids=[e.type for e, _ in GOLDEN])
def test_an_event_survives_json_in_this_form(event: Event, text: str) -> None:
    assert encode(event) == text
    assert read_event(text) == event
    assert f'"type":"{event_type(type(event))}"' in text


def test_no_kind_is_forgotten() -> None:
    assert {type(event) for event, _ in GOLDEN} == set(EVENTS)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_survive_as_numbers(value: float) -> None:
    back = read_event(encode(EvalDone(1, 64, value, value, 2.5, 500)))
    assert isinstance(back, EvalDone)
    assert repr(back.loss) == repr(back.perplexity) == repr(value)
    odds = read_event(encode(NextTokenOdds(1, "a", ("b",), (value,))))
    assert isinstance(odds, NextTokenOdds) and repr(odds.probabilities) == repr((value,))


def test_a_field_that_came_later_has_its_default_in_what_was_stored_before() -> None:
    event = RunStarted(0, 10, 64, 1000, 256, 5000, 500, 2000, 2, "fp32", "cpu")
    assert read_event(encode(event).replace('"num_trainable":0,', "")) == event


@pytest.mark.parametrize("text", ['{"type":"surprise","step":1}', '{"type":"eval"}', "", "[]"])
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        read_event(text)
