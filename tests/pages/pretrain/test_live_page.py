"""A run as it happens, on its page: what is known of it is shown, and what is not is left out."""

from __future__ import annotations

import json
import math

import pytest

from tests.pages.test_pages import Open, open_page, shown
from tests.runs_fakes import started, step_done
from tests.traffic import kind, sent
from tinylm.events import EvalDone, LearningRateChanged, Preparing, Sampled
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from ui.plot import unpacked

__all__ = ["open_page"]  # a fixture
CONFIG = preset_config("tiny")


def claimed(service: Service) -> str:
    """A run that a worker works on."""
    run_id = service.store.create_run(CONFIG)
    assert service.store.claim_run(run_id, "there:1:1") is not None
    return run_id


def test_what_is_prepared_is_said_until_the_training_begins(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.pretrain.live.SHARED", 0.0)
    run_id = claimed(service)
    service.store.add_events(run_id, [Preparing(0, "Learning the vocabulary")])
    assert "Learning the vocabulary" in open_page("pretrain", run=run_id).get("progress")[0].text
    service.store.add_events(run_id, [started(0, CONFIG), LearningRateChanged(0, 0.5)])
    at = open_page("pretrain", run=run_id)
    assert "training" in at.get("progress")[0].text
    assert "× 0.5 from step 0 on" in shown(at)


def test_a_figure_that_is_not_finite_is_left_out_everywhere(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = claimed(service)
    last = EvalDone(2, 512, math.nan, math.inf, -math.inf, 90)
    told = [started(0, CONFIG), step_done(1, CONFIG, 6.0), step_done(2, CONFIG, math.nan), last]
    told.append(Sampled(2, "a", "b", 1, 0.8))
    service.store.add_events(run_id, told)
    with sent(monkeypatch) as messages:
        at = open_page("pretrain", run=run_id)
        at.session_state["fold-all"] = True
        at.run()
        plot = next(message for message in messages if kind(message) == "bidi_component")
    assert not at.exception
    assert [one.value for one in at.metric] == ["–"] * 4
    curve = unpacked(json.loads(plot.delta.new_element.bidi_component.json)["packed"])
    training, validation = curve["data"][:2]
    assert (training["y"], validation["y"]) == (
        [pytest.approx(math.exp(6), rel=1e-3), None],
        [None],
    )
    assert "was not measured at this step" in shown(at)
    at = open_page("runs")
    assert not at.exception
    assert at.dataframe[0].value["val loss"].isna().all()
