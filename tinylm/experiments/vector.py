"""Examples become a vector: what one head writes after examples, put in the place of examples."""

from __future__ import annotations

from tinylm.experiments.base import Arm, Experiment

SHOTS = 4  # examples, in prompts and behind every vector
NONE, VECTOR, WRONG, LAYER, EXAMPLES = "none", "vector", "wrong", "layer", "examples"
TURNED, ABLATION = "turned", "ablation"

RIGHT = "right"  # of all held-out facts
NEXT = "right with the next best head"
PLACE = "layer of the head"  # counted from 1
OTHER = "right for the other relation"
BEFORE, AFTER = "turned before the copy", "turned by the copy"

# What is measured with every head silenced in turn, and what stands beside it in a table.
EFFECTS = {
    "loss": "loss",
    "no example": "facts, no example",
    "examples": f"facts, {SHOTS} examples",
    "moods": "moods",
    "to_nuveli": "into Nuveli",
}
RANKS = 4  # heads that are silenced: those whose vectors do best
ALL_HEADS = 0  # the rank that stands for a model with all its heads


def effect(name: str, rank: int) -> str:
    """The name of a figure of EFFECTS without the head of this rank, 1 for the best vectors."""
    return f"{name}, without head {rank}" if rank else f"{name}, all heads"


EXPERIMENT = Experiment(
    name="vector",
    title="Examples become a vector",
    question="Can one list of numbers stand in for all the examples?",
    arms=(
        Arm(NONE, "no example"),
        Arm(WRONG, "no example, but the list of another relation"),
        Arm(VECTOR, "no example, but the list"),
        Arm(LAYER, "no example, but the lists of all heads of that layer"),
        Arm(EXAMPLES, f"{SHOTS} examples"),
        Arm(TURNED, "one head's output copied between two prompts"),
        Arm(ABLATION, "each head silenced in turn"),
    ),
    figures={
        RIGHT: "held-out facts answered right",
        NEXT: "held-out facts answered right with the list of the next best head",
        PLACE: "layer of the best head, counted from 1",
        OTHER: "answers that are right for the other relation, where it has one",
        BEFORE: "answers that are those of the other prompt, before the copy",
        AFTER: "answers that are those of the other prompt, after the copy",
        **{
            effect(name, rank): f"{title}, {f'without head {rank}' if rank else 'all heads'}"
            for rank in range(RANKS + 1)
            for name, title in EFFECTS.items()
        },
    },
    preset="quick",
    seeds=(1, 2, 3, 4, 5),
    of_base=True,
)
