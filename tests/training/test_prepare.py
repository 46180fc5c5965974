"""Preparing a run: it says how far it is, heeds a wish at every moment, and works once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.runs_fakes import FakeClock, wait_until
from tinylm.answers import engine
from tinylm.config import RunConfig, with_changes
from tinylm.corpora import load
from tinylm.errors import Cancelled, NotFound
from tinylm.events import Event, Preparing, RunEnded
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.text.schedule import BatchesInPhases
from tinylm.text.tokenizer import Tokenizer
from tinylm.training import prepare
from tinylm.training.background import REPORT_EVERY, Report, in_background


def events_until(wish: str, config: RunConfig, home: Path, **options: Any) -> list[Event]:
    """The events of a run that is wished to end as soon as it says what it prepares."""
    folder = home / "runs" / "a-run"
    return list(
        engine.run(config, folder, home, control=lambda: wish, threads=lambda: 1, **options)
    )


def held(gate: threading.Event, work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`, once the gate is open."""

    def waits(*args: Any) -> Any:
        assert gate.wait(10)
        return work(*args)

    return waits


@pytest.mark.parametrize("place", ["load_corpus", "train_tokenizer", "validation_set"])
@pytest.mark.parametrize(("wish", "reason"), [("pause", "paused"), ("stop", "stopped")])
def test_a_wish_is_heeded_while_something_takes_long(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: str, wish: str, reason: str
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(prepare, place, held(gate, getattr(prepare, place)))
    events = events_until(wish, preset_config("tiny", steps=1), home)
    assert isinstance(events[0], Preparing)
    assert events[1:] == [RunEnded(0, reason, events[-1].seconds)]  # type: ignore[attr-defined]
    gate.set()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "background"])
    assert list((home / "runs" / "a-run").iterdir()) == []


def test_a_resumed_run_that_is_stopped_before_its_first_step_stays_where_it_is(home: Path) -> None:
    config = preset_config("tiny", steps=2)
    list(engine.run(config, home / "runs" / "a-run", home, threads=lambda: 1))
    (ended,) = [
        e for e in events_until("stop", config, home, resume=True) if isinstance(e, RunEnded)
    ]
    assert ended.step == 2


def test_reading_the_text_again_heeds_a_wish_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = preset_config("tiny", steps=1)
    list(engine.run(base, home / "runs" / "base", home, threads=lambda: 1))
    gate, stages = threading.Event(), list[str]()
    monkeypatch.setattr(prepare, "train_documents", held(gate, prepare.train_documents))
    config = finetune_config(base, "base", "questions", 8, steps=1, replay=0.5)
    events = engine.run(
        config,
        home / "runs" / "a-run",
        home,
        threads=lambda: 1,
        control=lambda: "stop" if "again" in stages[-1] else "run",
    )
    for event in events:
        if isinstance(event, Preparing):
            stages.append(event.stage)
    gate.set()
    assert "again" in stages[-1]


def test_what_the_work_raises_is_raised_by_who_waits() -> None:
    def work(report: Report) -> int:
        report("Looking")
        raise NotFound("It is gone.")

    with pytest.raises(NotFound, match="It is gone"):
        list(in_background(0, "Waiting", work))


def test_a_stage_is_reported_at_once_and_its_progress_now_and_then() -> None:
    clock = FakeClock()
    report = Report(clock)
    for number in range(30):
        report("Counting", f"{number} of 30")
        clock.now += REPORT_EVERY / 10
    report("Resting")
    told = [report.sentences.get() for _ in range(report.sentences.qsize())]
    assert told == ["Counting: 0 of 30", "Counting: 10 of 30", "Counting: 20 of 30", "Resting"]
    report.given_up = True
    with pytest.raises(Cancelled):
        report("Resting")


def test_whoever_needs_the_same_vocabulary_waits_for_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned, gate = list[int](), threading.Event()
    learn = held(gate, prepare.train_tokenizer)

    def counted(texts: Any, vocab_size: int, report: Any) -> Tokenizer:
        learned.append(vocab_size)
        found: Tokenizer = learn(texts, vocab_size, report)
        return found

    monkeypatch.setattr(prepare, "train_tokenizer", counted)
    corpus = load("names", 100)
    found: list[Tokenizer] = []
    threads = [
        threading.Thread(target=lambda: found.append(prepare.learned_tokenizer(corpus, 300, home)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: learned)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert learned == [300]
    assert len({tokenizer.merges for tokenizer in found}) == 1 and len(found) == 3


def test_a_text_is_kept_in_two_bytes_a_token(home: Path) -> None:
    config = preset_config("tiny", steps=1)
    *_, job = prepare.prepare_pretraining(config, home / "runs" / "a-run", home, False)
    documents = job.batches.documents  # type: ignore[union-attr]
    assert {document.dtype for document in documents} == {np.dtype(np.uint16)}


def test_settings_of_the_text_leave_vocabulary_and_validation_as_they_are(home: Path) -> None:
    plain = preset_config("tiny")
    late = with_changes(plain, {"worksheets": 0.1, "sheets_from": 0.7})
    texts = [
        prepare._read_text(config, home / "runs" / name, home, lambda *said: None)
        for name, config in (("plain", plain), ("late", late))
    ]
    assert texts[0].tokenizer.to_json() == texts[1].tokenizer.to_json()
    assert texts[0].validation.num_bytes == texts[1].validation.num_bytes
    assert torch.equal(texts[0].validation.batches[0][0], texts[1].validation.batches[0][0])
    assert isinstance(texts[1].batches, BatchesInPhases)
    assert [end for end, _ in texts[1].batches.phases] == [42, 60]
