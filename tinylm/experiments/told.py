"""Told one way, told many ways: what makes facts of a text answers to questions."""

from __future__ import annotations

from typing import NamedTuple

from tinylm.experiments.base import Arm, Experiment
from tinylm.setting import Value

TASK = "half"  # questions about half of the things (tinylm/evaluation/tasks/half.py)
LABELS = 900  # its training examples that are used: nearly all
UPDATES = 320  # of learning to answer
BATCH = 16
ASKED = "-asked"  # ends the name of an arm that has learned to answer questions


class Way(NamedTuple):
    """One way to tell each thing's facts in the text."""

    name: str
    title: str
    patterns: int  # wordings of a fact; 0: all
    orders: int  # orders of a thing's facts; 0: a new one each time


WAYS = (
    Way("fixed", "one fixed text each", 1, 1),
    Way("order", "a new order each time", 1, 0),
    Way("wording", "new wordings each time", 0, 1),
    Way("both", "new order and wordings", 0, 0),
)
BIOGRAPHIES: dict[str, Value] = {
    "prose": 0.0,
    "info_boxes": 0.0,
    "worksheets": 0.0,
    "parallel": 0.0,
    "reviews": 0.0,
    "biographies": 1.0,
    "tables": "countries,animals,foods,jobs",
}

OTHERS, TRAINED = "other half", "trained half"
COMMONEST = "commonest answer"
OWN_TEXT = "own text"

EXPERIMENT = Experiment(
    name="told",
    title="Told one way, told many ways",
    question="Can a model answer questions about a text that it knows by heart?",
    arms=(
        *(
            Arm(
                way.name,
                way.title,
                {**BIOGRAPHIES, "patterns": way.patterns, "orders": way.orders},
            )
            for way in WAYS
        ),
        *(
            Arm(
                f"{way.name}{ASKED}",
                f"{way.title}, then questions",
                {"steps": UPDATES, "batch_size": BATCH},
                after=way.name,
                task=TASK,
                labels=LABELS,
            )
            for way in WAYS
        ),
    ),
    figures={
        OWN_TEXT: "answers in sentences of its own text finished right, after what stands before",
        TRAINED: "questions about things of the training examples answered right",
        OTHERS: "questions about all other things answered right",
        COMMONEST: "the same, by always giving a relation's commonest answer",
    },
)


def asked(way: str) -> str:
    """The arm that has learned to answer questions after reading a text of this way."""
    return f"{way}{ASKED}"
