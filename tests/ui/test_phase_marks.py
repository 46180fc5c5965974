"""Phases as marks in the chart: at the right place of each axis, clear of each other, in words."""

from __future__ import annotations

import json
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from tests.ladders import LADDER
from tinylm.evaluation.phases import Phase, phases
from tinylm.events import CurvePoint, EvalDone, Probed
from ui.charts import training
from ui.charts.ladder import with_ladder
from ui.charts.phase_marks import NARROWEST, WIDE, by_mark, describe_phases, placed, with_phases

STEPS = range(1, 21)
CURVE = [CurvePoint(s, 64 * s, 7.0 - s / 4, 0.01, 1.0, 32.0) for s in STEPS]
EVALS = [
    EvalDone(s, 64 * s, loss, loss, loss, 900)
    for s, loss in ((0, 7.0), (5, 4.5), (10, 2.4), (20, 1.5))
]
PROBES = [Probed(10, "facts", 55, 60)]
FOUND = phases(EVALS, LADDER, PROBES)
PLACES = {"step": [5, 10, 20], "tokens_seen": [320, 640, 1280], "seconds": [10.0, 20.0, 40.0]}
NAMES = [["unigram"], ["bigram", "facts"], ["trigram"]]


@pytest.mark.parametrize("axis", list(training.AXES))
def test_a_phase_stands_where_its_validation_does(axis: str) -> None:
    marks = placed(FOUND, CURVE, EVALS, axis)
    assert marks == list(zip(PLACES[axis], NAMES, strict=True))


def list_of_phases() -> None:
    from pages.pretrain.learned import passed
    from tests.ui.test_phase_marks import FOUND

    passed(FOUND)


def test_the_list_of_phases_has_the_numbers_of_the_marks() -> None:
    listed = AppTest.from_function(list_of_phases).run().markdown[-1].value.splitlines()
    marks = placed(FOUND, CURVE, EVALS, "step")
    assert len(listed) == len(marks) < len(FOUND)  # two of them share a mark
    for number, (line, (step, names)) in enumerate(zip(listed, marks, strict=True), start=1):
        assert line.startswith(f"{number}. Step {step:.0f}: ")
        assert all(f"**{name}**" in line for name in names)
    assert [step for step, _ in by_mark(FOUND)] == [step for step, _ in marks]


def test_a_phase_whose_validation_is_gone_stands_at_the_next_step() -> None:
    assert placed([Phase(7, "facts", "")], CURVE, [], "tokens_seen") == [(448, ["facts"])]
    assert placed([Phase(7, "facts", "")], [], [], "step") == []


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("measure", [*training.MEASURES, *training.SIGNS])
def test_every_measure_has_the_same_marks(measure: str, log: bool) -> None:
    if measure in training.SIGNS:
        plain = training.sign_curve(CURVE, measure, log=log)
    else:
        plain = training.training_curve(CURVE, EVALS, measure, log=log)
        plain = with_ladder(plain, LADDER, measure, log=log)
    figure = with_phases(plain, placed(FOUND, CURVE, EVALS, "step"))
    go.Figure(figure)  # raises for a property that Plotly does not know
    json.dumps(figure, allow_nan=False)
    layout = figure["layout"]
    assert [line["x0"] for line in layout["shapes"]] == PLACES["step"]
    assert all(line["x0"] == line["x1"] for line in layout["shapes"])
    labels = [note for note in layout["annotations"] if note["text"].startswith("<b>")]
    assert [note["text"] for note in labels] == ["<b>1</b>", "<b>2</b>", "<b>3</b>"]
    top = layout["yaxis"]["domain"][1]
    assert all(note["y"] == top == line["y1"] for note in labels for line in layout["shapes"])
    kept = [note for note in layout["annotations"] if not note["text"].startswith("<b>")]
    assert kept == plain["layout"].get("annotations", [])
    assert layout["uirevision"] == plain["layout"]["uirevision"]


def test_names_are_clear_of_each_other_on_a_telephone() -> None:
    marks = [
        (float(s), names) for s, names in ((1, ["a", "b"]), (2, ["c"]), (3, ["d"]), (20, ["e"]))
    ]
    figure = with_phases(training.training_curve(CURVE, EVALS), marks)
    scale = NARROWEST / 20
    edges = []
    for note in figure["layout"]["annotations"]:
        middle, half = note["x"] * scale + note["xshift"], WIDE / 2
        edges.append((middle - half, middle + half))
    assert all(one[1] <= other[0] + 0.2 for one, other in pairwise(edges))
    assert figure["layout"]["annotations"][-1]["xshift"] == 0


def test_a_chart_without_phases_keeps_its_strip_free_and_does_not_jump_later() -> None:
    empty = with_phases(training.training_curve([], []), [])
    full = with_phases(training.training_curve(CURVE, EVALS), [(5.0, ["unigram"])])
    assert empty["layout"]["yaxis"]["domain"] == full["layout"]["yaxis"]["domain"]
    assert not empty["layout"]["shapes"]


def test_marks_are_told_in_words_by_the_axis_that_is_shown() -> None:
    assert describe_phases([], "step") == ""
    said = describe_phases([(1280.0, ["bigram", "facts"])], "tokens_seen")
    assert said == " Marked phases: 1: bigram and facts at 1,280 tokens."
    assert "at 40 s" in describe_phases([(40.0, ["trigram"])], "seconds")
