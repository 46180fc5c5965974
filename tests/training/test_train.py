"""The loop: it learns, repeats itself, stops when asked, and goes on as if nothing had been."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import msgspec
import pytest
import torch

from tests import tiny
from tinylm.errors import CheckpointError, TrainingDiverged
from tinylm.evaluation.ngram import NGram
from tinylm.evaluation.probes import Probe
from tinylm.evaluation.validation import validate
from tinylm.events import (
    CheckpointSaved,
    EvalDone,
    Event,
    NextTokenOdds,
    NextWordOdds,
    Probed,
    RunEnded,
    RunStarted,
    Sampled,
    StepDone,
    ThreadsChanged,
)
from tinylm.text.batches import ValidationSet
from tinylm.training.job import TrainingJob
from tinylm.training.loop import Speed, train

pytestmark = pytest.mark.usefixtures("one_thread")


def timeless(events: list[Event]) -> list[Event]:
    """Events without what depends on the clock."""
    return [
        msgspec.structs.replace(e, tokens_per_sec=0.0) if isinstance(e, StepDone) else e
        for e in events
        if not isinstance(e, RunEnded | RunStarted)
    ]


def test_a_run_tells_its_story_in_order(tmp_path: Path) -> None:
    events = list(train(tiny.job(tmp_path)))
    assert isinstance(events[0], RunStarted)
    assert events[-1] == msgspec.structs.replace(events[-1], step=20, reason="done")
    assert [e.step for e in events if isinstance(e, StepDone)] == list(range(1, 21))
    assert [e.step for e in events if isinstance(e, EvalDone)] == [0, 10, 20]
    assert [e.step for e in events if isinstance(e, Sampled)] == [0, 10, 20]
    assert [e.step for e in events if isinstance(e, NextTokenOdds)] == [0, 10, 20]
    assert [e.step for e in events if isinstance(e, CheckpointSaved)] == [10, 20]


def looks(events: list[Event], kind: type[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, kind)]


def with_early_looks(job: TrainingJob) -> TrainingJob:
    """The same job, looked at early too, on a small part of its validation text."""
    first = job.validation.batches[0][0][:2], job.validation.batches[0][1][:2]
    job.early_validation = ValidationSet((first,), int((first[1] >= 0).sum()), 40, 2)
    return job


def test_a_run_is_looked_at_early_and_often_where_most_happens(tmp_path: Path) -> None:
    job = with_early_looks(tiny.job(tmp_path, steps=50, eval_interval=30))
    job.probes = (Probe("order", (("the red", "red the"),)),)
    events = list(train(job))
    for kind in (EvalDone, Sampled, NextTokenOdds, NextWordOdds):
        assert looks(events, kind) == [0, 5, 10, 20, 30, 50]
    assert looks(events, Probed) == [0, 30, 50]  # they take too long to be asked early
    measured = {event.step: event.num_tokens for event in events if isinstance(event, EvalDone)}
    assert measured[5] == job.early_validation.num_tokens < measured[0] == measured[30]


@pytest.mark.parametrize(
    ("every", "expected"), [(3, [0, 3, 6, 9, 12]), (5, [0, 5, 10, 12]), (8, [0, 5, 8, 12])]
)
def test_early_looks_end_where_regular_ones_begin(
    tmp_path: Path, every: int, expected: list[int]
) -> None:
    job = with_early_looks(tiny.job(tmp_path, steps=12, eval_interval=every))
    assert looks(list(train(job)), EvalDone) == expected


def test_early_looks_change_no_weight(tmp_path: Path) -> None:
    plain, watched = (tiny.job(tmp_path / name, eval_interval=19) for name in "ab")
    steps = [e for e in timeless(list(train(plain))) if isinstance(e, StepDone)]
    seen = timeless(list(train(with_early_looks(watched))))
    assert [e for e in seen if isinstance(e, StepDone)] == steps
    for one, other in zip(plain.model.parameters(), watched.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_whole_words_are_expected_and_their_odds_add_up(tmp_path: Path) -> None:
    job = tiny.job(tmp_path, steps=150, batch_size=8, eval_interval=1000)
    last = [e for e in train(job) if isinstance(e, NextWordOdds)][-1]
    assert last.prompt == "the red"
    assert {word.strip() for word in last.words[:3]} == {"cat", "dog", "bird"}
    assert sum(last.probabilities) + last.rest == pytest.approx(1)


def test_no_whole_word_is_asked_for_where_none_would_fit(tmp_path: Path) -> None:
    job = tiny.job(tmp_path, steps=1)
    job.odds_prompt = "the red cat sees a bird. the red cat sees a dog."
    events = list(train(job))
    assert looks(events, NextTokenOdds) == [0, 1] and not looks(events, NextWordOdds)


def test_a_wish_to_stop_is_heeded_between_the_measurements_before_the_first_step(
    tmp_path: Path,
) -> None:
    events = list(train(tiny.job(tmp_path), control=lambda: "stop"))
    kinds = [type(event) for event in events]
    assert kinds[:2] == [RunStarted, EvalDone] and kinds[-2:] == [CheckpointSaved, RunEnded]
    assert Sampled not in kinds


def test_perplexity_and_bits_per_byte_belong_to_the_loss(tmp_path: Path) -> None:
    job = tiny.job(tmp_path)
    for event in train(job):
        if isinstance(event, EvalDone):
            assert event.perplexity == pytest.approx(math.exp(event.loss))
            nats = event.loss * job.validation.num_tokens
            bits = nats / math.log(2) / job.validation.num_bytes
            assert event.bits_per_byte == pytest.approx(bits)


def test_one_seed_gives_one_run(tmp_path: Path) -> None:
    first = timeless(list(train(tiny.job(tmp_path / "a"))))
    second = timeless(list(train(tiny.job(tmp_path / "b"))))
    other = timeless(list(train(tiny.job(tmp_path / "c", seed=2))))
    assert first == second
    assert first != other


@pytest.mark.parametrize("wish", ["pause", "stop"])
@pytest.mark.parametrize("at", [3, 10, 13])
def test_a_run_goes_on_bit_for_bit(tmp_path: Path, wish: str, at: int) -> None:
    whole = with_early_looks(tiny.job(tmp_path / "whole"))
    expected = timeless(list(train(whole)))
    first = with_early_looks(tiny.job(tmp_path / "parts"))
    done: list[Event] = []
    for event in train(first, control=lambda: wish if _steps(done) == at else "run"):
        done.append(event)
    assert isinstance(done[-1], RunEnded)
    assert done[-1].reason == {"pause": "paused", "stop": "stopped"}[wish]
    second = with_early_looks(tiny.job(tmp_path / "parts"))
    second.resume = second.checkpoints.load(with_optimizer=True)
    done += train(second)
    steps = [e for e in expected if isinstance(e, StepDone | EvalDone | Sampled)]
    assert [e for e in timeless(done) if isinstance(e, StepDone | EvalDone | Sampled)] == steps
    for a, b in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(a, b)


def _steps(events: list[Event]) -> int:
    return sum(isinstance(e, StepDone) for e in events)


def test_a_little_training_beats_the_trigram_model(tmp_path: Path) -> None:
    job = tiny.job(tmp_path, steps=150, batch_size=8, eval_interval=1000)
    coder = job.tokenizer
    train_ids = coder.encode_batch(tiny.documents(200))
    held_out = coder.encode_batch(tiny.documents(20, seed=1))
    last = [e for e in train(job) if isinstance(e, EvalDone)][-1]
    trigram = NGram.fit(train_ids, 3, job.model.config.vocab_size).losses(held_out)
    assert len(trigram) == last.num_tokens
    assert last.loss < trigram.mean() < math.log(256)


def test_a_loss_that_is_no_number_ends_the_run_in_words(tmp_path: Path) -> None:
    job = tiny.job(tmp_path)
    with torch.no_grad():
        job.model.embedding.weight.fill_(float("nan"))
    with pytest.raises(TrainingDiverged, match="at step 0: choose a smaller learning rate"):
        list(train(job))
    assert job.checkpoints.steps() == []


def test_a_learning_rate_far_too_large_ends_in_words_too(tmp_path: Path) -> None:
    job = tiny.job(tmp_path, learning_rate=0.1, muon_lr=0.2, grad_clip=0.0, steps=200)
    with torch.no_grad():
        job.model.blocks[0].mlp.up.weight.mul_(1e38)
    with pytest.raises(TrainingDiverged, match="smaller learning rate"):
        list(train(job))


def test_a_change_of_threads_is_told(tmp_path: Path) -> None:
    job = tiny.job(tmp_path, steps=4)
    answers = iter([1, 1, 1, 2, 2, 2])
    job.threads = lambda: next(answers)
    changes = [e for e in train(job) if isinstance(e, ThreadsChanged)]
    assert changes == [ThreadsChanged(2, 2)]


def test_a_checkpoint_of_another_shape_is_refused(tmp_path: Path) -> None:
    list(train(tiny.job(tmp_path, steps=1)))
    job = tiny.job(tmp_path)
    checkpoint = job.checkpoints.load(with_optimizer=True)
    job.resume = dataclasses.replace(
        checkpoint, model={n: w[..., :1] for n, w in checkpoint.model.items()}
    )
    with pytest.raises(CheckpointError):
        list(train(job))


def test_validation_is_the_mean_over_tokens_and_not_over_batches(tmp_path: Path) -> None:
    job = tiny.job(tmp_path)
    loss, _ = validate(job.model, job.validation)
    total = 0.0
    for ids, targets in job.validation.batches:
        log_probabilities = job.model(ids).log_softmax(dim=-1)
        counted = targets >= 0
        picked = log_probabilities.gather(2, targets.clamp(min=0)[..., None])[..., 0]
        total -= picked[counted].sum().item()
    assert loss == pytest.approx(total / job.validation.num_tokens, rel=1e-5)


def test_speed_is_tokens_over_seconds_without_what_is_skipped() -> None:
    now = [0.0]
    speed = Speed(lambda: now[0])
    for _ in range(3):
        now[0] += 2.0
        assert speed.add(100) == pytest.approx(50.0)
    now[0] += 60.0
    speed.skip()
    now[0] += 2.0
    assert speed.add(100) == pytest.approx(50.0)
