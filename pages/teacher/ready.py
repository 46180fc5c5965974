"""Ready plans of a lesson: which steps a class walks, when, and what everybody does in each.

They are the plans of docs/teaching.md, which also has the questions to ask.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pages.registry import EXPERIMENTS_PATH, LESSONS

EXPERIMENT = "An experiment, on the projector"
WITHOUT = ("Start", "break", "the board")  # steps on no page that a plan could hide
SECONDS = 20  # that the first run of both plans takes
PATHS = {one.title: one.name for one in LESSONS} | {EXPERIMENT: EXPERIMENTS_PATH}


@dataclass(frozen=True)
class Step:
    """What a class does in some minutes of the lesson."""

    begins: int  # minutes
    ends: int
    name: str  # the title of a page, and how it is used
    does: str  # Markdown

    @property
    def path(self) -> str:
        """The path of its page; "" for a break, and for pages that everybody always sees."""
        return PATHS.get(self.name) or PATHS.get(self.name.partition(",")[0], "")


@dataclass(frozen=True)
class ReadyPlan:
    """A lesson from its first minute to its last."""

    title: str
    steps: tuple[Step, ...]
    seconds: int = SECONDS  # that a run may take

    @property
    def lessons(self) -> list[str]:
        """The paths of its pages, each once, in the order of the steps."""
        return list(dict.fromkeys(step.path for step in self.steps if step.path))


def steps(text: str) -> tuple[Step, ...]:
    """The steps in lines such as `0 to 5 | Start | changes the examples`."""
    found = []
    for line in text.strip().splitlines():
        minutes, name, does = (part.strip() for part in line.split("|"))
        begins, ends = map(int, re.findall(r"\d+", minutes))
        found.append(Step(begins, ends, name, does))
    return tuple(found)


READY: Sequence[ReadyPlan] = (
    ReadyPlan(
        "45 minutes",
        steps(
            """
            0 to 5 | Start | changes the examples before `Germany ->`
            5 to 8 | Pre-train | draws the curve that they expect, starts a run of 20 seconds
            8 to 13 | Be the model | bets on three covered words
            13 to 16 | Corpus | looks for what the text says, and what it never says
            16 to 21 | Pre-train | comes back to the run, reads step 0 beside the last step
            21 to 24 | Inside | asks for the odds after a text of their own
            24 to 29 | Prompts | asks with more and fewer examples, predicts
            29 to 32 | Fine-tune | predicts who learns from 128 labels, starts both
            32 to 35 | Why it works | reads what the next word asks of a model
            35 to 38 | Fine-tune | comes back, compares base and scratch
            38 to 45 | Explain it | writes four sentences, and checks them
            """
        ),
    ),
    ReadyPlan(
        "Three hours",
        steps(
            """
            0 to 6 | Start | changes the examples before `Germany ->`
            6 to 10 | Pre-train | draws the expected curve, starts a run of 20 seconds
            10 to 17 | Be the model | bets on covered words
            17 to 22 | Corpus | searches the text, brings a text of their own if they like
            22 to 28 | Tokens | types a sentence, counts its pieces
            28 to 36 | Pre-train | comes back, reads step 0 beside the last step
            36 to 42 | Inside | odds after a text of their own, at early and late steps
            42 to 48 | Why it works | predicts what is learned first
            48 to 52 | Pre-train, in threes | starts a run of one minute
            52 to 62 | break | the runs train
            62 to 74 | Prompts | asks with none to eight examples, predicts
            74 to 86 | Four metrics | one trap each, explained to the neighbour
            86 to 98 | Prompts, in fives | measures all questions with controls
            98 to 104 | Fine-tune | predicts, starts base and scratch
            104 to 116 | Limits | what it makes up, what it knows by heart
            116 to 124 | Fine-tune | comes back, compares
            124 to 134 | break |
            134 to 150 | An experiment, on the projector | predicts, sees what was recorded with several seeds
            150 to 160 | Tiny beside real | what differs in a real model, and what comes after
            160 to 175 | Explain it | writes, checks, reads another's answer
            175 to 180 | the board | best few-shot score, lowest curve, the bets of the class
            """  # noqa: E501
        ),
    ),
)
