"""The price of fine-tuning: every task and the pre-training text, before and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from tinylm.evaluation.tasks import Task, tasks_for
from tinylm.experiments.fewshot import Cell as Scored
from tinylm.experiments.fewshot import score_question, value
from tinylm.experiments.question import Question
from tinylm.runs.store.rows import RunRow
from ui.asking import service
from ui.charts.base import Row
from ui.choosing import SEED, Models
from ui.frame import numbers_behind
from ui.measuring import watch

SHOTS = (0, 4)
LIMIT = 100  # items a task, the same ones for every model: a look at all tasks takes a minute
LOSS = "loss"
TEXT = "Pre-training text"
UNITS = {"loss": "nats per token", "bits_per_byte": "bits per byte"}


class Cell(NamedTuple):
    """One measurement: a model, and a task at k examples; the task "loss" is the old text."""

    model: str
    task: str
    shots: int = 0


Rows = Mapping[Cell, Row]


def what_it_cost(base: RunRow, task: Task, tuned: Mapping[str, RunRow]) -> None:
    """Base and fine-tuned models on all tasks and the old text; `tuned` has a run a method."""
    models: Models = {}
    for name, run in {"base": base, **tuned}.items():
        saved = service().checkpoints(run.id)
        if saved:
            models[name] = (run.id, saved[-1])
    if "base" not in models or len(models) < 2:
        return
    tasks = tasks_for(base.corpus)
    st.subheader("What it cost", anchor=False)
    st.markdown(
        "The model learned one task. Does it still do the others, and does it still know the "
        "text it was pre-trained on? That it does not is called **forgetting**."
    )
    key = "cost-" + "-".join(run for run, _ in models.values())

    def draw(rows: Rows) -> None:
        said = in_words(rows, list(models), task)
        if said:
            with st.container(border=True):
                st.markdown(said)
        st.table(table(rows, list(models), tasks), hide_index=True, border="horizontal")
        st.markdown(
            f"At most {LIMIT} held-out items a task, the same for all; in brackets the change "
            "against the base. **Bold**: the 95 % intervals before and after do not meet."
        )
        numbers_behind(numbers(rows), f"{key}-numbers")

    watch(questions(models, tasks), draw, key=key, label="Measure all tasks, before and after")


def questions(models: Models, tasks: Sequence[Task]) -> dict[Cell, Question]:
    """What has to be measured: the loss first, then task by task, so that rows fill up."""
    asked: dict[Cell, Question] = {
        Cell(name, LOSS): ("loss", {"run": run, "step": step})
        for name, (run, step) in models.items()
    }
    for task in tasks:
        for shots in SHOTS:
            if shots > task.max_fewshot:
                continue
            for name, model in models.items():
                scored = Scored(name, shots)
                asked[Cell(name, task.name, shots)] = score_question(
                    model, task, scored, limit=LIMIT, seed=SEED
                )
    return asked


def table(rows: Rows, models: Sequence[str], tasks: Sequence[Task]) -> list[dict[str, str]]:
    """A row for each unit of the old text's loss, then for each task and k; a column a model."""
    lines = [
        {"": TEXT, "measured by": unit} | {name: _loss_text(rows, name, field) for name in models}
        for field, unit in UNITS.items()
    ]
    for task in tasks:
        for shots in SHOTS:
            if shots <= task.max_fewshot:
                metric = "BLEU" if task.metrics[0] == "bleu" else "right"
                lines.append(
                    {"": task.title, "measured by": f"{metric}, k\u00a0=\u00a0{shots}"}
                    | {name: _score_text(rows, Cell(name, task.name, shots)) for name in models}
                )
    return lines


def _loss_text(rows: Rows, model: str, field: str) -> str:
    before, now = rows.get(Cell("base", LOSS)), rows.get(Cell(model, LOSS))
    if now is None:
        return "…"
    if model == "base" or before is None:
        return f"{now[field]:.3f}"
    return f"{now[field]:.3f} ({now[field] - before[field]:+.3f})"


def _score_text(rows: Rows, cell: Cell) -> str:
    """`38% (-4)`, in bold where the intervals before and after do not meet."""
    now, before = rows.get(cell), rows.get(cell._replace(model="base"))
    if now is None:
        return "…"
    unit = "" if now.get("metric") == "bleu" else "%"
    share, low, high = value(now)
    text = f"{share * 100:.0f}{unit}"
    if cell.model == "base" or before is None:
        return text
    old, old_low, old_high = value(before)
    change = round(share * 100) - round(old * 100)
    text += f" ({change:+d})" if change else ""
    return f"**{text}**" if low > old_high or high < old_low else text


def in_words(rows: Rows, models: Sequence[str], task: Task) -> str:
    """What fine-tuning did to the loss on the old text, and what LoRA or replay saved of it."""
    losses = {name: rows[Cell(name, LOSS)]["loss"] for name in models if Cell(name, LOSS) in rows}
    if len(losses) < 2 or "base" not in losses:
        return ""
    before = losses.pop("base")
    if "full" not in losses:
        name, after = next(iter(losses.items()))
        return (
            f"{name}: the loss on the pre-training text went from {before:.2f} to {after:.2f}. "
            "Fine-tune with all weights and the same labels to see what that would have cost."
        )
    full = losses.pop("full")
    said = f"Full fine-tuning: the loss on the pre-training text went from {before:.2f} to "
    said += f"{full:.2f}."
    if full <= before:
        return f"{said} Nothing was forgotten here."
    if not losses:
        return f"{said} Fine-tune once more, with LoRA or with replay, to see what they save."
    return " ".join([said, *(_saved(rows, name, task, before, full) for name in losses)])


def _saved(rows: Rows, name: str, task: Task, before: float, full: float) -> str:
    """One method against full: how much of the rise it avoids, and what it does on the task."""
    after = rows[Cell(name, LOSS)]["loss"]
    share = (full - after) / (full - before)
    verdict = f"{share:.0%} of that rise saved" if share > 0 else "no less forgotten"
    said = f"**{name}**: to {after:.2f}, {verdict}"
    mine, others = (rows.get(Cell(one, task.name)) for one in (name, "full"))
    if mine is None or others is None:
        return f"{said}."
    return f"{said}; on the task itself {_plain(mine)} against {_plain(others)}."


def _plain(row: Row) -> str:
    share = value(row)[0] * 100
    return f"BLEU {share:.0f}" if row.get("metric") == "bleu" else f"{share:.0f}%"


def numbers(rows: Rows) -> list[dict[str, Any]]:
    """Every measurement with its n and its 95 % interval; losses with their tokens."""
    found: list[dict[str, Any]] = []
    for cell, row in sorted(rows.items()):
        line: dict[str, Any] = cell._asdict()
        if cell.task == LOSS:
            fields = ("loss", "perplexity", "bits_per_byte")
            line |= {"n": row["tokens"]} | {field: row[field] for field in fields}
        else:
            share, low, high = value(row)
            line |= {"n": row["n"], "metric": row["metric"]}
            line |= {"value": share, "low": low, "high": high}
        found.append(line)
    return found
