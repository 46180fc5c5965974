"""Was it sudden, on the page: a task that lags is called so, and one that does not is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import pytest

from pages.sudden.charts import describe, lines
from pages.sudden.result import conclusion, lagging, table, told
from pages.sudden.ways import lag, mean_way, ways
from tinylm.experiments.recording import Recording, Trial, recording
from tinylm.experiments.sudden import BLIND, EXACT, LENGTH, LOG, RUN, TASKS, TOKENS, figure
from tinylm.questions.experiments import Figure, Measured

STEPS = (30, 60, 90, 120)


def made(
    task: str, length: float, exact: Sequence[float], tokens: Sequence[float]
) -> Mapping[int, dict[str, Figure]]:
    """The figures of a task at each of STEPS."""

    def at(place: int) -> dict[str, Figure]:
        values = {
            EXACT: exact[place],
            TOKENS: tokens[place],
            LOG: -10 * (1 - STEPS[place] / STEPS[-1]),
            BLIND: -10.0,
            LENGTH: length,
        }
        return {figure(task, name): Figure(one, one, one, 50) for name, one in values.items()}

    return {step: at(place) for place, step in enumerate(STEPS)}


def one_recording() -> Recording:
    """Long answers that lag, answers of one token that jump, facts that rise, the rest flat."""
    late, early, flat = (0, 0, 0.2, 1), (0.4, 0.6, 0.8, 1), (0, 0, 0, 0)
    kinds = {
        "to_nuveli": (5.2, late, early),
        "topics": (1.0, late, late),
        "facts": (1.9, early, early),
    }
    found = [made(task, *kinds.get(task, (1.9, flat, flat))) for task in TASKS]
    at = {step: Measured({k: v for one in found for k, v in one[step].items()}) for step in STEPS}
    trials = [
        Trial(RUN, seed, at[120], {step: at[step] for step in STEPS[:-1]}) for seed in (1, 2, 3)
    ]
    return Recording("sudden", "2026-11-28", "2 cores", "abc", "quick", tuple(trials))


MADE = one_recording()


def test_only_long_answers_lag_and_what_never_comes_is_said_to() -> None:
    assert lagging(MADE) == ["to_nuveli"]
    tokens = lag(MADE, "to_nuveli").tokens
    assert tokens is not None and tokens.mean == pytest.approx(0.7)
    assert lag(MADE, "questions").tokens is None
    # Tokens are half right after 45 updates, a tenth of the whole answers after 75.
    assert "Half of them were right 30 updates before" in told(MADE, "to_nuveli")
    assert "rise side by side" in told(MADE, "facts")
    assert "hides nothing" in told(MADE, "topics")
    assert "There is no jump" in told(MADE, "questions")


def test_the_conclusion_names_what_lags_and_what_jumps_by_every_count() -> None:
    said = conclusion(MADE)
    assert "lag behind in translation into Nuveli" in said
    assert "*reviews by topic* an answer is one token" in said


def test_the_table_has_a_row_for_every_task() -> None:
    rows = table(MADE)
    assert [row["task"] for row in rows] == list(TASKS.values())
    assert rows[list(TASKS).index("questions")]["single tokens then"] == "never so far"


def test_the_picture_has_a_line_for_each_metric_and_marks_for_what_is_live() -> None:
    way = mean_way(ways(MADE, "to_nuveli"))
    assert [point.step for point in way] == [0, *STEPS]
    for recorded, live in ((way, []), ([], way[:2]), (way, way[:2]), ([], [])):
        figure_ = lines(recorded, live)
        go.Figure(figure_)
        assert len(figure_["data"]) == 3 * (bool(recorded) + bool(live))
    assert "after 120 updates whole answers 100%" in describe(way, [])
    assert describe([], []) == "Not measured yet."


def test_what_was_recorded_says_what_the_page_says() -> None:
    found = recording("sudden")
    assert found is not None
    assert {"to_nuveli", "to_drazgok"} <= set(lagging(found))
    assert "facts" not in lagging(found)
    assert lag(found, "questions").tokens is None
