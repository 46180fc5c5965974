"""The lesson on limits: each is predicted, measured, and said in words that the figures bear."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from pages.limits import charts, invented, skewed, two_steps
from tests.fake_engine import ANSWERS
from tests.pages.pretrain.test_fitting import finished
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tests.ui.test_copies import copies
from tinylm.corpora.world.tables import original_tables
from tinylm.predictions import predictions
from tinylm.questions.corpora import Copied, Copies, Copy
from tinylm.questions.limits import Composed, Guess, Lean, Leaned, TwoStepAnswers, TwoSteps
from tinylm.questions.models import Continuation, Sample, Share
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id
from ui.bases import shows_a_limit, unfit
from ui.copies import TEXTS

__all__ = ["open_page"]  # a fixture


def part(at: AppTest, name: str) -> AppTest:
    """The page at one of the limits."""
    return next(one for one in at.button_group if one.label == "Limit").set_value(name).run()


def guess_made(at: AppTest) -> AppTest:
    return click(at, "That is my guess")


# Invented answers ----------------------------------------------------------------------------


def test_without_a_run_the_recorded_model_is_asked_and_only_after_a_guess(
    open_page: Open, service: Service
) -> None:
    at = open_page("limits")
    assert "Asked is **the recorded model**" in shown(at)
    assert "hallucination" not in shown(at)
    at = guess_made(at)
    assert not at.exception
    assert "It names a capital for 54 of 60 countries that do not exist" in shown(at)
    assert "hallucination" in shown(at)
    assert "Asked about Atlantis: The likeliest answer is **Accra**" in shown(at)


def test_the_learners_own_run_is_asked_first(open_page: Open, service: Service) -> None:
    run = trained(service)
    at = open_page("limits")
    chosen = next(one for one in at.button_group if one.label == "Model")
    assert shown_id(run) in str(chosen.value) and len(chosen.options) == 2


def guesses(*odds: float, right: bool) -> list[Guess]:
    return [Guess("Elia", "Accra", one, True, right) for one in odds]


def test_a_rule_for_what_to_believe_counts_both_mistakes() -> None:
    made, read = guesses(0.9, 0.3, right=False), guesses(0.95, 0.4, right=True)
    said = invented.believed(made, read, 80)
    assert "**1 of 2** invented answers still pass" in said and "**1 of 2** right ones" in said
    clean = invented.believed(guesses(0.1, right=False), guesses(0.9, right=True), 50)
    assert "Here the rule works" in clean


def test_a_rule_says_whether_a_better_one_is_left() -> None:
    made, read = guesses(0.9, 0.3, right=False), guesses(0.95, 0.4, right=True)
    assert "2 mistakes in all. The best value of this slider makes 1" in invented.believed(
        made, read, 80
    )
    assert "1 mistake in all, and **no value makes fewer**" in invented.believed(made, read, 40)


def test_the_other_answers_about_made_up_names_are_told() -> None:
    named, other = Guess("Elia", "Accra", 0.9, True, False), Guess("Elo", "the", 0.2, False, False)
    assert invented.others([named]) == ""
    assert "the other 2" in invented.others([named, other, other])
    assert "“the”" in invented.others([named, other, other])


def test_a_rule_is_not_praised_where_there_is_nothing_to_tell_apart() -> None:
    made, wrong, right = (guesses(0.3, right=one) for one in (False, False, True))
    assert "no right answer" in invented.believed(made, wrong, 50)
    silent = [Guess("Elia", "the", 0.9, False, False)]
    assert "invents no capital" in invented.believed(silent, right, 50)
    for said in (invented.believed(made, wrong, 50), invented.believed(silent, right, 50)):
        assert "the rule works" not in said
    assert invented.with_odds([]) == ""  # no mean of no odds
    assert "30%" in invented.with_odds(made)


def test_how_sure_it_is_is_drawn_for_both_kinds_of_names() -> None:
    made, read = guesses(0.1, 0.15, 0.5, 1.0, right=False), guesses(0.9, right=True)
    assert charts.binned(made) == [0.5, 0, 0.25, 0, 0.25]
    figure = charts.how_sure(made, read)
    go.Figure(figure)
    assert [bar["name"] for bar in figure["data"]] == [charts.READ, charts.MADE_UP]


# Two steps -----------------------------------------------------------------------------------


def test_two_steps_are_measured_beside_each_step_alone(open_page: Open, service: Service) -> None:
    at = part(open_page("limits"), "steps")
    assert "skips a step" not in shown(at)
    at = guess_made(at)
    assert not at.exception
    assert "It knows both steps of 136 of 160 questions" in shown(at)
    assert "France → Spain → **Madrid**" in shown(at)


def test_a_world_without_neighbours_says_so(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, TwoSteps, lambda asked: TwoStepAnswers(()))
    at = guess_made(part(open_page("limits"), "steps"))
    assert "too few neighbours" in at.info[0].value


def share(correct: int, n: int) -> Share:
    return charts.pooled([Share(n, correct, correct / n, 0, 1)])


def test_what_is_said_of_two_steps_follows_from_the_intervals() -> None:
    assert "not shown" in two_steps.why(share(3, 100), share(90, 100), share(2, 100))
    assert "does put" in two_steps.why(share(60, 100), share(10, 100), share(2, 100))
    one = Composed("a", "b", ("x", "y", "z"), *[share(5, 10)] * 8, majority=0.1)
    bars = two_steps.bars([one, one])
    go.Figure(charts.share_bars(bars))
    assert bars["both at once"].n == 20
    assert "both at once: 50% of 20" in charts.describe(bars)
    said = two_steps.bases(share(4, 8), share(5, 20))
    assert "5 of 20" in said and "25%" in said and "50% above are 4 of the 8" in said


# Learned by heart ----------------------------------------------------------------------------


def test_the_page_highlights_what_the_model_copied(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = "the cat sat on the mat and slept"
    monkeypatch.setitem(ANSWERS, Sample, lambda asked: Continuation(written, 8))
    found = Copies((Copy(0, 15, 9, 4, 3),), 32, 9, 500)
    monkeypatch.setitem(ANSWERS, Copied, lambda asked: found)
    at = part(open_page("limits"), "memorised")
    assert "blue-background" not in shown(at)
    at = guess_made(at)
    assert not at.exception
    assert ":blue-background[the cat sat on]" in shown(at)
    assert "longest copy has 9 words and stands 3 times" in shown(at)


def test_a_run_that_has_turned_is_read_at_its_last_step(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its best step is from before anything was known by heart."""
    run = finished(service, 4.0, 3.0, 3.5, 3.9, steps=80)
    assert service.best_step(run) == 40

    def write(asked: Sample) -> Continuation:
        return Continuation("by heart" if asked.step == 80 else "new", 2)

    def search(asked: Copied) -> Copies:
        return copies(9, 10, 9) if "by heart" in asked.text else copies(0, 10, 0)

    monkeypatch.setitem(ANSWERS, Sample, write)
    monkeypatch.setitem(ANSWERS, Copied, search)
    at = part(open_page("limits"), "memorised")
    at = guess_made(at.selectbox[0].set_value(run).run())
    assert "9 of its 10 words are copied" in shown(at)
    assert "its last step, **80**, writes" in shown(at)


def test_only_the_chosen_run_is_looked_into(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, every draw read the checkpoints of every run of the class."""
    runs = [trained(service, seed=seed) for seed in (1, 2, 3)]
    at = part(open_page("limits"), "memorised")
    read: list[str] = []
    before = Service.checkpoints

    def counted(self: Service, run_id: str) -> list[int]:
        read.append(run_id)
        return before(self, run_id)

    monkeypatch.setattr(Service, "checkpoints", counted)
    at = at.selectbox[0].set_value(runs[0]).run()
    assert not at.exception
    assert read.count(runs[0]) == 1 and not set(read) & set(runs[1:])
    assert "documents that it was trained on" in shown(at)


def test_only_the_first_texts_judge_the_prediction(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: "ada")

    def write(asked: Sample) -> Continuation:
        return Continuation("first" if asked.seed <= TEXTS else "other", 1)

    def search(asked: Copied) -> Copies:
        return copies(0, 10, 0) if "other" in asked.text else copies(9, 10, 9)

    monkeypatch.setitem(ANSWERS, Sample, write)
    monkeypatch.setitem(ANSWERS, Copied, search)
    at = guess_made(part(open_page("limits"), "memorised"))
    (kept,) = predictions(service.answers("ada"))
    assert "9 of its 10 words" in kept.measured and kept.verdict
    at = click(at, "Other texts")
    assert "0 of its 10 words are copied (0%). No copy has 8 words." in shown(at)
    assert predictions(service.answers("ada")) == [kept]  # it was not about these


# A one-sided text ----------------------------------------------------------------------------


def test_a_skewed_world_is_made_trained_and_measured_beside_an_even_one(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lean(asked: Lean) -> Leaned:
        leans = service.run(asked.run).corpus == asked.world
        found = share(96 if leans else 16, 160)
        answer = asked.value if leans else "cedi"
        return Leaned(found, found, (Guess("Ghana", answer, 0.7, True, not leans),))

    monkeypatch.setitem(ANSWERS, Lean, lean)
    at = part(open_page("limits"), "skewed")
    assert "rows the answer becomes **franc**" in shown(at)
    assert not [button for button in at.button if button.label == "Make it and train"]
    at = click(guess_made(at), "Make it and train")
    assert not at.exception and not at.error
    runs = service.runs("pretrain")
    assert len({run.corpus for run in runs}) == len(runs) == 2
    assert all(run.config.preset == "glance" for run in runs)
    assert all(shows_a_limit(run) for run in runs)
    assert all(unfit(run) for run in runs)  # neither becomes the base of another lesson
    assert "It says franc to 96 of 160 things" in shown(at)
    assert "of the even world to 16 of them" in shown(at)
    assert "The text's skew became the model's" in shown(at)
    assert "Ghana → **franc** (70%)" in shown(at)
    again = part(open_page("limits"), "skewed")  # in another session: nothing is trained twice
    assert "The text's skew became the model's" in shown(again)
    assert not [button for button in again.button if button.label == "Make it and train"]


def test_a_skewed_run_that_failed_or_is_gone_says_why_and_can_be_made_anew(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = click(guess_made(part(open_page("limits"), "skewed")), "Make it and train")
    first, _ = service.runs("pretrain")
    failed = [
        replace(run, status="failed", error="The disk is full.") if run.id == first.id else run
        for run in service.runs("pretrain")
    ]
    with monkeypatch.context() as broken:
        broken.setattr(service, "runs", lambda *_: failed)
        at = part(open_page("limits"), "skewed")
        assert "The disk is full\\." in at.error[0].value
    service.delete(first.id)
    at = click(part(open_page("limits"), "skewed"), "Make it and train")
    assert not at.exception and not at.error
    assert len(service.runs("pretrain")) == 3
    assert "things of which its own text says otherwise" in shown(at)


def test_a_classmates_skewed_runs_are_not_the_learners(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    click(guess_made(part(open_page("limits"), "skewed")), "Make it and train")
    monkeypatch.setattr("ui.state.learner", lambda: "somebody else")
    at = click(part(open_page("limits"), "skewed"), "Show me without guessing")
    assert [button for button in at.button if button.label == "Make it and train"]


def test_the_share_is_that_of_the_rows_with_another_answer(open_page: Open) -> None:
    at = part(open_page("limits"), "skewed")
    (slider,) = at.select_slider
    grid = original_tables()["countries"]
    found = [row[grid.head.index("currency")] for row in grid.rows if row]
    other = sum(one not in ("", "franc") for one in found)
    assert slider.label == "in … % of the other rows"
    assert f"In **{other * int(str(slider.value)) // 100} of " in shown(at)


def test_a_bias_is_claimed_only_beyond_the_intervals() -> None:
    small, large = share(5, 80), share(50, 80)
    assert "became" in skewed.verdict(Leaned(large, large, ()), Leaned(small, small, ()), "franc")
    assert "no bias is shown" in skewed.verdict(
        Leaned(small, small, ()), Leaned(small, small, ()), "franc"
    )
