"""The first screen of a run: then and now, one curve, one figure, whole words; and the film."""

from __future__ import annotations

import math

import pytest
from streamlit.testing.v1 import AppTest

from pages.pretrain.scene import unsure_in_words
from pages.pretrain.scene_chart import unsure_curve
from pages.pretrain.texts import counted, right_word, sample_text
from tests.pages.test_pages import Open, click, open_page, shown
from tests.runs_fakes import started
from tinylm.events import EvalDone, NextTokenOdds, NextWordOdds, Sampled
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow

__all__ = ["open_page"]  # a fixture
CONFIG = preset_config("tiny")


def measured(step: int, perplexity: float, num_tokens: int = 900) -> EvalDone:
    return EvalDone(step, 64 * step, math.log(perplexity), perplexity, 1.0, num_tokens)


@pytest.fixture
def run(service: Service) -> RunRow:
    """A run that a worker works on, with three looks."""
    run_id = service.store.create_run(CONFIG)
    assert service.store.claim_run(run_id, "there:1:1") is not None
    service.store.add_events(run_id, [started(0, CONFIG)])
    for step, perplexity, text in ((0, 512, " qx zzu"), (5, 90, " the of"), (20, 11, " Ghana")):
        service.store.add_events(
            run_id,
            [
                measured(step, perplexity),
                Sampled(step, "The capital of", f"{text} is Accra.", 1, 0.8),
                NextTokenOdds(step, "The capital of France is", (" P", " F"), (0.9, 0.1)),
                NextWordOdds(
                    step, "The capital of France is", (" Paris", " Rome"), (0.8, 0.1), 0.1
                ),
            ],
        )
    return service.run(run_id)


def test_then_and_now_stand_beside_each_other_with_one_figure(open_page: Open, run: RunRow) -> None:
    said = shown(open_page("pretrain", run=run.id))
    assert "qx zzu" in said and "the of" not in said
    assert "**After 20 steps**" in said
    assert (
        "**11 pieces of words**, measured on 900 pieces of unseen text. At first it was 512."
        in said
    )
    assert "900 pieces of unseen text" in said
    assert "**Paris** with 80 %" in said


def test_the_first_text_is_not_shown_twice(open_page: Open, service: Service) -> None:
    run_id = service.store.create_run(CONFIG)
    assert service.store.claim_run(run_id, "there:1:1") is not None
    look = [measured(0, 512), Sampled(0, "The capital of", " qx zzu", 1, 0.8)]
    service.store.add_events(run_id, [started(0, CONFIG), *look])
    said = shown(open_page("pretrain", run=run_id))
    assert said.count("qx zzu") == 1 and "**Training has begun**" in said


def test_one_can_look_back_and_the_gibberish_stays(open_page: Open, run: RunRow) -> None:
    at = open_page("pretrain", run=run.id)
    at = at.select_slider(key="film_step").set_value(5).run()
    said = shown(at)
    assert "**After 5 steps**" in said and "the of" in said and "qx zzu" in said
    assert "**90 pieces of words**" in said


def test_tokens_are_shown_where_they_are_wanted(open_page: Open, run: RunRow) -> None:
    at = open_page("pretrain", run=run.id)
    at.session_state["odds_of"] = "tokens"
    assert "these pieces of words next" in shown(at.run())


def test_words_or_tokens_are_shown_in_every_part_of_the_page_at_once() -> None:
    """Before, "How the odds moved" kept the words until another click drew it anew."""

    def screen() -> None:
        import streamlit as st

        from pages.pretrain.scene import look_back
        from ui.odds import wants_tokens

        st.text("tokens" if wants_tokens() else "words")  # another part of the page

        @st.fragment
        def look() -> None:
            drawn = st.session_state.setdefault("drawn", [])
            look_back([0, 5], 5, playing=False, rerun=lambda: drawn.append("whole page"))

        look()

    at = AppTest.from_function(screen).run()
    assert at.session_state["drawn"] == []
    at.session_state["odds_of"] = "tokens"
    at.run()
    at.run()
    assert at.session_state["drawn"] == ["whole page"]


def test_before_the_first_look_it_is_said_what_is_being_done(
    open_page: Open, service: Service
) -> None:
    run_id = service.store.create_run(CONFIG)
    at = open_page("pretrain", run=run_id)
    assert "**It waits for its turn.** It begins by itself" in shown(at)
    assert service.store.claim_run(run_id, "there:1:1") is not None
    at = open_page("pretrain", run=run_id)
    assert "**What is being done.**" in shown(at)
    drawn = [one.key for one in at.get("bidi_component")]
    assert not at.metric and drawn == ["glossary", "style"]


def test_sentences_are_marked_and_all_three_counts_are_told(run: RunRow) -> None:
    text = "The capital of France is Paris. The capital of Spain is Rome. Xu zu blim."
    sample = Sampled(5, "", text, 1, 0.8)
    said = sample_text(run, sample).replace("\\", "")
    assert "Paris ✓]" in said and "Rome ✗ (Madrid)]" in said and said.endswith("blim. ○")
    told = counted(run, sample)
    assert "**1** of its sentences and lines is right ✓ and **1** wrong ✗" in told
    assert "cannot check **1** ○" in told


def test_the_word_that_makes_the_sentence_true_is_known(run: RunRow) -> None:
    words = (" Spain", " Rome", " Paris")
    odds = NextWordOdds(5, "The capital of France is", words, (0.5, 0.3, 0.1), 0.1)
    assert right_word(run, odds) == "Paris"


def test_a_figure_says_on_how_much_text_it_was_measured() -> None:
    evals = [measured(0, 2048), measured(5, 700, 2000), measured(90, 9.2, 12000)]
    assert "**700 pieces" in unsure_in_words(evals, 5)
    assert "2,000 pieces of unseen text" in unsure_in_words(evals, 5)
    assert "**9.2 pieces" in unsure_in_words(evals, 90)
    assert "At first" not in unsure_in_words(evals, 0)


def test_both_figures_say_on_how_much_text_where_that_differs() -> None:
    """Before, the figure from before the first step seemed to be of the larger text."""
    evals = [measured(0, 2114, 11996), measured(90, 9.2, 115069)]
    assert unsure_in_words(evals, 90) == (
        "It hesitates as among **9.2 pieces of words**, measured on 115,069 pieces of unseen "
        "text. At first it was 2,114, measured on 11,996 of such pieces."
    )


def test_the_drawing_lies_under_the_measured_curve() -> None:
    figure = unsure_curve((), [measured(0, 512), measured(5, 90)], 20, [40, 30, 20, 10, 5], 5)
    _, unseen, drawn = figure["data"]
    assert unseen["x"] == [0, 5]
    assert drawn["x"] == [0, 2, 6, 12, 20] and drawn["y"] == [40, 30, 20, 10, 5]


def test_over_fitting_can_be_shown(open_page: Open) -> None:
    at = click(open_page("pretrain"), "Train on too little text")
    assert not at.exception


def test_the_form_leads_back_to_the_run_that_trains_or_was_last(
    open_page: Open, service: Service, run: RunRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload forgets which run was looked at; before, the form did not name any."""
    monkeypatch.setattr("ui.state.learner", lambda: run.owner)
    at = open_page("pretrain")
    assert "**A run of yours trains now:**" in shown(at)
    assert "Before its first step" in shown(at.button(key="last-run").click().run())
    service.stop(run.id)
    service.delete(run.id)
    assert "last-run" not in [button.key for button in open_page("pretrain").button]
