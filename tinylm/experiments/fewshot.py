"""The few-shot experiment: the same prompts for several models, with controls, in one table.

Plain Python: it says which measurements are wanted and what follows from them; a worker or
the terminal carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tinylm.evaluation.intervals import paired_bootstrap
from tinylm.evaluation.prompts import CONTROLS
from tinylm.evaluation.tasks.task import Task
from tinylm.experiments.question import Question

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
    controls_of: str = "base",
    group: str = "",
    limit: int = 0,
    seed: int = 1,
) -> dict[Cell, Question]:
    """What has to be measured: every model at every k, and one model under the controls.

    The controls have no k = 0, where there is no example to spoil.
    """
    shots = [k for k in shots if k <= task.max_fewshot]
    cells = [Cell(model, k) for k in shots for model in models]
    if controls_of in models:
        cells += [Cell(controls_of, k, c) for c in CONTROLS if c for k in shots if k]
    return {
        cell: score_question(models[cell.model], task, cell, group=group, limit=limit, seed=seed)
        for cell in cells
    }


def score_question(
    model: tuple[str, int],
    task: Task,
    cell: Cell,
    *,
    group: str = "",
    limit: int = 0,
    seed: int = 1,
) -> Question:
    """The short job that measures one cell; the same question is always written the same way."""
    params: dict[str, Any] = {"run": model[0], "step": model[1], "task": task.name, "group": group}
    params |= {"num_fewshot": cell.num_fewshot, "limit": limit, "seed": seed}
    if cell.control:
        params["control"] = cell.control
    return "score", params


def over_time(
    run: str, steps: Sequence[int], task: Task, shots: Sequence[int] = (0, 4), **settings: Any
) -> dict[tuple[int, int], Question]:
    """The measurements of "when did it appear": (step, k) for every stored checkpoint."""
    return {
        (step, k): score_question((run, step), task, Cell("base", k), **settings)
        for k in shots
        if k <= task.max_fewshot
        for step in steps
    }


def value(row: Mapping[str, Any]) -> tuple[float, float, float]:
    """A measurement's leading figure with its interval, as a share: BLEU is divided by 100."""
    if row.get("metric") == "bleu":
        found = row["metrics"]
        return found["bleu"] / 100, found["bleu_low"] / 100, found["bleu_high"] / 100
    return row["accuracy"], row["low"], row["high"]


def table(results: Mapping[Cell, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row a measurement, with n, the 95 % interval and the task's metrics."""
    fields = ("n", "correct", "accuracy", "low", "high", "ranked_accuracy", "chance", "majority")
    return [
        cell._asdict() | {name: row[name] for name in fields if name in row} | row["metrics"]
        for cell, row in sorted(results.items())
    ]


def differences(results: Mapping[Cell, Mapping[str, Any]], seed: int = 1) -> list[dict[str, Any]]:
    """What is compared on the same items, with 95 % intervals of a paired bootstrap.

    Examples against none, true against spoiled examples, and the base against other models.
    """
    wanted: list[tuple[str, Cell, Cell]] = []
    for cell in sorted(results):
        model, k, control = cell
        plain = Cell(model, k)
        if control:
            wanted.append((f"{model}, k = {k}: true examples against {control}", plain, cell))
        elif k:
            wanted.append((f"{model}: k = {k} against k = 0", plain, Cell(model, 0)))
        if model != "base" and not control:
            wanted.append((f"k = {k}: base against {model}", Cell("base", k), plain))
    return [
        {"comparison": name, **_difference(results[a], results[b], seed)}
        for name, a, b in wanted
        if a in results and b in results
    ]


def _difference(a: Mapping[str, Any], b: Mapping[str, Any], seed: int) -> dict[str, Any]:
    pairs = [[float(item["correct"]) for item in row["items"]] for row in (a, b)]
    mean, low, high = paired_bootstrap(pairs[0], pairs[1], seed)
    return {"n": len(pairs[0]), "difference": mean, "low": low, "high": high}
