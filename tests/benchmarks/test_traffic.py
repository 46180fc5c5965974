"""What a viewer of a training run is sent: at most 10 kB an update, counted from the messages."""

from __future__ import annotations

import json
import math
import random

import pytest

from pages.pretrain import live as watch
from pages.pretrain.live import CURVE_POINTS
from tests.pages.test_pages import Open, open_page
from tests.traffic import by_fragment, kind, sent
from tinylm.events import (
    CurvePoint,
    EvalDone,
    Event,
    LearningRateChanged,
    NextTokenOdds,
    NextWordOdds,
    Probed,
    RunStarted,
    Sampled,
    StepDone,
)
from tinylm.presets import PRESETS, preset_config
from tinylm.runs.service import Service
from ui import plot as live_plot
from ui.charts import training
from ui.charts.base import Figure

__all__ = ["open_page"]  # a fixture
LIMIT = 10_000  # bytes
LONGEST = PRESETS["full"].train
STEPS, EVERY = LONGEST.steps, LONGEST.eval_interval
TOKENS = LONGEST.batch_size * PRESETS["full"].model.block_size  # a step
TEXT = "Ghana -> Accra\nPeru -> Lima\nThe young of a cow is called a calf.\n" * 5


def told(until: int) -> list[Event]:
    """What a run says until then: noisy figures, all three probes, odds, long texts."""
    noise = random.Random(1)
    found: list[Event] = [
        RunStarted(0, STEPS, TOKENS, 900_000, 2048, 9_000_000, 90_000, 3_000, 2, "fp32", "cpu")
    ]
    for step in range(until + 1):
        loss = 0.8 + 6.8 * math.exp(-step / 250)
        if step:
            shown = loss * noise.uniform(0.8, 1.2)
            speed = noise.uniform(15_000, 20_000)
            found.append(StepDone(step, step * TOKENS, shown, 1e-3 / 3, noise.random(), speed))
        if step % EVERY == 0:
            found.append(
                EvalDone(step, step * TOKENS, loss, math.exp(loss), loss / math.log(2) / 3.2, 9000)
            )
            found.append(Sampled(step, "Ghana -> ", TEXT, 1, 0.8))
            tokens = tuple(f" Accra{i}" for i in range(10))
            odds = tuple(noise.random() for _ in tokens)
            found.append(NextTokenOdds(step, "The capital of Ghana is", tokens, odds))
            found.append(NextWordOdds(step, "The capital of Ghana is", tokens[:6], odds[:6], 0.01))
            for name in ("grammar", "meaning", "facts"):
                found.append(Probed(step, name, min(300, 140 + step // 10), 300))
        if step in (400, 900):
            found.append(LearningRateChanged(step, 0.5))
    return found


@pytest.fixture
def long_run(service: Service, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run of the longest preset near its end, with its ladder, as it trains."""

    run_id = service.store.create_run(preset_config("full"))
    claim = service.store.claim_run(run_id, "worker")
    service.store.add_events(run_id, told(STEPS - 1), claim)
    return run_id


@pytest.mark.parametrize("measure", ["loss", "perplexity", "bits_per_byte", "tokens_per_sec"])
@pytest.mark.parametrize("axis", ["step", "seconds"])
def test_no_update_of_a_live_page_is_over_ten_kilobytes(
    open_page: Open, long_run: str, monkeypatch: pytest.MonkeyPatch, measure: str, axis: str
) -> None:
    with sent(monkeypatch) as messages:
        at = open_page("pretrain", run=long_run)
        assert not at.exception
        folded = by_fragment(messages)
        at.session_state["fold-all"] = True
        at.run()
        at.radio(key="measure").set_value(measure)
        at.button_group(key="curve_axis").set_value(axis).run()
        assert not at.exception
        parts = by_fragment(messages)
    plots = [m for several in parts.values() for m in several if kind(m) == "bidi_component"]
    assert len(plots) == 3  # the first screen's curve and odds, and the curve with all measures
    assert all(message.ByteSize() < LIMIT / 2 for message in plots)
    sizes = [sum(message.ByteSize() for message in several) for several in parts.values()]
    print(f"{measure} against {axis}: {sizes} bytes, curve {plots[2].ByteSize()}")
    assert len(sizes) == 4  # the buttons, the first screen, what is folded, the dial
    for several in (*parts.values(), *folded.values()):
        assert sum(message.ByteSize() for message in several) < LIMIT
    assert sizes[1] < 0.95 * LIMIT  # there is room for a longer sentence
    curve = live_plot.unpacked(json.loads(plots[2].delta.new_element.bidi_component.json)["packed"])
    assert CURVE_POINTS / 2 < len(curve["data"][0]["x"]) <= CURVE_POINTS
    if measure in training.MEASURES:
        names = {note["text"] for note in curve["layout"]["annotations"]}
        assert any("unigram" in name for name in names)  # a line to compare with
        assert any("<b>1</b>" in name for name in names)  # the first milestone


def test_the_code_of_the_plot_does_not_come_with_every_update() -> None:
    assert len(live_plot._JS) + len(live_plot._HTML) < 400
    assert "Plotly" not in live_plot._JS
    assert {"plot.css", "plot.js"} <= {path.name for path in live_plot.ASSETS.iterdir()}


def test_a_figure_is_unpacked_as_it_was_packed() -> None:
    figure: Figure = {
        "data": [{"x": [1, 2.5, None], "name": "Größe ‹b› 小"}],
        "layout": {"a": {"b": [True]}},
    }
    assert live_plot.unpacked(live_plot.packed(figure)) == figure
    curve = [CurvePoint(s, 64 * s, 2 + s % 7 / 3, 0.01, 1.0, 9e3) for s in range(200)]
    drawn = training.training_curve(curve, [])
    assert len(live_plot.packed(drawn)) < len(json.dumps(drawn)) / 2


def test_a_validation_without_a_further_step_reaches_the_shared_chart(
    service: Service,
    open_page: Open,
    long_run: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "SHARED", 0.0)
    with sent(monkeypatch) as messages:
        at = open_page("pretrain", run=long_run)
        last = EvalDone(STEPS - 1, (STEPS - 1) * TOKENS, 0.5, math.exp(0.5), 0.2, 9000)
        service.store.add_events(long_run, [last])
        at.run()
        plot = next(m for m in messages if kind(m) == "bidi_component")
    curve = live_plot.unpacked(json.loads(plot.delta.new_element.bidi_component.json)["packed"])
    validation = next(trace for trace in curve["data"] if trace["name"] == "unseen text")
    assert validation["x"][-1] == STEPS - 1 and validation["y"][-1] == math.exp(0.5)
