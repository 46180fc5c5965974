"""The few-shot experiment: the same prompts for several models, with controls, in one table.

Plain Python: it says which measurements are wanted and what follows from them; a worker or
the terminal carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tinylm.evaluation.intervals import paired_bootstrap
from tinylm.evaluation.prompts import controls_of
from tinylm.evaluation.tasks.base import Task
from tinylm.questions.models import Measurement, Score

SHOTS = (0, 1, 2, 4, 8)

Models = Mapping[str, tuple[str, int]]  # name -> (run id, step of its checkpoint)


class Cell(NamedTuple):
    """One measurement: a model, a number of examples, and how the examples are spoiled."""

    model: str
    num_fewshot: int
    control: str = ""


def questions(
    models: Models,
    task: Task,
    *,
    shots: Sequence[int] = SHOTS,
    controlled: str = "base",
    group: str = "",
    limit: int = 0,
    seed: int = 1,
) -> dict[Cell, Score]:
    """What has to be measured: every model at every k, and one model under the controls.

    The controls have no k = 0, where there is no example to spoil. They are those of a task that
    can have them.
    """
    shots = [k for k in shots if k <= task.max_fewshot]
    cells = [Cell(model, k) for k in shots for model in models]
    if controlled in models:
        cells += [Cell(controlled, k, c) for c in controls_of(task) if c for k in shots if k]
    return {
        Cell(model, k, control): Score(
            *models[model], task.name, k, group=group, limit=limit, seed=seed, control=control
        )
        for model, k, control in cells
    }


def most_shots(task: Task) -> int:
    """The largest number of examples that the experiment gives for a task."""
    return max(k for k in SHOTS if k <= task.max_fewshot)


def over_time(
    run: str,
    steps: Sequence[int],
    task: Task,
    shots: Sequence[int] = (0, 4),
    *,
    group: str = "",
    limit: int = 0,
    seed: int = 1,
) -> dict[tuple[int, int], Score]:
    """The measurements of "when did it appear": (step, k) for every stored checkpoint."""
    return {
        (step, k): Score(run, step, task.name, k, group=group, limit=limit, seed=seed)
        for k in shots
        if k <= task.max_fewshot
        for step in steps
    }


class Compared(NamedTuple):
    """Two measurements on the same items, and their difference with its 95 % interval."""

    comparison: str
    n: int
    difference: float
    low: float
    high: float


def differences(results: Mapping[Cell, Measurement], seed: int = 1) -> list[Compared]:
    """Comparisons of measurements on the same items, each by a paired bootstrap.

    They compare examples with none, true with spoiled examples, and the base with other models.
    """
    wanted: list[tuple[str, Cell, Cell]] = []
    for cell in sorted(results):
        model, k, control = cell
        plain, read = Cell(model, k), results[cell].examples.in_words()
        if control:
            wanted.append((f"{model}, k = {read}: true examples against {control}", plain, cell))
        elif k:
            wanted.append((f"{model}: k = {read} against k = 0", plain, Cell(model, 0)))
        if model != "base" and not control:
            wanted.append((f"k = {read}: base against {model}", Cell("base", k), plain))
    return [
        compared(name, results[a], results[b], seed)
        for name, a, b in wanted
        if a in results and b in results
    ]


def compared(name: str, a: Measurement, b: Measurement, seed: int = 1) -> Compared:
    """How much more `a` got right than `b` on the same items."""
    pairs = [[float(right) for right in one.right] for one in (a, b)]
    return Compared(name, len(a.right), *paired_bootstrap(pairs[0], pairs[1], seed))
