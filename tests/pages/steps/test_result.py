"""What the page says follows from its figures alone."""

from __future__ import annotations

from pages.steps.result import (
    ARMS,
    bars,
    by_arm,
    control_in_words,
    helps,
    meaning,
    never_in_words,
    on_the_way,
)
from pages.steps.result import arms_in_words as texts
from tinylm.experiments.recording import Recording, Trial
from tinylm.experiments.steps import (
    AT_ONCE,
    CHAINS,
    EXPERIMENT,
    SHOWN,
    WRITTEN,
    right,
)
from tinylm.questions.experiments import Figure, Measured
from tinylm.runs.trials import ArmState
from ui.experiments import Live


def figure(value: float) -> Figure:
    return Figure(value, value, value, 100)


def recorded(once: tuple[float, ...], out: tuple[float, ...]) -> Recording:
    """A recording in which these shares are right at once and written out, by seed."""
    trials = []
    for arm in ARMS:
        for seed, (at_once, written) in enumerate(zip(once, out, strict=True), start=1):
            figures = {name: figure(0.1) for name in EXPERIMENT.figures}
            for known in (False, True):
                figures[right(AT_ONCE, SHOWN, known)] = figure(at_once)
                figures[right(WRITTEN, SHOWN, known)] = figure(written)
            trials.append(Trial(arm, seed, Measured(figures)))
    return Recording("steps", "2026-01-01", "here", "abc", "quick", tuple(trials))


def test_a_gain_is_told_only_where_it_comes_with_every_seed() -> None:
    sure, unsure = recorded((0.1, 0.2), (0.5, 0.4)), recorded((0.1, 0.5), (0.5, 0.4))
    assert helps(sure, CHAINS, known=True)
    assert "helps, with every seed" in meaning(sure)
    assert "**15%** is right, with the step written out **45%**" in meaning(sure)
    assert "no sure gain" in meaning(unsure)
    assert "a gain with every seed" in texts(sure)
    assert "a gain" not in texts(unsure).replace("no sure gain", "")


def test_the_control_takes_the_gain_back_where_the_seeds_overlap() -> None:
    assert "true examples help" in control_in_words(recorded((0.1, 0.1), (0.5, 0.4)))
    assert "may do most of it" in control_in_words(recorded((0.1, 0.1), (0.5, 0.1)))


def test_what_was_never_read_is_told_with_its_figures() -> None:
    said = never_in_words(recorded((0.1, 0.1), (0.5, 0.5)))
    assert "**10%** at once and **10%**" in said
    assert "does not carry over" not in said


def test_every_way_and_text_has_its_bar() -> None:
    found = recorded((0.1, 0.2), (0.5, 0.4))
    assert all(bar.recorded is not None for bar in bars(found, Live(0, ())))
    assert len(by_arm(found)) == 2 * len(ARMS)


def test_a_live_repetition_moves_from_its_first_look_on() -> None:
    arm = EXPERIMENT.arm(CHAINS)
    assert on_the_way(Live(1, [ArmState(arm)])) == {}
    looks = {150: Measured({right(WRITTEN, SHOWN): figure(0.2)})}
    assert list(on_the_way(Live(1, [ArmState(arm, looks=looks)])).values()) == [[(150.0, 0.2)]]
