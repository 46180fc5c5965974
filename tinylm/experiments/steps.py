"""Two steps: the currency of a neighbour of Italy, at once or with the step in between written."""

from __future__ import annotations

from tinylm.experiments.base import Arm, Experiment

SHOTS = 4
AT_ONCE, WRITTEN, GIVEN = "at once", "written out", "step given"
# What a line of the prompt is, and what the model is asked for.
WAYS = {
    AT_ONCE: "Italy -> franc",
    WRITTEN: "Italy -> Switzerland -> franc",
    GIVEN: "Italy -> Switzerland -> franc",
}
# By what follows the neighbour. Chains of the text never go on to a currency.
SHOWN, NEVER = "capital or language", "currency"
WHICH = (SHOWN, NEVER)


def right(way: str, which: str, known: bool = False) -> str:
    """The name of the figure: share answered right, of all or of those whose facts it knows."""
    return f"{way}, {which}{', both facts known' if known else ''}"


def spoiled(way: str, which: str) -> str:
    """The name of the figure: right after shuffled answers, of those whose facts it knows."""
    return f"{way}, {which}, shuffled"


def alone(step: int, which: str) -> str:
    """The name of the figure: share of a single step that is answered right, 0 for both steps."""
    return f"step {step} alone, {which}" if step else f"both facts known, {which}"


def middle(which: str) -> str:
    """The name of the figure: share of the steps in between that the model writes rightly."""
    return f"step in between, {which}, both facts known"


def skipped(which: str) -> str:
    """The name of the figure: share answered at once with what is true of the start itself."""
    return f"skips a step, {which}"


def commonest(which: str) -> str:
    """The name of the figure: right by always giving a composition's commonest answer."""
    return f"commonest answer, {which}"


USUAL, CHAINS = "usual", "chains"  # the texts
ENDS = "ends"  # a text whose chains leave the step in between out
DEEP = "deep"  # a model of twice as many layers
SHARE = 0.3  # of the worksheets

EXPERIMENT = Experiment(
    name="steps",
    title="Step by step",
    question="Does it help a model to write out the step in between?",
    arms=(
        Arm(CHAINS, "some chains in the text", {"chains": SHARE}),
        Arm(USUAL, "the usual text"),
        Arm(ENDS, "chains without the step", {"chains": SHARE, "chain_ends": 1.0}),
        Arm(DEEP, "chains, 4 layers", {"chains": SHARE, "n_layer": 4}),
    ),
    figures={
        name: what
        for which in WHICH
        for name, what in (
            *(
                (right(way, which, known), f"{of} of a neighbour, {way}")
                for known, of in (
                    (False, which),
                    (True, f"{which} (both facts known)"),
                )
                for way in WAYS
            ),
            *(
                (spoiled(way, which), f"the same, {way}, after shuffled answers")
                for way in (AT_ONCE, WRITTEN)
            ),
            (alone(1, which), f"{which}: first step alone"),
            (alone(2, which), f"{which}: second step alone"),
            (alone(0, which), f"{which}: both single facts known"),
            (middle(which), f"{which}: the model's own step in between is right"),
            (skipped(which), f"{which}: skips a step, and answers for the first country"),
            (commonest(which), f"{which}: always the commonest answer"),
        )
    },
    preset="quick",
    looks=6,
)
