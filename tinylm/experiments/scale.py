"""Scale: how good a larger run will be, foretold from small ones before it begins.

Every run ends with its learning rate at zero: losses in the middle of a schedule are higher, and
tell nothing about a run that ends there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tinylm.errors import BadRequest
from tinylm.experiments.base import Arm, Experiment
from tinylm.experiments.recording import Recording
from tinylm.questions.experiments import Measured
from tinylm.questions.scale import Foretell, Foretold, SmallRun
from tinylm.setting import Value

LOSS, ENTROPY, PARAMETERS = "loss", "true entropy", "parameters"
_EXCESS = "excess, "
WIDTH, NARROW = 64, 32
STEPS = (112, 225, 320, 450)  # updates of the small runs
TIMES = 4  # the larger run reads so many times the text of the longest small one
FITTED = 3  # the longest runs that the line goes through: shorter ones are no part of it
# How far off the guess was at most with the first of the seeds makes the interval, and the others
# judge it. If all seeds are alike, one more guess lies within with a probability of 10 in 11.
CALIBRATING = 10
WORK = 6  # additions and multiplications for each weight and token, about


def _settings(width: int, steps: int) -> dict[str, Value]:
    """A run of this width: AdamW's rate falls as the width rises, Muon's stays as it is.

    The rule for the first follows Yang et al. 2022, https://arxiv.org/abs/2203.03466.
    """
    return {"n_embd": width, "steps": steps, "learning_rate": round(0.018 * 128 / width, 4)}


KINDS = {
    "prose": "sentences",
    "info-box": "info-boxes",
    "worksheet": "worksheets",
    "parallel": "translations",
    "reviews": "reviews",
}


def excess_in(kind: str) -> str:
    """The name of the figure: how far the loss in a kind of text is above its true entropy."""
    return f"{_EXCESS}{kind}"


SMALL = tuple(
    Arm(f"text-{steps}", f"width {WIDTH}, {steps} updates", _settings(WIDTH, steps))
    for steps in STEPS
)
LARGE = Arm(
    "longer",
    f"width {WIDTH}, {TIMES} times the text",
    _settings(WIDTH, TIMES * STEPS[-1]),
)
# As much text as the longest small run, for a model of fewer parameters.
NARROWER = Arm("narrower", f"width {NARROW}, {STEPS[-1]} updates", _settings(NARROW, STEPS[-1]))

EXPERIMENT = Experiment(
    name="scale",
    title="Scale",
    question="Can you know how good a larger run will be before it begins?",
    arms=(*SMALL, LARGE, NARROWER),
    figures={
        LOSS: "loss on unseen text, nats per token",
        ENTROPY: "true entropy of the same text, nats per token",
        PARAMETERS: "numbers that training changes",
        **{excess_in(kind): f"loss above the entropy, in {title}" for kind, title in KINDS.items()},
    },
    preset="quick",
    looks=1,
    seeds=(1, 2, 3, 4, 5, 11, 12, 13, 21, 22, *range(31, 41)),
)


def small_run(measured: Measured, tokens: int) -> SmallRun:
    """What the guess needs of a run that read so many tokens."""
    excess = {
        name.removeprefix(_EXCESS): figure.value
        for name, figure in measured.figures.items()
        if name.startswith(_EXCESS)
    }
    return SmallRun(tokens, excess)


def weights(measured: Measured) -> dict[str, int]:
    """Tokens of each kind of text among those that were measured."""
    return {
        name.removeprefix(_EXCESS): figure.n
        for name, figure in measured.figures.items()
        if name.startswith(_EXCESS)
    }


def tokens_of(arm: Arm, seed: int = 1) -> int:
    """How many tokens the run of an arm reads."""
    config = EXPERIMENT.config(arm, seed)
    return config.train.steps * config.tokens_per_step


def foretell(
    small: Sequence[SmallRun],
    weights: Mapping[str, int],
    entropy: float,
    tokens: int,
    margin: float = 0.0,
) -> Foretold:
    """The loss to expect after `tokens` tokens, by straight lines on log-log paper.

    For each kind of text one line goes through the excess of the longest FITTED runs, by least
    squares. What the lines say of the larger run is added up by the kinds' shares of the text. The
    interval holds every truth of which the guess is off by at most the share `margin`.
    Raises BadRequest for too few runs, or where a run is not above the entropy.
    """
    runs = sorted(small, key=lambda one: one.tokens)[-FITTED:]
    if len(runs) < FITTED or any(value <= 0 for one in runs for value in one.excess.values()):
        raise BadRequest(f"This needs {FITTED} runs that end above the true entropy.")
    guess = entropy + _expected(runs, weights, tokens)
    return Foretold(guess, guess / (1 + margin), guess / (1 - margin))


def _expected(runs: Sequence[SmallRun], weights: Mapping[str, int], tokens: int) -> float:
    """The excess over all kinds of text that the lines lead to."""
    parts = (
        share * through([(one.tokens, one.excess[kind]) for one in runs], tokens)
        for kind, share in weights.items()
    )
    return math.fsum(parts) / sum(weights.values())


def through(points: Sequence[tuple[float, float]], x: float) -> float:
    """The value at `x` of the line through at least two points, straight on log-log paper."""
    places = [math.log(place) for place, _ in points]
    values = [math.log(value) for _, value in points]
    middle, mean = math.fsum(places) / len(places), math.fsum(values) / len(values)
    steep = math.fsum((p - middle) * (v - mean) for p, v in zip(places, values, strict=True))
    slope = steep / math.fsum((p - middle) ** 2 for p in places)
    return math.exp(mean + slope * (math.log(x) - middle))


class Repetition(NamedTuple):
    """What small runs with one seed foretold, and what the larger run then had."""

    seed: int
    foretold: Foretold
    measured: float

    @property
    def error(self) -> float:
        """How far the guess was off, as a share of what was measured."""
        return self.foretold.loss / self.measured - 1

    @property
    def held(self) -> bool:
        """Whether the interval holds what was measured."""
        return self.foretold.low <= self.measured <= self.foretold.high


def repetition(
    seed: int, measured: Mapping[str, Measured], margin: float = 0.0
) -> Repetition | None:
    """The guess and what came of it, by the figures of each arm; None where an arm has none."""
    if any(arm.name not in measured for arm in (*SMALL, LARGE)):
        return None
    asked = question({arm.name: measured[arm.name] for arm in SMALL}, margin)
    foretold = foretell(asked.small, asked.weights, asked.entropy, asked.tokens, margin)
    return Repetition(seed, foretold, measured[LARGE.name].figures[LOSS].value)


def question(
    measured: Mapping[str, Measured], margin: float = 0.0, own: float | None = None
) -> Foretell:
    """What to ask once all small runs are measured; `own` is what the learner guesses."""
    last = measured[SMALL[-1].name]
    small = tuple(small_run(measured[arm.name], tokens_of(arm)) for arm in SMALL)
    entropy = last.figures[ENTROPY].value
    return Foretell(small, weights(last), entropy, tokens_of(LARGE), own, margin)


def margin(recording: Recording) -> float:
    """How far the guess was off at most, as a share, with the first CALIBRATING seeds."""
    found = _repetitions(recording, recording.seeds[:CALIBRATING], 0.0)
    return max((abs(one.error) for one in found), default=0.0)


def repetitions(recording: Recording) -> list[Repetition]:
    """One for each seed that judges the interval: those after the first CALIBRATING."""
    return _repetitions(recording, recording.seeds[CALIBRATING:], margin(recording))


def _repetitions(recording: Recording, seeds: Sequence[int], margin: float) -> list[Repetition]:
    found = []
    for seed in seeds:
        measured = {one.arm: one.measured for one in recording.trials if one.seed == seed}
        if (one := repetition(seed, measured, margin)) is not None:
            found.append(one)
    return found


def work(parameters: float, tokens: int) -> float:
    """Additions and multiplications of a training, about.

    Kaplan et al. 2020, https://arxiv.org/abs/2001.08361.
    """
    return WORK * parameters * tokens
