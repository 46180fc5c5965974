"""What the page says follows from its figures alone."""

from __future__ import annotations

from pages.told.result import FIXED, LIVE_ARMS, bars, losses, meaning, reading, which_helps
from pages.told.texts import ABOUT, two_texts
from tinylm.experiments.recording import Recording, Trial
from tinylm.experiments.told import COMMONEST, EXPERIMENT, OTHERS, OWN_TEXT, WAYS, asked
from tinylm.questions.experiments import Figure, Measured
from tinylm.runs.trials import ArmState
from ui.experiments import Live

LOW, HIGH = (0.15, 0.16, 0.17), (0.4, 0.5, 0.6)


def figure(value: float) -> Figure:
    return Figure(value, value, value, 100)


def recorded(**right: tuple[float, ...]) -> Recording:
    """A recording with this accuracy of each way, by seed."""
    trials = []
    for way in WAYS:
        for seed, value in enumerate(right[way.name], start=1):
            own = Measured({OWN_TEXT: figure(0.9)})
            said = Measured({OTHERS: figure(value), COMMONEST: figure(0.12)})
            trials += [
                Trial(way.name, seed, own, train_loss=0.2 if way.orders else 0.6),
                Trial(asked(way.name), seed, said),
            ]
    return Recording("told", "2026-01-01", "here", "abc", "glance", tuple(trials))


def test_a_gain_is_told_only_where_it_comes_with_every_seed() -> None:
    both = recorded(fixed=LOW, order=LOW, wording=HIGH, both=HIGH)
    assert "new words and a new order each time, bring **50%**" in meaning(both)
    assert "order** alone brings 16%, which is no sure gain." in which_helps(both)
    assert "wordings** alone bring 50%." in which_helps(both)
    assert "more than either" not in which_helps(both)
    assert "more than either" in which_helps(recorded(fixed=LOW, order=LOW, wording=LOW, both=HIGH))
    none = recorded(fixed=HIGH, order=LOW, wording=LOW, both=(0.4, 0.5, 0.9))
    assert "new words and a new order" not in meaning(none)
    assert which_helps(none).count("no sure gain") == 2


def test_a_low_loss_is_no_praise_where_fewer_answers_are_right() -> None:
    assert "fewer right answers" in losses(recorded(fixed=LOW, order=LOW, wording=LOW, both=HIGH))
    assert "fewer" not in losses(recorded(fixed=HIGH, order=LOW, wording=LOW, both=LOW))


def test_every_way_has_a_bar_and_the_live_arms_are_arms() -> None:
    drawn = bars(recorded(fixed=LOW, order=LOW, wording=HIGH, both=HIGH), Live(0, ()))
    assert [bar.recorded is not None for bar in drawn] == [True] * (len(WAYS) + 1)
    assert all(EXPERIMENT.arm(name) for name in LIVE_ARMS)


def test_reading_is_shown_as_soon_as_there_is_a_look_at_it() -> None:
    arm = EXPERIMENT.arm(FIXED)
    assert reading(Live(1, [ArmState(arm)])) == {}
    looks = {65: Measured({OWN_TEXT: figure(0.3)}), 130: Measured({OWN_TEXT: figure(0.6)})}
    assert list(reading(Live(1, [ArmState(arm, looks=looks)])).values()) == [
        [(65.0, 0.3), (130.0, 0.6)]
    ]


def test_the_fixed_text_is_the_same_twice_and_the_other_is_not() -> None:
    fixed, varied = two_texts(FIXED), two_texts("both")
    assert len(fixed) == len(varied) == 2
    assert all(ABOUT in text for text in (*fixed, *varied))
    assert fixed[0] == fixed[1]
    assert varied[0] != varied[1]
