"""Learning from right and wrong alone, beside learning from the answers themselves."""

from __future__ import annotations

from tinylm.experiments.base import Arm, Experiment

TASK = "questions"
ANSWERS = 1597  # labelled examples of the task in the made world: all of its training split
FEW, MORE = 8, 32  # labels before the rewards
TRIES = 8  # answers to a question, drawn at temperature 1
UPDATES, LONGER = 80, 3  # of rewards; from scratch so many times as many
# So many updates on the answers take the processor seconds of UPDATES by rewards (measured).
AS_LONG = 480

# Figures. "new" are held-out questions, "practised" those of the training split.
NEW, NEW_ONCE, NEW_TRIES = "new", "new, one of 8", "new, tries"
PRACTISED, PRACTISED_ONCE, PRACTISED_TRIES = "practised", "practised, one of 8", "practised, tries"


def _after(name: str, title: str, after: str, labels: int, **changes: int | str) -> Arm:
    """An arm that is fine-tuned on the task after another one."""
    return Arm(name, title, changes, after=after, task=TASK, labels=labels)


def _reward(name: str, title: str, after: str, updates: int = UPDATES) -> Arm:
    return _after(name, title, after, ANSWERS, method="reward", steps=updates)


EXPERIMENT = Experiment(
    name="reward",
    title="Right or wrong",
    question="Can a model learn to answer if it is only told which of its tries are right?",
    arms=(
        Arm("base", "base, no labels"),
        _after("labels", f"base, {FEW} labels", "base", FEW),
        _reward("reward", f"{FEW} labels, then rewards", "labels"),
        _after(
            "answers",
            f"{FEW} labels, then all answers",
            "labels",
            ANSWERS,
            steps=UPDATES,
            batch_size=16,
        ),
        _after(
            "more",
            f"the same {FEW} labels for longer",
            "labels",
            FEW,
            steps=UPDATES,
            batch_size=16,
        ),
        _after(
            "answers-long",
            f"{FEW} labels, then all answers for as long",
            "labels",
            ANSWERS,
            steps=AS_LONG,
            batch_size=16,
        ),
        _reward("reward-base", "base, no labels, rewards", "base"),
        _after("labels-32", f"base, {MORE} labels", "base", MORE),
        _reward("reward-32", f"{MORE} labels, then rewards", "labels-32"),
        Arm(
            "scratch", f"scratch, {FEW} labels", after="base", task=TASK, labels=FEW, init="scratch"
        ),
        _reward("reward-scratch", f"scratch, {FEW} labels, rewards", "scratch", LONGER * UPDATES),
    ),
    figures={
        NEW: "held-out questions, answered right (the most probable answer)",
        NEW_TRIES: "held-out questions, share of tries at temperature 1 that are right",
        NEW_ONCE: f"held-out questions, at least one of {TRIES} tries is right (pass@{TRIES})",
        PRACTISED: "questions of the training split, answered right",
        PRACTISED_TRIES: "questions of the training split, share of tries that are right",
        PRACTISED_ONCE: f"questions of the training split, at least one of {TRIES} tries is right",
    },
    preset="quick",
    of_base=True,
)
