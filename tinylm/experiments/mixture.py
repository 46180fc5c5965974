"""Quality, variety, repetition: the same number of updates on texts of different kinds."""

from __future__ import annotations

from tinylm.experiments.base import Arm, Experiment

SHOTS = 4
BITS, FACTS, TOLD, GRAMMAR = "bits per byte", "facts", "facts told", "grammar"
USUAL, WRONG, FEWER, SHUFFLED = "standard", "wrong", "fewer", "shuffled"
COUNTRIES, FEW = "countries", "few"
SPOILED = 0.2  # share of the documents that are wrong, or shuffled
UPDATES = 208  # the updates of the preset without this share
UNTOLD = 0.66  # share of the facts that are none of countries: so many facts are left as there
PASSES = (4, 16, 64)


def again(passes: int) -> str:
    """The name of the arm that reads its text so many times."""
    return f"passes-{passes}"


EXPERIMENT = Experiment(
    name="mixture",
    title="Quality, variety, repetition",
    question="What must a text be like, so that a model learns the most from it?",
    arms=(
        Arm(USUAL, "the usual text"),
        Arm(WRONG, f"{SPOILED:.0%} wrong", {"wrong": SPOILED}),
        Arm(SHUFFLED, f"{SPOILED:.0%} shuffled", {"shuffled": SPOILED}),
        Arm(FEWER, f"the other {1 - SPOILED:.0%} alone", {"steps": UPDATES}),
        Arm(COUNTRIES, "countries alone", {"tables": "countries"}),
        Arm(FEW, "few facts of all", {"untold": UNTOLD}),
        *(Arm(again(n), f"read {n} times", {"passes": n}) for n in PASSES),
    ),
    figures={
        BITS: "bits for each byte of the usual validation text; less is better",
        FACTS: f"all facts that the tasks ask, after {SHOTS} examples",
        TOLD: f"those of them that this text may tell, after {SHOTS} examples",
        GRAMMAR: "pairs of sentences in which the right one is likelier",
    },
    looks=2,
)
