"""Two settings at once: one click starts both runs, and the page says what the change did."""

from __future__ import annotations

import math

import pytest
from msgspec import structs
from streamlit.testing.v1 import AppTest

from pages.pretrain.pair import CHANGED, pair_names, waiting
from pages.pretrain.pair_result import ITEMS, accuracy_rows, better_of, loss_sentence
from tests.benchmarks.test_traffic import LIMIT, long_run, told
from tests.pages.pretrain.test_fitting import finished
from tests.pages.test_pages import IMAGE, Open, click, open_page, shown, trained
from tests.traffic import by_fragment, kind, sent
from tinylm.errors import BadRequest
from tinylm.events import EvalDone
from tinylm.presets import preset_config
from tinylm.questions.models import ExamplesRead, Figure, Measurement, Score
from tinylm.runs.service import Service
from tinylm.runs.service.waiting import MAX_QUEUED
from tinylm.runs.store.rows import WorkerRow

__all__ = ["long_run", "open_page"]  # fixtures


def setting(at: AppTest, name: str) -> AppTest:
    box = next(box for box in at.selectbox if box.label == "Change")
    return box.set_value(name).run()


def begin(at: AppTest, name: str = "n_embd") -> AppTest:
    at.button_group[0].set_value("tiny").run()
    return click(setting(at, name), "Start both")


@pytest.mark.parametrize("preset", ["quick", "tiny"])
@pytest.mark.parametrize("name", list(CHANGED))
def test_every_setting_has_another_value_to_begin_with(
    open_page: Open, name: str, preset: str
) -> None:
    at = open_page("pretrain")
    at.button_group[0].set_value(preset).run()
    at = setting(at, name)
    assert not at.exception
    assert not at.error
    both = next(button for button in at.button if button.label == "Start both")
    assert not both.disabled


def test_one_click_starts_both_with_one_difference_and_one_seed(
    open_page: Open, service: Service
) -> None:
    at = begin(open_page("pretrain"))
    assert not at.exception
    second, first = (run.config for run in service.runs())
    assert (first.model.n_embd, second.model.n_embd) == (32, 16)
    assert first.train == second.train
    assert [run.title for run in service.runs()] == ["world, n_embd 16", "world, n_embd 32"]
    ids = [run.id for run in service.runs()]
    assert ids[1] in at.query_params["run"] and ids[0] in at.query_params["beside"]


def test_both_are_named_by_their_difference_and_told_apart_honestly(
    open_page: Open, service: Service
) -> None:
    at = open_page("pretrain")
    at.button_group[0].set_value("tiny").run()
    at = click(setting(at, "n_embd"), "with the change")
    at = click(at, "Start both")
    bars = at.get("progress")[:2]  # a third one stands in the navigation
    texts = [one.proto.text for one in bars]  # type: ignore[union-attr]
    assert [text.partition(" · ")[0].replace("\\", "") for text in texts] == [
        "**n_embd 32**",
        "**n_embd 16**",
    ]
    table = at.dataframe[0].value
    assert list(table.columns) == ["", "n_embd 32", "n_embd 16"]
    assert list(table.iloc[0]) == ["n_embd", "32", "16"]
    said = shown(at).replace("\\", "")
    assert "✗ **Not quite.** You said *with the change*." in said
    assert "**Measured at the end on held-out text: 1.096 nats" in said
    assert "**one sample**" in said
    assert "Less than 0.02 bits per byte counts as hardly a difference" in said
    at = click(at, "Ask both the same held-out questions")
    assert not at.exception
    rows = at.dataframe[1].value
    assert list(rows["examples (k)"]) == ["0", "4"]
    assert list(rows["n"]) == [160, 160]
    assert rows["n_embd 16"][0] == "8.0% [1.0%, 15.0%]"
    assert rows["second less first"][1] == "+0.0% [+0.0%, +0.0%]"
    assert ITEMS > 50


def test_both_are_asked_at_their_best_steps(open_page: Open, service: Service) -> None:
    runs = [
        finished(service, 4.0, *losses, 3.9, steps=80, corpus="world")
        for losses in ((3.0, 3.5), (3.5, 3.0))
    ]
    at = open_page("pretrain", run=runs[0], beside=runs[1])
    click(at, "Ask both the same held-out questions")
    steps = [{one.step for one in service.asked(Score, run)} for run in runs]
    assert steps == [{40}, {60}]


def test_one_of_the_two_can_be_looked_at_alone_and_others_trained(
    open_page: Open, service: Service
) -> None:
    at = begin(open_page("pretrain"))
    at = click(click(at, "Train others"), "Start training")
    assert "beside" not in at.query_params
    first, second = trained(service), trained(service, seed=2)
    at = open_page("pretrain", run=first, beside=second)
    assert "seed 2" in "".join(one.label for one in at.button)


@pytest.mark.parametrize("other", ["no-such-run", "../../etc", IMAGE])
def test_an_address_that_names_no_second_run_shows_the_first_alone(
    open_page: Open, service: Service, other: str
) -> None:
    at = open_page("pretrain", run=trained(service), beside=other)
    assert not at.exception
    assert len(at.error) == 1
    assert "![" not in at.error[0].value
    assert "Trained" in at.success[0].value


def test_each_of_the_two_can_be_looked_into(open_page: Open, service: Service) -> None:
    at = begin(open_page("pretrain"))
    found = [one.proto for one in at.get("page_link") if "inside it" in one.proto.label]
    ids = [run.id for run in service.runs()]
    assert [one.query_string for one in found] == [f"run={ids[1]}", f"run={ids[0]}"]
    assert found[0].label != found[1].label


def test_pause_resume_and_stop_reach_both(open_page: Open, service: Service) -> None:
    first = service.store.create_run(preset_config("tiny"))
    second = service.store.create_run(preset_config("tiny", n_layer=2))

    def status() -> list[str]:
        return [service.run(one).status for one in (first, second)]

    at = open_page("pretrain", run=first, beside=second)
    at = click(at, "Pause both")
    assert status() == ["paused", "paused"]
    at = click(at, "Stop both")
    assert status() == ["stopped", "stopped"]
    click(at, "Resume both")
    assert status() == ["done", "done"]


def test_a_run_that_waits_says_why(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [service.run(service.store.create_run(preset_config("tiny"))) for _ in range(2)]
    claimed = service.store.claim_run(rows[0].id, "worker")
    assert claimed is not None
    runs = [service.run(row.id) for row in rows]
    heads = ["n_layer 1", "n_layer 2"]

    def workers(*queues: str) -> list[WorkerRow]:
        return [WorkerRow(queue, queue, "host", 1, 0.0, 0.0) for queue in queues]

    monkeypatch.setattr("pages.pretrain.pair.service", lambda: service)
    monkeypatch.setattr(service, "workers", lambda: workers("short", "long"))
    assert "“n_layer 2” waits for a free place: 1 run trains at a time" in waiting(runs, heads)
    monkeypatch.setattr(service, "workers", lambda: workers("short", "long", "long"))
    assert "2 runs train at a time" in waiting(runs, heads)
    assert "Both wait" in waiting([runs[1], runs[1]], heads)
    assert waiting([runs[0], runs[0]], heads) == ""
    monkeypatch.setattr(service, "workers", list)
    assert "No worker" in waiting(runs, heads)


def test_a_pair_starts_whole_or_not_at_all(service: Service) -> None:
    good = preset_config("tiny")
    bad = structs.replace(good, model=structs.replace(good.model, n_layer=99))
    with pytest.raises(BadRequest, match="between 1 and 48"):
        service.start_pair(good, bad, ("a", "b"))
    assert not service.runs()
    for _ in range(MAX_QUEUED - 1):
        service.store.create_run(good)
    with pytest.raises(BadRequest, match="waiting already"):
        service.start_pair(good, good, ("a", "b"))
    assert len(service.runs()) == MAX_QUEUED - 1


def test_equal_settings_are_told_apart_by_a_number() -> None:
    same = preset_config("tiny")
    assert pair_names(same, same) == ["the same settings (1)", "the same settings (2)"]


def test_losses_of_two_vocabularies_are_not_compared_by_token() -> None:
    last = [EvalDone(9, 9, loss, 2.0, bits, 9) for loss, bits in ((1.0, 0.5), (0.8, 0.6))]
    said = loss_sentence(last, ["a", "b"], comparable=True)
    assert "0.200 lower" in said and "In bits per byte they differ by 0.100" in said
    near, far = (EvalDone(9, 9, 0.8, 2.0, bits, 9) for bits in (0.5194, 0.5196))
    assert better_of([last[0], near]) == "hardly a difference"
    assert better_of([last[0], far]) == "as it is"  # the sentence says 0.020
    other = loss_sentence(last, ["a", "b"], comparable=False)
    assert "0.100 higher" in other and "do not compare" in other
    assert loss_sentence([None, last[0]], ["a", "b"], comparable=True) == ""
    unknown = EvalDone(9, 9, math.nan, math.nan, math.nan, 9)
    assert loss_sentence([last[0], unknown], ["a", "b"], comparable=False) == ""


def test_the_difference_in_accuracy_is_that_of_the_same_questions() -> None:
    def row(correct: int) -> Measurement:
        share, right = correct / 100, tuple(i < correct for i in range(100))
        return Measurement(
            *(100, correct, share, 0.1, 0.9),
            metric="accuracy",
            metrics={"accuracy": Figure(share, 0.1, 0.9)},
            chance=0.1,
            majority=0.1,
            ranked=None,
            groups={},
            examples=ExamplesRead(0, 0, 0, 0, 100),
            right=right,
        )

    found = accuracy_rows({(0, 0): row(10), (1, 0): row(30), (0, 4): row(1)}, ["a", "b"])
    (only,) = found
    assert only["n"] == 100
    assert only["second less first"].startswith("+20.0% [+1")
    assert only["a"] == "10.0% [10.0%, 90.0%]"


def test_two_live_runs_are_sent_in_ten_kilobytes_an_update(
    open_page: Open, service: Service, long_run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = service.store.create_run(preset_config("full", n_layer=2, learning_rate=0.0035))
    service.store.add_events(other, told(4000), service.store.claim_run(other, "worker"))
    with sent(monkeypatch) as messages:
        at = open_page("pretrain", run=long_run, beside=other)
        assert not at.exception
        (part,) = by_fragment(messages).values()
    print(sum(m.ByteSize() for m in part), [(kind(m), m.ByteSize()) for m in part])
    assert sum(message.ByteSize() for message in part) < LIMIT


def test_what_was_changed_since_a_run_is_said_outside_of_the_inputs(
    open_page: Open, service: Service
) -> None:
    at = open_page("pretrain", run=trained(service))
    assert not at.info
    layers = next(n for n in at.number_input if "n_layer" in n.label)
    at = layers.set_value(2).run()
    assert "Settings changed since this run: n_layer 2" in at.info[0].value.replace("\\", "")
    at.session_state["current_corpus"] = "names"
    at = at.run()
    at = next(one for one in at.toggle if "chosen corpus" in one.label).set_value(True).run()
    assert "corpus names, n_layer 2" in at.info[0].value.replace("\\", "")
    at = click(at, "Train with this change")
    assert service.runs()[0].corpus == "names"
