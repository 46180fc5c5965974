"""Why it works: a prediction, a verdict with figures, and odds of words at three steps."""

from __future__ import annotations

import pytest

from pages.why.chart import clear_first, kinds_by_step, step_name
from pages.why.looks import three_steps
from tests.fake_engine import ANSWERS
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tests.pages.test_reading_ease import prose
from tests.reading import GRADE, grade
from tinylm.predictions import Verdict, predictions
from tinylm.questions.models import Likely
from tinylm.questions.words import KindChance, KindChances, NextWhole, WholeOdds
from tinylm.recorded import kinds
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id
from ui.charts.whole import whole_bars

__all__ = ["open_page"]  # a fixture

LEARNER = "ada"


@pytest.fixture(autouse=True)
def _a_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: LEARNER)


def chances(**found: tuple[float, float, float]) -> KindChances:
    return KindChances(
        tuple(KindChance(kind, 9, *figures, alone=0.1) for kind, figures in found.items())
    )


def test_the_early_step_is_the_saved_one_nearest_to_a_fixed_step() -> None:
    assert three_steps([90, 180, 900]) == (0, 180, 900)
    assert three_steps([65, 130, 195, 260]) == (0, 195, 260)
    assert three_steps([480, 960, 4800]) == (0, 480, 4800)
    assert three_steps([0, 50]) == (0, 50)
    assert three_steps([20, 40, 60]) == (0, 40, 60)


def test_a_kind_is_first_only_if_its_interval_is_clear_of_the_others() -> None:
    assert clear_first(chances(grammar=(0.8, 0.7, 0.9), facts=(0.1, 0.0, 0.2))) == "grammar"
    assert clear_first(chances(grammar=(0.3, 0.2, 0.4), facts=(0.5, 0.3, 0.7))) == ""


def test_the_picture_has_a_bar_for_each_kind_and_step() -> None:
    found = {step: chances(grammar=(0.5, 0.4, 0.6), facts=(0.1, 0, 0.2)) for step in (0, 9, 90)}
    figure = kinds_by_step(found)
    assert [trace["name"] for trace in figure["data"]] == [
        "untrained",
        "step 9",
        "step 90, the last",
    ]
    assert all(len(trace["y"]) == 2 for trace in figure["data"])
    assert step_name(0, (0, 9)) == "untrained"


def test_with_no_run_the_recorded_training_is_shown_and_called_so(open_page: Open) -> None:
    at = open_page("why")
    assert "as they were recorded" in shown(at)
    early = kinds().looks[1].step
    assert f"At step {early:,}" not in shown(at), "no spoiler"
    click(at, "Grammar")
    text = shown(at)
    assert f"At step {early:,} the recorded model gives" in text and kinds().date in text
    assert "self-supervision" in text and "Untrained" in text


def test_where_runs_wait_to_be_chosen_one_note_says_what_to_do(
    open_page: Open, service: Service
) -> None:
    trained(service, documents=30)  # so little text that it is no lesson's first base
    at = open_page("why")
    text = shown(at)
    assert "None of these runs is chosen for you" in text
    assert "Until a run that has saved a step is chosen" in text
    assert "There is no model" not in text


def test_the_recorded_figures_show_what_the_lesson_says() -> None:
    untrained, early, last = (one.chances for one in kinds().looks)
    assert clear_first(early) == "grammar"
    assert [one.kind for one in sorted(early.kinds, key=lambda one: -one.mean)][-1] == "facts"
    assert all(one.high < 0.05 for one in untrained.kinds)
    assert all(one.mean > 0.9 for one in last.kinds)
    assert all(set(one.odds) == {"grammar", "meaning", "facts"} for one in kinds().looks)


def test_with_a_run_its_own_steps_are_measured_and_the_prediction_is_judged(
    open_page: Open, service: Service
) -> None:
    run = trained(service)
    at = open_page("why", run=run)
    click(at, "Facts")
    text = shown(at)
    assert f"the run {shown_id(run)} gives 90 % to a word that fits the grammar" in text
    assert "10 % to a right fact. At step 60 it is" in text
    assert "surer of facts than of meaning" in text
    (kept,) = predictions(service.answers(LEARNER))
    assert (kept.guess, kept.verdict) == ("Facts", Verdict.NOT_QUITE)


def test_where_no_word_has_odds_to_show_the_page_says_so(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, NextWhole, lambda asked: WholeOdds((), 1.0))
    at = click(open_page("why", run=trained(service)), "Facts")
    assert not at.exception and not at.error
    assert "No word stands out" in shown(at)


def test_odds_that_were_rounded_to_nothing_are_not_called_so() -> None:
    texts = whole_bars(WholeOdds((Likely(" zl", 0.0),), 1.0), "base")["data"][0]["text"]
    assert texts == ["< 0.1 %", "> 99.9 %"]


def test_the_prose_can_be_read_once(open_page: Open) -> None:
    at = click(open_page("why"), "Grammar")
    assert grade(prose(at)) <= GRADE
