"""Quality of a text: some of it wrong, beside leaving that part out; and mixtures of one's own."""

from __future__ import annotations

from tinylm.experiments.base import Arm, Experiment

SHOTS = 4
BITS, FACTS, TOLD, GRAMMAR = "bits per byte", "facts", "facts told", "grammar"
USUAL, WRONG, SHUFFLED, FEWER = "standard", "wrong", "shuffled", "fewer"
SPOILED = 0.2  # share of the documents that are wrong, or shuffled
UPDATES = 208  # the updates of the preset without this share

EXPERIMENT = Experiment(
    name="mixture",
    title="Wrong text, and your own mixture",
    question="Is a text that is partly wrong better than less text?",
    arms=(
        Arm(USUAL, "the usual text"),
        Arm(WRONG, f"{SPOILED:.0%} wrong", {"wrong": SPOILED}),
        Arm(SHUFFLED, f"{SPOILED:.0%} shuffled", {"shuffled": SPOILED}),
        Arm(FEWER, f"the other {1 - SPOILED:.0%} alone", {"steps": UPDATES}),
    ),
    figures={
        BITS: "bits for each byte of the usual validation text; less is better",
        FACTS: f"all facts that the tasks ask, after {SHOTS} examples",
        TOLD: f"those of them that this text tells, after {SHOTS} examples",
        GRAMMAR: "pairs of sentences in which the right one is likelier",
    },
    looks=2,
)
