"""The page of mixtures: what the seeds do not tell apart is said so, and scores are a table."""

from __future__ import annotations

import msgspec
import pytest

from pages.mixture import keys
from pages.mixture.own import BEST, KINDS, Score, Usual, beside_usual, in_words, rows, scores
from pages.mixture.result import (
    OWN,
    apart,
    meaning,
    own_bars,
    quality,
    repetition,
    variety,
    worth,
)
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.corpora.world.choosing import facts_of
from tinylm.corpora.world.world import default_world
from tinylm.experiments.mixture import EXPERIMENT, UNTOLD
from tinylm.experiments.recording import Over, Recording, Trial
from tinylm.questions.experiments import Figure, Measured
from tinylm.runs.service import Service
from tinylm.runs.service.people import OF_ALL
from ui.charts.arms import arm_bars
from ui.experiments import Live

__all__ = ["open_page"]  # a fixture
LEARNER = "ada"


def over(low: float, high: float) -> Over:
    return Over((low + high) / 2, low, high, 3, 100)


def test_only_what_every_seed_shows_is_claimed() -> None:
    assert apart(over(0.1, 0.2), over(0.3, 0.4)) == -1
    assert apart(over(0.3, 0.4), over(0.1, 0.2)) == 1
    assert apart(over(0.1, 0.3), over(0.3, 0.4)) == 0
    assert "none would be better" in worth("wrong", over(0.1, 0.2), over(0.3, 0.4))
    assert "stays open" in worth("wrong", over(0.1, 0.3), over(0.2, 0.4))


def recorded(figures: dict[str, float]) -> Recording:
    """A recording in which an arm has the same value in every figure, and half of it by default."""
    trials = [
        Trial(
            arm.name,
            seed,
            Measured(
                {
                    name: Figure(value := figures.get(arm.name, 0.5) + seed / 100, value, value, 9)
                    for name in EXPERIMENT.figures
                }
            ),
        )
        for arm in EXPERIMENT.arms
        for seed in (1, 2, 3)
    ]
    return Recording("mixture", "2026-01-01", "here", "abc", "glance", tuple(trials))


def test_the_words_follow_from_the_figures() -> None:
    same = recorded({})
    assert "None of these texts" in meaning(same)
    assert "Read 4, 16 and 64 times, a text is not surely worse" in repetition(same)
    assert "costs" not in repetition(same)
    assert "one topic is not learned better" in variety(same)
    assert quality(same).count("stays open") == 2
    other = recorded({"countries": 0.9, "few": 0.7, "passes-16": 0.2, "wrong": 0.1, "fewer": 0.3})
    assert "must be **true and long**" in meaning(other) and "mixed up" not in meaning(other)
    assert "**beyond** having less to learn" in variety(other)
    assert "Read 4 and 64 times, a text" in repetition(other) and "**16 times** on" in repetition(
        other
    )
    said = quality(other)
    assert "wrong documents do harm" in said and "shuffled documents are still better" in said
    less = recorded({"countries": 0.7, "few": 0.7})
    assert "**having less to learn** is enough" in variety(less)


def test_the_answer_is_one_sentence_with_its_bars_above_the_sliders(open_page: Open) -> None:
    at = click(open_page("mixture"), "Show me without guessing")
    told = [str(getattr(one, "value", "")) for one in at.main]
    (said,) = (one for one in told if "So a text must be" in one)
    assert ". " not in said and said.count("%**") <= 4
    (drawn,) = (place for place, one in enumerate(told) if "recorded on" in one)
    assert told.index(said) < drawn < told.index("Mix a better text")
    assert "Diamonds" not in told[drawn]


def test_an_own_mixture_has_its_row_before_it_is_measured() -> None:
    drawn = own_bars(recorded({}), Live(11, ()))
    rows = arm_bars(drawn, "Facts")["layout"]["yaxis"]
    assert rows["ticktext"][1] == OWN and rows["range"] == [1.5, -0.5]
    assert "autorange" not in rows


def test_as_few_facts_are_told_as_those_of_countries() -> None:
    world = default_world()
    (countries,) = (table for table in world.tables if table.name == "countries")
    kept = len(facts_of(countries.relations)) / len(facts_of(world.relations))
    assert pytest.approx(kept, abs=0.01) == 1 - UNTOLD


def test_a_mixture_is_named_by_its_shares() -> None:
    mixed = {"prose": 0.1, "worksheets": 0.3, "reviews": 0.0, "wrong": 0.05, "passes": 4}
    assert in_words(mixed) == "25% sentences, 75% worksheets; 5% wrong; read 4 times"


def test_the_table_has_the_best_first_and_the_newest_marked() -> None:
    found = [Score({"prose": 0.1}, 11, 1.5 - i / 100, 0.3, i + 1) for i in range(BEST + 4)]
    newest = Score({"reviews": 0.1}, 11, 2.0, 0.0, 99)
    stored = [msgspec.to_builtins(one) for one in (newest, *found)]
    best = scores([*stored, {"bits": "no"}, None])
    assert best[0] == found[-1] and best[-1] == newest
    shown = rows(best, [newest], None)
    assert len(shown) == BEST + 1
    assert shown[0]["place"].startswith("**1**")
    assert "your newest" in shown[-1]["mixture"] and shown[-1]["place"] == str(BEST + 5)


def test_no_mixture_below_the_usual_text_gets_a_medal() -> None:
    usual = Usual(over(1.0, 1.2), over(0.2, 0.4))
    worse, same, better = (Score({"prose": 1.0}, 11, bits, 0.3, 1) for bits in (1.3, 1.1, 0.9))
    (first, second) = rows([worse], [worse], usual)
    assert "usual text" in first["mixture"] and second["place"] == "1"
    assert "🏅" not in rows([same], [same], usual)[0]["place"]
    assert "🏅" in rows([better], [better], usual)[0]["place"]
    assert "better still" in beside_usual(worse, usual)
    assert "about as good" in beside_usual(same, usual)
    assert "Yours is better" in beside_usual(better, usual)


def test_the_address_sets_the_sliders_and_a_button_leads_back_to_the_usual_text(
    open_page: Open,
) -> None:
    slider = f"{keys.MIXED}prose"
    at = click(open_page("mixture", **{slider: "80"}), "Show me without guessing")
    assert at.slider(key=slider).value == 80
    at = click(at, "Back to the usual text")
    assert at.slider(key=slider).value == KINDS["prose"][1]


def test_a_measured_mixture_is_kept_once_and_shown_to_everybody(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: LEARNER)
    service.set_answer("bob", f"{keys.SCORE}x", msgspec.to_builtins(Score({}, 1, 9.0, 0, 1)))
    service.set_answer("eve", f"{keys.SCORE}y", "no score")
    at = click(open_page("mixture"), "Show me without guessing")
    at.slider(key=f"{keys.MIXED}wrong").set_value(10).run()
    at = click(at, "Run it here")
    for _ in range(12):
        at = at.run()
    assert not at.exception and not at.error
    kept = [k for k in service.answers(LEARNER) if k.startswith(keys.SCORE)]
    assert len(kept) == 1
    (run,) = service.runs(experiment="mixture")
    assert (run.config.text.wrong, run.config.experiment) == (0.1, "mixture/standard")
    assert len(scores(service.class_answers(keys.SCORE))) == 2
    assert keys.SCORE in OF_ALL  # else a learner in a class may not see them
    assert "Of everybody here" in shown(at)


def test_who_sees_a_mixture_is_said_above_the_button_on_a_server_for_many(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "Everybody on this server sees the parts of your mixture and its figures"
    assert sentence not in shown(click(open_page("mixture"), "Show me without guessing"))
    monkeypatch.setenv("TINYLM_LEARNERS", "many")
    monkeypatch.setattr("ui.viewing.learner", lambda: LEARNER)
    at = click(open_page("mixture"), "Show me without guessing")
    parts = [one.label if one.type == "button" else getattr(one, "value", "") for one in at.main]
    (said,) = (place for place, one in enumerate(parts) if str(one).startswith(sentence))
    assert said < parts.index("Run it here") and "without your name" in str(parts[said])


def test_an_empty_mixture_gets_a_sentence(open_page: Open) -> None:
    at = click(open_page("mixture"), "Show me without guessing")
    for name in ("prose", "info_boxes", "worksheets", "parallel", "reviews"):
        at.slider(key=f"{keys.MIXED}{name}").set_value(0)
    assert "Nothing is in this mixture" in at.run().error[0].value
