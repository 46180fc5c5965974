"""The lists of lessons and experiments, how far a learner is, and which lesson is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pages import (
    bet,
    corpus,
    explain,
    finetune,
    inside,
    leak,
    limits,
    metrics,
    mixture,
    often,
    pretrain,
    prompts,
    real,
    reward,
    scale,
    secret,
    sheets,
    steps,
    sudden,
    tokens,
    told,
    transfer,
    vector,
    why,
)
from ui.lesson import Lesson, Progress
from ui.plan import Plan

LESSONS = (
    bet.LESSON,
    corpus.LESSON,
    tokens.LESSON,
    pretrain.LESSON,
    inside.LESSON,
    why.LESSON,
    prompts.LESSON,
    finetune.LESSON,
    transfer.LESSON,
    metrics.LESSON,
    limits.LESSON,
    real.LESSON,
    explain.LESSON,
)

# Each is a question that goes deeper; none of them is a step of the path.
EXPERIMENTS: tuple[Lesson, ...] = (
    sheets.LESSON,
    vector.LESSON,
    steps.LESSON,
    sudden.LESSON,
    told.LESSON,
    often.LESSON,
    reward.LESSON,
    scale.LESSON,
    mixture.LESSON,
    leak.LESSON,
    secret.LESSON,
)

# Pages beside the path
OWN_TASK_PATH, EXPERIMENTS_PATH, RUNS_PATH, YOU_PATH, TEACHER_PATH = TOOLS = (
    "own_task",
    "experiments",
    "runs",
    "you",
    "teacher",
)
# The paths that a browser may ask for. The start has none of its own.
PATHS = frozenset(
    {"/", *(f"/{path}" for path in TOOLS), *(f"/{one.name}" for one in (*LESSONS, *EXPERIMENTS))}
)


def minutes_in_all(names: Sequence[str]) -> int:
    """The minutes of these lessons together, as measured."""
    return sum(one.minutes or 0 for one in LESSONS if one.name in names)


def planned(plan: Plan) -> list[Lesson]:
    """The lessons that a class with this plan sees; all where it would see none."""
    return [one for one in LESSONS if plan.shows(one.name)] or list(LESSONS)


def progress_of(answers: Mapping[str, object]) -> list[Progress]:
    """How far a learner with these answers is in each lesson, in the order of LESSONS."""
    return [lesson.progress(answers) for lesson in LESSONS]


def next_lesson(done: Sequence[bool]) -> int | None:
    """Index of the lesson to go on with; None if all are done.

    It is the first one after the last done lesson, or else the first one that was left out.
    """
    last = max((i for i, ready in enumerate(done) if ready), default=-1)
    later = [i for i in range(last + 1, len(done)) if not done[i]]
    left_out = [i for i, ready in enumerate(done) if not ready]
    return next(iter(later or left_out), None)
