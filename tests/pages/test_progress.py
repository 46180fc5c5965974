"""A part of a lesson counts once its main action was taken and what came of it was seen."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages import bet, inside, limits, metrics, prompts, transfer
from pages.limits import keys as limits_keys
from pages.registry import LESSONS, progress_of
from tests.pages.test_pages import Open, click, open_page, trained, tuned
from tinylm.predictions import PREDICTED
from tinylm.runs.service import Service
from ui.lesson import Progress
from ui.predict import seen

__all__ = ["open_page"]  # a fixture

LEARNER = "ada"


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: LEARNER)


def counted(at: AppTest) -> str:
    """How many lessons the sidebar counts as done."""
    (bar,) = at.sidebar.get("progress")
    return str(bar.proto.text)  # type: ignore[union-attr]


def test_how_far_a_lesson_is_in_words() -> None:
    assert [Progress(done, 4).begun for done in (0, 2, 4)] == ["", "2 of 4 parts", ""]
    assert [Progress(done, 4).complete for done in (3, 4)] == [False, True]
    assert Progress(0).begun == "" and not Progress(0).complete and Progress(1).complete


def test_with_no_answer_nothing_is_done_and_each_lesson_has_parts() -> None:
    found = progress_of({})
    assert [one.done for one in found] == [0] * len(LESSONS)
    assert all(one.of > 0 for one in found)


def test_a_question_counts_when_its_answer_was_seen_not_when_it_was_guessed() -> None:
    kept = {"question": "?", "guess": "a", "place": 1}
    name = f"{PREDICTED}{limits_keys.PREDICTED_INVENTED} of run-1"
    assert not seen({name: kept}, limits_keys.PREDICTED_INVENTED)
    assert seen({name: kept | {"measured": "b"}}, limits_keys.PREDICTED_INVENTED)
    assert not seen({name: kept | {"measured": "b"}}, limits_keys.PREDICTED_COPIED)
    assert limits.LESSON.progress({name: kept | {"measured": "b"}}) == Progress(1, 4)


def test_whoever_looks_without_a_guess_has_seen_it_too(open_page: Open, service: Service) -> None:
    at = open_page("why")
    assert not seen(service.answers(LEARNER), "why_which_first")
    click(at, "Show me without guessing")
    assert seen(service.answers(LEARNER), "why_which_first")


def test_the_lessons_of_several_parts_count_each_of_them() -> None:
    of = {one.name: one.progress({}).of for one in LESSONS}
    assert {name for name, parts in of.items() if parts > 1} >= {
        "bet",
        "inside",
        "metrics",
        "limits",
    }
    assert bet.LESSON.progress({"bets": [0.5, 0.1]}) == Progress(2, 5)
    assert bet.LESSON.progress({"bets": [], "bet_done": True}) == Progress(5, 5)
    assert inside.LESSON.progress({"looked-inside": ["odds", "map"]}) == Progress(2, 4)
    assert metrics.LESSON.progress({"seen: rarer-class": True}) == Progress(1, 4)


def test_beginning_an_experiment_does_not_finish_its_lesson() -> None:
    assert not transfer.LESSON.progress({"transfer-options": {"task": "facts"}}).done
    assert not prompts.LESSON.progress({"prompted": True}).done


@pytest.mark.parametrize("page", ["start", "corpus", "metrics"])
def test_runs_of_others_do_nothing_for_a_learner(
    open_page: Open, service: Service, page: str
) -> None:
    tuned(service, trained(service), "base")
    assert counted(open_page(page)).startswith("0 of")


def test_a_corpus_counts_once_one_reads_on_in_it(open_page: Open) -> None:
    at = open_page("corpus")
    assert counted(at).startswith("0 of")
    start = next(one for one in at.number_input if one.label == "From document")
    assert counted(start.set_value(10).run()).startswith("1 of")


def test_each_view_of_the_inside_is_a_part_and_a_token_must_be_drawn(
    open_page: Open, service: Service
) -> None:
    at = open_page("inside", run=trained(service))
    for view in ("attention", "map", "write"):
        at = at.button_group[0].set_value(view).run()
    assert inside.LESSON.progress(service.answers(LEARNER)) == Progress(3, 4)
    assert not any("Token 1" in one.value for one in at.text)
    at = click(at, "Next token")
    assert any("Token 1:" in one.value for one in at.text)
    assert inside.LESSON.progress(service.answers(LEARNER)) == Progress(4, 4)
