"""What the page says follows from its figures alone."""

from __future__ import annotations

from pages.often.charts import describe, reliability, rising
from pages.often.result import ARM, calibration, invention, levels, lines, meaning
from tinylm.experiments.often import (
    BINS,
    GAP,
    GUESSED,
    INVENTED_RELATIONS,
    INVENTED_SURE,
    invented,
    level_right,
    level_sure,
    right,
    sure,
)
from tinylm.experiments.recording import Recording, Trial
from tinylm.questions.experiments import Figure, Measured
from ui.experiments import Live


def figure(value: float) -> Figure:
    return Figure(value, value, value, 100)


def recorded(boasting: float = 0.1, gain: float = 0.1) -> Recording:
    shares = {right(i): gain * (i + 1) for i in range(len(BINS))}
    shares |= {sure(i): 0.1 * (i + 1) for i in range(len(BINS))}
    shares |= {level_sure(i): 0.1 * i + 0.05 for i in (2, 5, 9)}
    shares |= {level_right(i): 0.1 * i + 0.05 - boasting for i in (2, 5, 9)}
    shares |= {GUESSED: 0.12, GAP: 0.1, INVENTED_SURE: 0.3}
    shares |= {invented(name): 0.1 * i for i, name in enumerate(INVENTED_RELATIONS)}
    measured = Measured({name: figure(value) for name, value in shares.items()})
    trials = tuple(Trial(ARM, seed, measured) for seed in (1, 2, 3))
    return Recording("often", "2026-01-01", "here", "abc", "glance", trials)


def test_the_words_name_the_first_bin_of_which_most_is_known() -> None:
    said = meaning(recorded())
    assert "Told once: **20%**" in said
    assert "more than half, with every seed, from **16 tellings**" in said


def test_the_words_claim_no_more_than_the_figures() -> None:
    assert "How sure it is changes less" in meaning(recorded(gain=0.12))
    steady = meaning(recorded(gain=0.05))
    assert "more than half" not in steady and "changes less" not in steady


def test_who_boasts_is_told_from_who_is_too_modest() -> None:
    assert "surer than it is right at 3 of 3 levels" in calibration(recorded(0.1))
    assert "right more often than it is sure at 3 of 3 levels" in calibration(recorded(-0.04))
    assert len(levels(recorded())) == 3


def test_invented_countries_are_told_by_what_was_asked() -> None:
    said = invention(recorded())
    assert f"Asked for the {INVENTED_RELATIONS[-1]}, 40% are" in said


def test_the_chart_has_a_place_for_every_bin_and_names_it() -> None:
    drawn = lines(recorded(), Live(0, ()))
    chart = rising(drawn)
    assert [len(trace["x"]) for trace in chart["data"]] == [len(BINS)] * 2
    assert chart["layout"]["xaxis"]["ticktext"][0] == "never"
    assert "told never 10%" in describe(drawn)
    assert len(reliability(levels(recorded()))["data"]) == 2
