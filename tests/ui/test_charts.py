"""Charts are pure functions from rows to plain data that Plotly and JSON can read."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from msgspec.structs import replace

from tests.ladders import FLOOR, LADDER, LOSSES
from tests.measurements import measured
from tinylm.events import CurvePoint, EvalDone
from tinylm.questions.models import Figure
from ui.charts import accuracy, training
from ui.charts import base as charts
from ui.charts.ladder import LABEL_HEIGHT, describe_ladder, ladder_rows, standing, with_ladder


def point(step: int, loss: float) -> CurvePoint:
    return CurvePoint(step, 64 * step, loss, 0.01, 1.0, 32.0)


def held_out(loss: float, num_tokens: int = 0, step: int = 20) -> EvalDone:
    return EvalDone(step, 64 * step, loss, math.exp(loss), loss / 2, num_tokens)


CURVE = [point(s, 7.0 - s / 10) for s in range(1, 21)]
EVALS = [held_out(loss, step=s) for s, loss in ((0, 7.0), (10, 6.0), (20, 5.0))]
SCORE = measured(0.6, 0.5, 0.68, 120, {"accuracy": Figure(0.6), "macro_f1": Figure(0.3)})
BLEU = measured(0.6, 0.5, 0.68, 120, {"bleu": Figure(41.2, 38.0, 45.0, 100)})


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def all_figures() -> list[charts.Figure]:
    scores = {"untrained": SCORE, "base": SCORE}
    by_k = {"base": {0: SCORE, 4: SCORE}}
    return [
        training.training_curve(CURVE, EVALS, "bits_per_byte", log=True),
        training.training_curve([], []),
        with_ladder(training.training_curve(CURVE, EVALS, "perplexity"), LADDER, "perplexity"),
        with_ladder(training.training_curve(CURVE, EVALS, log=True), LADDER, "loss", log=True),
        training.compare_curves({"base": (CURVE, EVALS)}),
        charts.odds_bars({"base": [(" a", 0.6), ("\n", 0.4)]}),
        accuracy.accuracy_bars(scores, 0.1),
        accuracy.accuracy_by_shots(by_k, 0.1),
        accuracy.accuracy_by_labels(by_k),
        accuracy.accuracy_by_shots({"base": {0: BLEU}, accuracy.SHUFFLED: {4: BLEU}}),
        accuracy.macro_f1_by_shots(by_k),
        accuracy.accuracy_by_step({"k = 0": {0: SCORE}, "k = 4": {0: SCORE, 100: SCORE}}, 0.1),
        accuracy.loss_by_step(EVALS),
    ]


@pytest.mark.parametrize("figure", all_figures())
def test_plotly_and_json_accept_every_figure(figure: charts.Figure) -> None:
    go.Figure(figure)  # raises for a property that Plotly does not know
    json.dumps(figure, allow_nan=False)


def test_perplexity_is_the_exponential_of_the_loss_in_both_series() -> None:
    train, validation = training.training_curve(CURVE, EVALS, "perplexity")["data"]
    assert train["y"][0] == pytest.approx(math.exp(CURVE[0].loss), rel=1e-4)
    assert validation["y"] == [found.perplexity for found in EVALS]


def test_bits_per_byte_of_training_needs_a_validation_to_scale_it() -> None:
    with_scale = training.training_curve(CURVE, EVALS, "bits_per_byte")["data"][0]["y"]
    without = training.training_curve(CURVE, [], "bits_per_byte")["data"][0]["y"]
    assert with_scale[0] == pytest.approx(CURVE[0].loss / 2)
    assert set(without) == {None}


@pytest.mark.parametrize("loss", [math.nan, math.inf, 60.0])
def test_a_diverged_loss_leaves_a_gap(loss: float) -> None:
    assert training.measure_of_loss(loss, "perplexity") is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("measure", list(training.MEASURES))
@pytest.mark.parametrize("axis", list(training.AXES))
def test_what_is_not_finite_leaves_a_gap_in_every_chart(
    measure: str, axis: str, value: float
) -> None:
    curve = [*CURVE, CurvePoint(21, 21 * 64, value, value, value, value)]
    evals = [*EVALS, EvalDone(21, 21 * 64, value, value, value, 0)]
    figures = [
        training.training_curve(curve, evals, measure, axis=axis),
        with_ladder(training.training_curve(curve, evals, measure), LADDER, measure),
        training.overlaid_runs([("a", curve, evals)], measure, axis=axis, training=True),
        training.compare_curves({"base": (curve, evals)}),
        *(training.sign_curve(curve, sign, axis=axis) for sign in training.SIGNS),
        accuracy.loss_by_step(evals),
    ]
    for figure in figures:
        json.dumps(figure, allow_nan=False)
    train, validation = figures[0]["data"]
    assert len(train["x"]) == len(train["y"]) == 21
    assert train["y"][-1] is validation["y"][-1] is None
    assert None not in train["y"][:-1]


def test_zoom_outlives_updates_but_not_another_measure() -> None:
    def revision(rows: list[CurvePoint], measure: str) -> str:
        return str(training.training_curve(rows, [], measure)["layout"]["uirevision"])

    assert revision(CURVE[:3], "loss") == revision(CURVE, "loss") != revision(CURVE, "perplexity")


def test_every_model_answers_in_the_same_order() -> None:
    figure = charts.odds_bars(
        {"base": [("Lima", 0.7), ("Accra", 0.2)], "scratch": [("Accra", 0.5)]}
    )
    base, scratch = figure["data"]
    assert base["y"] == scratch["y"] == [0, 1]
    assert figure["layout"]["yaxis"]["ticktext"] == ["Lima", "Accra"]
    assert scratch["x"] == [0.0, 0.5]


def test_labels_show_blanks_and_never_markup() -> None:
    figure = charts.odds_bars({"base": [(" <b>x", 0.5), ("\n", 0.3), ("", 0.2)]})
    assert figure["layout"]["yaxis"]["ticktext"] == ["␣‹b›x", "⏎", "∅"]


def test_intervals_reach_from_low_to_high() -> None:
    (bars,) = accuracy.accuracy_bars({"base": SCORE})["data"]
    assert bars["error_y"]["array"] == [pytest.approx(0.08)]
    assert bars["error_y"]["arrayminus"] == [pytest.approx(0.1)]


def test_chance_and_the_commonest_answer_are_named_off_the_points() -> None:
    for figure in (
        accuracy.accuracy_by_shots({"base": {0: SCORE}}, 0.25, 0.37),
        accuracy.accuracy_by_step({"k = 4": {0: SCORE, 40: SCORE}}, 0.25),
        accuracy.accuracy_bars({"base": SCORE}, 0.25),
    ):
        go.Figure(figure)
        assert "annotations" not in figure["layout"]  # before, a name was written over points
    bars = figure["layout"]
    assert bars["shapes"][0]["y0"] == 0.25 and "chance 25%" in bars["xaxis"]["title"]["text"]
    _, chance, commonest = accuracy.accuracy_by_shots({"base": {0: SCORE}}, 0.25, 0.37)["data"]
    assert (chance["name"], chance["y"]) == ("chance 25%", [0.25, 0.25])
    assert (commonest["name"], commonest["y"]) == ("commonest answer 37%", [0.37, 0.37])
    assert chance["line"]["dash"] != commonest["line"]["dash"]


def test_a_task_led_by_bleu_is_drawn_by_bleu() -> None:
    figure = accuracy.accuracy_by_shots({"base": {0: BLEU}})
    (line,) = figure["data"]
    assert line["y"] == [pytest.approx(0.412)]
    assert line["error_y"]["array"] == [pytest.approx(0.038)]
    assert figure["layout"]["yaxis"]["title"]["text"] == "BLEU / 100"
    assert accuracy.in_words(BLEU) == "BLEU 41.2"
    assert "38.0 to 45.0" in accuracy.describe_scores({"base": BLEU})


def test_controls_differ_from_models_and_each_other_without_colour() -> None:
    names = ["untrained", "base", "fine-tuned", "scratch", accuracy.SHUFFLED, accuracy.OTHER]
    lines = accuracy.accuracy_by_shots({name: {1: SCORE} for name in names})["data"]
    dashes = {line["name"]: line["line"]["dash"] for line in lines}
    assert [name for name in names if dashes[name] != "solid"] == names[4:]
    assert len({line["marker"]["symbol"] for line in lines}) == len(names)


def test_macro_f1_is_drawn_without_an_interval() -> None:
    (line,) = accuracy.macro_f1_by_shots({"base": {0: SCORE}})["data"]
    assert line["y"] == [0.3]
    assert "error_y" not in line


def test_score_and_loss_share_the_axis_of_steps() -> None:
    last = EVALS[-1].step
    above = accuracy.accuracy_by_step({"k = 4": {0: SCORE, last: SCORE}})
    below = accuracy.loss_by_step(EVALS)
    assert above["layout"]["xaxis"]["range"] == below["layout"]["xaxis"]["range"]


def test_shots_are_drawn_in_order() -> None:
    (line,) = accuracy.accuracy_by_shots({"base": {8: SCORE, 0: SCORE, 2: SCORE}})["data"]
    assert line["x"] == [0, 2, 8]


def test_a_chart_without_a_point_has_no_axes() -> None:
    empty, drawn = (training.compare_curves({"base": rows}) for rows in (((), ()), (CURVE, EVALS)))
    for axis in ("xaxis", "yaxis"):
        assert empty["layout"][axis]["visible"] is False
        assert drawn["layout"][axis].get("visible", True)


def test_charts_are_told_in_words() -> None:
    said = training.describe_curve(CURVE, EVALS, "loss")
    assert "20 steps" in said
    assert "from 6.90 to 5.00" in said
    assert "60%, 95 % interval 50% to 68%, 120 items" in accuracy.describe_scores({"base": SCORE})
    assert "no steps yet" in training.describe_curve([], [], "loss")


@pytest.mark.parametrize("background", ["#fbfaf6", "#12181b"])
def test_series_stand_out_on_the_light_and_the_dark_background(background: str) -> None:
    for colour in (charts.BLUE, charts.VERMILION, charts.GREEN, charts.PURPLE, charts.GREY):
        assert contrast(colour, background) >= 3.0, (colour, contrast(colour, background))


@pytest.mark.parametrize("measure", list(training.MEASURES))
def test_every_rung_is_a_level_line_over_the_whole_run(measure: str) -> None:
    plain = training.training_curve(CURVE, EVALS, measure)
    figure = with_ladder(plain, LADDER, measure)
    lines = figure["data"][2:]
    assert figure["data"][:2] == plain["data"]
    assert {line["name"] for line in lines} == {*LOSSES, "true entropy"}
    for line in lines:
        found = training.measured(LADDER.models.get(line["name"], LADDER.entropy), measure)
        assert (line["x"], line["y"]) == ([0, 20], [found, found])


def test_a_curve_without_ladder_or_without_steps_stays_as_it_is() -> None:
    plain = training.training_curve(CURVE, EVALS)
    empty = training.training_curve([], [])
    assert with_ladder(plain, None, "loss") == plain
    assert with_ladder(empty, LADDER, "loss") == empty


@pytest.mark.parametrize("measure", list(training.MEASURES))
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("reached", [7.0, 4.0, 2.0, 0.8])
def test_labels_cover_neither_each_other_nor_the_end_of_the_curve(
    measure: str, log: bool, reached: float
) -> None:
    """Places of the labels in pixels, from what Plotly will make of them at first sight."""
    curve = [point(s, max(reached, 7.0 - s)) for s in range(1, 21)]
    evals = [EVALS[0]]
    figure = with_ladder(training.training_curve(curve, evals, measure), LADDER, measure, log=log)
    ys = [y for trace in figure["data"] for y in trace["y"]]
    axis = math.log10 if log else float
    scale = 250 / (axis(max(ys)) - axis(min(ys)))
    end = axis(figure["data"][0]["y"][-1]) * scale
    boxes = []
    for label in figure["layout"]["annotations"]:
        edge = label["y"] * scale + label["yshift"]
        bottom = edge if label["yanchor"] == "bottom" else edge - LABEL_HEIGHT
        boxes.append((bottom, bottom + LABEL_HEIGHT))
    boxes.sort()
    assert len(boxes) == 5
    assert all(low[1] <= high[0] + 1e-6 for low, high in pairwise(boxes))
    assert not any(bottom < end < top for bottom, top in boxes)


def test_what_was_passed_is_said_in_words() -> None:
    assert standing(None, EVALS) == standing(LADDER, []) == ""
    assert "still has to pass the unigram model at 5.00" in standing(LADDER, [held_out(6.0)])
    said = standing(LADDER, [held_out(2.0)])
    assert "passed the **unigram and bigram** models; next is the trigram model at 1.75" in said
    assert "unigram, bigram and trigram" in standing(LADDER, [held_out(1.0)])


def test_the_distance_to_the_best_possible_is_that_of_the_final_validation() -> None:
    assert "0.25" not in standing(LADDER, [held_out(1.0, 400)])
    final = standing(LADDER, [held_out(1.0, LADDER.tokens)])
    assert "at least **0.25 nats per token above the best possible**" in final
    assert "below the 0.75" in standing(LADDER, [held_out(0.7, LADDER.tokens)])


def test_without_known_entropy_there_is_no_floor() -> None:
    counted = replace(LADDER, entropy=None)
    figure = with_ladder(training.training_curve(CURVE, EVALS), counted, "loss")
    assert {line["name"] for line in figure["data"][2:]} == set(LOSSES)
    assert "possible" not in standing(counted, [held_out(1.0, LADDER.tokens)])
    assert "entropy" not in describe_ladder(counted, "loss")


def test_the_lines_are_told_in_words_and_as_a_table() -> None:
    said = describe_ladder(LADDER, "perplexity")
    assert "uniform 512, unigram 148, bigram 12.2, trigram 5.75, true entropy 2.12" in said
    rows = ladder_rows(LADDER)
    assert [row["model"] for row in rows][-3:] == [
        "true entropy",
        "true entropy: prose",
        "true entropy: worksheet",
    ]
    assert rows[4]["loss"] == FLOOR
