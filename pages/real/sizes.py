"""Sizes, text and work of real models beside those of a model that was trained here."""

from __future__ import annotations

import math

from tinylm.events import RunStarted
from tinylm.recorded import recording
from tinylm.runs.store.rows import shown_id
from ui import state
from ui.asking import service
from ui.bases import named, newest_fit
from ui.charts.base import BLUE, GREY, Figure, bars_across
from ui.choosing import base_runs
from ui.frame import literal
from ui.real import RealModel, real

COMPARED = "GPT-3"
FEWEST, STEP = 1_000, 100  # of the offered answers: the least, and how far apart they are
TIMES_TEN = " × 10"
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
WORK = 6  # additions and multiplications for each weight and token, about


def own() -> tuple[RealModel, str]:
    """The run that a lesson begins with, or the recorded model, and how a sentence names it."""
    learner = state.learner()
    run, _ = newest_fit(base_runs(), learner)
    started = service().latest(run.id, RunStarted) if run else None
    if run is not None and started is not None:
        shape = run.config.model
        mine = (started.num_parameters, run.tokens_seen, started.vocab_size, shape.block_size)
        name = "yours" if run.owner == learner else shown_id(run.id)
        return RealModel(name, 0, *mine, ""), named(run, learner)
    found = recording()
    last = found.last.tokens_seen
    brought = RealModel("recorded", 0, found.parameters, last, None, None, "")
    return brought, f"the model recorded on {found.date}"


def work(model: RealModel) -> float | None:
    """Additions and multiplications of the training: about WORK for each weight and token.

    Kaplan et al. 2020, https://arxiv.org/abs/2001.08361.
    """
    return None if model.tokens is None else WORK * model.parameters * model.tokens


def power(value: float) -> str:
    """A large number in words that can be read aloud: `3.0e11` -> `300 billion`."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{value / size:,.3g} {word}" if value < 1e15 else scientific(value)
    return f"{value:,.0f}"


TIMES = tuple(f"{power(FEWEST * STEP**place)} times more" for place in range(3))


def nearest(times: float) -> str:
    """Which of TIMES is fewest factors of ten away."""
    steps = round(math.log(max(times, 1) / FEWEST, STEP))
    return TIMES[min(len(TIMES) - 1, max(0, steps))]


def scientific(value: float) -> str:
    """A number too large for words: `3.14e23` -> `3.1 × 10²³`."""
    digits, exponent = f"{value:.1e}".split("e+")
    return f"{digits}{TIMES_TEN}{str(int(exponent)).translate(SUPERSCRIPT)}"


def sizes(models: list[RealModel]) -> Figure:
    """The number of tokens that each model read, as powers of ten."""
    known = [model for model in models if model.tokens]
    values = [math.log10(model.tokens or 1) for model in known]
    colours: dict[str, object] = {"color": [GREY if model.year else BLUE for model in known]}
    labels = [model.name for model in known]
    title = "Zeros in the number of tokens"
    return bars_across({"tokens": (values, colours)}, labels, shown=".1f", axis="~g", title=title)


NOT_SAID = "not said"


def rows(models: list[RealModel]) -> list[dict[str, str]]:
    """The table: one row for each model, whose name leads to the source of its figures."""
    return [
        {
            "model": _linked(model),
            "weights": power(model.parameters),
            "tokens read": power(model.tokens) if model.tokens else NOT_SAID,
            "work": scientific(found) if (found := work(model)) else NOT_SAID,
        }
        for model in models
    ]


def further_rows(models: list[RealModel]) -> list[dict[str, str]]:
    """The sizes that say less: the vocabulary, and how much is read at once."""
    return [
        {
            "model": literal(model.name),
            "vocabulary": f"{model.vocabulary:,.0f}" if model.vocabulary else NOT_SAID,
            "context": f"{model.context:,.0f}" if model.context else NOT_SAID,
        }
        for model in models
    ]


def _linked(model: RealModel) -> str:
    if not model.source:
        return literal(model.name)
    return f"[{literal(model.name)}, {model.year}]({real().sources[model.source].address})"
