"""What makes few-shot: relations that stand in worksheets of the text, and others that do not."""

from __future__ import annotations

from tinylm.experiments.base import Arm, Experiment
from tinylm.presets import PRESETS
from tinylm.setting import Value

SEEN, UNSEEN = "in worksheets", "in no worksheet"
SHOTS = (0, 4)
# Three ways to ask for the same facts without an example.
WORDINGS = {
    "bare": "Germany ->",
    "own words": "The capital of Germany is",
    "instruction": "Question: What is the capital of Germany?",
}


def few_shot(which: str, shots: int) -> str:
    """The name of the figure: accuracy on worksheet lines after so many examples."""
    return f"{which}, k = {shots}"


def zero_shot(which: str, wording: str) -> str:
    """The name of the figure: accuracy without examples, asked in one of WORDINGS."""
    return f"{which}, {wording}"


LONG = "long"  # the arm that trains as long as the full preset
TABLES = "tables"  # as long, and its text has tables without the names of their columns
LABELS = "invented labels"
WORDS = ("dax", "wug", "blick", "toma")  # labels that no text has
PER_LABEL = 4  # examples of each of two labels

_full = PRESETS["full"]
FULL: dict[str, Value] = {
    "steps": _full.train.steps,
    "documents": _full.documents,
    "vocab_size": _full.model.vocab_size,
    "learning_rate": _full.train.learning_rate,
    "muon_lr": _full.train.muon_lr,
}

EXPERIMENT = Experiment(
    name="sheets",
    title="What makes few-shot",
    question="Can a model use examples of an exercise that it has never read?",
    arms=(
        Arm("half", "worksheets of half of the relations", {"sheets": "half"}),
        Arm("other-half", "worksheets of the other half", {"sheets": "other-half"}),
        Arm("none", "no worksheets", {"sheets": "none"}),
        Arm(LONG, "half, trained for longer", FULL | {"sheets": "half"}),
        # A third of the worksheets' weight goes to tables, in which all relations stand.
        Arm(
            TABLES,
            "the same, and tables without names",
            FULL | {"sheets": "half", "worksheets": 0.225, "bare_tables": 0.11, "bars": 0.5},
        ),
    ),
    figures={
        **{
            few_shot(which, k): f"facts of relations {which}, after {k} examples"
            for which in (SEEN, UNSEEN)
            for k in SHOTS
        },
        **{
            zero_shot(which, wording): f"the same facts without examples: {wording}"
            for which in (SEEN, UNSEEN)
            for wording in WORDINGS
        },
        LABELS: "animals and countries told apart by invented words, after 8 examples",
    },
    preset="quick",
    seeds=(1, 2, 3, 4, 5),
)
