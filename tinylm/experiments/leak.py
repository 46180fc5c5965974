"""Contamination: what a test's score says when some of its questions stood in the text."""

from __future__ import annotations

from tinylm.experiments.base import Arm, Experiment

LEAKED, CLEAN, WHOLE = "leaked", "clean", "whole test"
# Ways to ask for the same facts: as the test does, on a worksheet, as a sentence to finish.
AS_TEST, WORKSHEET, OWN_WORDS = "as in the test", "worksheet line, k = 4", "as a sentence to finish"
SHOTS = 4
PRACTICE = 2  # copies of each training question, in every arm, so that the form is known in all


def right(which: str, how: str = AS_TEST) -> str:
    """The name of the figure: share answered right."""
    return f"{which}, {how}"


# What tells a question that was read from one that was not, by the score that a detector gives.
LOSS, REPHRASED, REFERENCE = "loss", "against other wordings", "against another model"
DETECTORS = {
    LOSS: "how probable the question and its answer are, for each token",
    REPHRASED: "how much more probable they are than in other wordings",
    REFERENCE: "how much more probable they are than for a model that never read them",
}


def area(detector: str) -> str:
    """The name of the figure: the area under the ROC curve of a detector."""
    return f"{detector}: area"


def missed(detector: str) -> str:
    """The name of the figure: share of the leaked questions that a detector does not find."""
    return f"{detector}: missed"


def false_alarms(detector: str) -> str:
    """The name of the figure: share of the clean questions that a detector takes for leaked."""
    return f"{detector}: false alarms"


NONE, TENTH, FEW, HALF = "none", "tenth", "few", "half"  # the arms

EXPERIMENT = Experiment(
    name="leak",
    title="A test that leaked",
    question="What is a score worth if some of the test stood in the text?",
    arms=(
        Arm(NONE, "no test question in the text", {"practice": PRACTICE, "documents": 12_290}),
        Arm(
            FEW,
            "10 % of them, told 4 times each",
            {"practice": PRACTICE, "documents": 12_460, "leaked": 0.1, "leaked_copies": 4},
        ),
        Arm(
            TENTH,
            "10 % of them, told 16 times each",
            {"practice": PRACTICE, "documents": 12_800, "leaked": 0.1, "leaked_copies": 16},
        ),
        Arm(
            HALF,
            "50 % of them, told 16 times each",
            {"practice": PRACTICE, "documents": 14_710, "leaked": 0.5, "leaked_copies": 16},
        ),
    ),
    figures={
        right(WHOLE): "the whole test: the score that would be reported",
        **{
            right(which, how): f"{which} questions, {how}"
            for which in (LEAKED, CLEAN)
            for how in (AS_TEST, WORKSHEET, OWN_WORDS)
        },
        **{
            name(detector): f"detector “{detector}”: {what}"
            for detector in DETECTORS
            for name, what in (
                (area, "area under its ROC curve (0.5: blind, 1: perfect)"),
                (missed, "leaked questions that it misses"),
                (false_alarms, "clean questions that it takes for leaked"),
            )
        },
    },
)
