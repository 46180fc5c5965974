"""Scale: the guess is a line on log-log paper for each kind of text, and its interval is honest."""

from __future__ import annotations

import pytest

from tinylm.errors import BadRequest
from tinylm.experiments.recording import recording
from tinylm.experiments.scale import (
    CALIBRATING,
    EXPERIMENT,
    LARGE,
    LOSS,
    SMALL,
    Repetition,
    foretell,
    margin,
    question,
    repetition,
    repetitions,
    through,
    tokens_of,
    work,
)
from tinylm.questions.experiments import Figure, Measured
from tinylm.questions.scale import Foretold, SmallRun

ENTROPY = 0.7
WEIGHTS = {"prose": 300, "worksheet": 100}


def law(tokens: int) -> dict[str, float]:
    """Two kinds of text, each of which follows a power law of its own."""
    return {"prose": 40.0 * tokens**-0.3, "worksheet": 900.0 * tokens**-0.6}


def total(excess: dict[str, float]) -> float:
    parts = (WEIGHTS[kind] * value for kind, value in excess.items())
    return ENTROPY + sum(parts) / sum(WEIGHTS.values())


def measured(excess: dict[str, float]) -> Measured:
    figures = {f"excess, {k}": Figure(v, v, v, WEIGHTS[k]) for k, v in excess.items()}
    loss = total(excess)
    figures |= {LOSS: Figure(loss, loss, loss, 400)}
    figures |= {"true entropy": Figure(ENTROPY, ENTROPY, ENTROPY, 400)}
    return Measured(figures | {"parameters": Figure(100, 100, 100, 1)})


def test_a_power_law_of_each_kind_is_foretold_to_the_last_digit() -> None:
    small = [SmallRun(tokens, law(tokens)) for tokens in (1_000, 2_000, 3_000, 4_000)]
    found = foretell(small, WEIGHTS, ENTROPY, 16_000)
    assert found.loss == pytest.approx(total(law(16_000)))
    # The shortest run is no part of the line.
    odd = SmallRun(1_000, {kind: 2 * value for kind, value in small[0].excess.items()})
    assert foretell([odd, *small[1:]], WEIGHTS, ENTROPY, 16_000) == found
    # One line through the sum of both would miss: the sum of two power laws is none.
    mixed = [(one.tokens, total(one.excess) - ENTROPY) for one in small[1:]]
    assert abs(ENTROPY + through(mixed, 16_000) - total(law(16_000))) > 0.01


@pytest.mark.parametrize("off", [-0.03, -0.0299, 0.0299, 0.03])
def test_the_interval_holds_a_truth_of_which_the_guess_is_off_by_the_margin(off: float) -> None:
    small = [SmallRun(tokens, law(tokens)) for tokens in (2_000, 3_000, 4_000)]
    found = foretell(small, WEIGHTS, ENTROPY, 16_000, margin=0.02999)
    one = Repetition(1, found, found.loss / (1 + off))
    assert one.error == pytest.approx(off)
    assert one.held == (abs(off) < 0.02999)


@pytest.mark.parametrize("broken", [[], [SmallRun(1_000, {"prose": 0.0})] * 4])
def test_what_has_no_line_is_refused(broken: list[SmallRun]) -> None:
    with pytest.raises(BadRequest, match="3 runs"):
        foretell(broken, WEIGHTS, ENTROPY, 16_000)


def test_the_guess_knows_nothing_of_the_larger_run() -> None:
    figures = {arm.name: measured(law(tokens_of(arm))) for arm in SMALL}
    asked = question(figures)
    assert question(figures | {LARGE.name: measured({"prose": 9.0, "worksheet": 9.0})}) == asked
    assert [one.tokens for one in asked.small] == sorted(tokens_of(arm) for arm in SMALL)
    assert asked.tokens == tokens_of(LARGE) > 3 * asked.small[-1].tokens
    assert repetition(1, figures) is None
    one = repetition(1, figures | {LARGE.name: measured(law(tokens_of(LARGE)))})
    assert one is not None
    assert one.error == pytest.approx(0, abs=1e-6)


def test_a_miss_is_said() -> None:
    miss = Repetition(1, Foretold(1.0, 0.9, 1.1), 1.25)
    assert (miss.error, miss.held) == (pytest.approx(-0.2), False)


def test_work_grows_with_parameters_and_tokens() -> None:
    assert work(200, 3_000) == 6 * 200 * 3_000


def test_every_run_ends_with_its_schedule() -> None:
    configs = [EXPERIMENT.config(arm, 1) for arm in EXPERIMENT.arms]
    assert len({(c.train.cooldown, c.train.muon_lr, c.documents) for c in configs}) == 1
    assert {c.train.learning_rate * c.model.n_embd for c in configs} == {0.036 * 64}


def test_the_recording_judges_the_interval_by_other_seeds_than_made_it() -> None:
    found = recording(EXPERIMENT.name)
    assert found is not None
    known = repetitions(found)
    assert [one.seed for one in known] == list(found.seeds[CALIBRATING:])
    assert 0.005 < margin(found) < 0.1
    last = [one.measured.figures[LOSS].value for one in found.of(SMALL[-1].name)[CALIBRATING:]]
    assert all(one.measured < loss for one, loss in zip(known, last, strict=True))
