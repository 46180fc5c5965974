"""The price of fine-tuning: scores on all tasks and the pre-training text, before and after."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from tinylm.evaluation.metrics import METRICS
from tinylm.evaluation.tasks import Task, is_own
from tinylm.questions import Answer, Question
from tinylm.questions.models import CorpusLoss, Loss, Measurement, Score
from tinylm.runs.store.rows import RunRow
from ui.asking import look_up, measure
from ui.charts import accuracy
from ui.choosing import SEED, Models, best_checkpoints, score_question, tasks_of
from ui.frame import literal, numbers_behind
from ui.tables import small_table

SHOTS = (0, 4)
LIMIT = 100  # items of each other task, the same for every model; this takes about a minute
SAME = 0.05  # share of the rise of the loss below which a difference is not worth a word
LOSS = "loss"
TEXT = "Pre-training text"
OTHER_WAYS = (
    "Open the method above and fine-tune once more, to see what another way saves. With *LoRA* the "
    "weights stay as they are, and small matrices beside them learn. With *replay* the model reads "
    "some of its pre-training text again in between."
)
UNITS: dict[str, Callable[[CorpusLoss], float]] = {
    "nats per token": lambda found: found.loss,
    "bits per byte": lambda found: found.bits_per_byte,
}


class Cell(NamedTuple):
    """What is measured: a model on a task with `shots` examples.

    The task LOSS stands for the loss on the pre-training text.
    """

    model: str
    task: str
    shots: int = 0


Results = Mapping[Cell, Answer]  # a CorpusLoss for the task LOSS, else a Measurement


def loss_of(results: Results, model: str) -> CorpusLoss | None:
    """The model's loss on the pre-training text; None while it is not measured."""
    found = results.get(Cell(model, LOSS))
    return found if isinstance(found, CorpusLoss) else None


def score_of(results: Results, cell: Cell) -> Measurement | None:
    """The model's score on a task; None while it is not measured."""
    found = results.get(cell)
    return found if isinstance(found, Measurement) else None


def what_it_cost(base: RunRow, task: Task, tuned: Mapping[str, RunRow]) -> None:
    """Compare the base with fine-tuned models on all tasks and the pre-training text.

    `tuned` holds one run for each method, by the name of the method.
    """
    models = best_checkpoints({name: run.id for name, run in {"base": base, **tuned}.items()})
    if "base" not in models or len(models) < 2:
        return
    tasks = [one for one in tasks_of(base.corpus) if not is_own(one.name) or one == task]
    st.subheader("What it cost", anchor=False)
    st.markdown(
        "The model learned one task. Does it still do the others, and does it still know the "
        "text it was pre-trained on? That it does not is called **forgetting**."
    )
    key = "cost-" + "-".join(run for run, _ in models.values())

    def draw(results: Results) -> None:
        said = in_words(results, list(models), task)
        if said:
            with st.container(border=True):
                st.markdown(f"{said} {lost_most(results, list(models), tasks)}")
        small_table(table(results, list(models), [task]), "cost")
        st.markdown(
            f"The loss is given in *nats*, a unit of surprise: one nat is {1 / math.log(2):.2f} "
            "bits. In brackets stands the change against the base. **Bold**: the 95 % intervals "
            "before and after do not meet. n is the number of held-out items, and k the number of "
            f"examples in the prompt.{left_out(results)}"
        )
        others = [one for one in tasks if one.name != task.name]
        if others:
            with st.expander(f"The {len(others)} other tasks, before and after"):
                small_table(table(results, list(models), others, text=False), "cost-others")
                st.markdown(
                    f"Of each of these tasks at most {LIMIT} items are asked (n).\n\n"
                    + "\n".join(
                        f"- **{literal(one.title)}**: {literal(one.description)}" for one in others
                    )
                )
        numbers_behind(numbers(results), f"{key}-numbers")

    asked = questions(models, tasks, task)
    # The scores on the task itself and the losses belong to other parts of the page as well.
    shared = [Cell(name, what) for name in models for what in (task.name, LOSS)]
    begun = [one for one in look_up(asked).answers if one not in shared]
    measure(
        asked,
        draw,
        key=key,
        label="Measure all tasks, before and after",
        go_on=go_on(models, begun),
        hidden=not begun,
    )


def go_on(models: Iterable[str], begun: Collection[Cell]) -> str:
    """The label of the button where some answers are known.

    A model that was fine-tuned since then is named: nothing was broken off.
    """
    new = [name for name in models if not any(one.model == name for one in begun)]
    return f"Measure {' and '.join(new)} as well" if begun and new else "Go on"


def questions(models: Models, tasks: Sequence[Task], tuned: Task) -> dict[Cell, Question[Answer]]:
    """What has to be measured: the loss first, then task by task, so rows fill from the top.

    The task that was `tuned` is measured without examples on all its items, as above the table.
    """
    asked: dict[Cell, Question[Answer]] = {
        Cell(name, LOSS): Loss(*model) for name, model in models.items()
    }
    for task in tasks:
        for shots in SHOTS:
            if shots > task.max_fewshot:
                continue
            for name, model in models.items():
                asked[Cell(name, task.name, shots)] = (
                    score_question(model, task, "", shots)
                    if task.name == tuned.name and not shots
                    else Score(*model, task.name, shots, limit=LIMIT, seed=SEED)
                )
    return asked


def left_out(results: Results) -> str:
    """What `4 asked, 3.7 read` means; "" if all examples were read."""
    short = [
        found.examples
        for found in results.values()
        if isinstance(found, Measurement) and found.examples.short
    ]
    if not short:
        return ""
    first = short[0]
    return (
        f" Where it says “{first.in_words()}”, not all {first.asked} examples fitted before the "
        f"question: the model read {first.mean:.1f} of them on average."
    )


def table(
    results: Results, models: Sequence[str], tasks: Sequence[Task], *, text: bool = True
) -> list[dict[str, str]]:
    """The results with a column for each model.

    First a row for each unit of the loss on the pre-training `text`, then one for each task and k.
    """
    lines = [
        {"": TEXT, "measured by": unit} | {name: _loss_text(results, name, read) for name in models}
        for unit, read in UNITS.items()
        if text
    ]
    for task in tasks:
        for shots in SHOTS:
            if shots <= task.max_fewshot:
                lines.append(
                    {"": literal(task.title), "measured by": _measured_by(results, task, shots)}
                    | {name: _score_text(results, Cell(name, task.name, shots)) for name in models}
                )
    return lines


def _measured_by(results: Results, task: Task, shots: int) -> str:
    """The metric, the number of examples (of those read if they are fewer), and of items.

    All models have the tokenizer and the context of the base, so they read the same number.
    """
    base = score_of(results, Cell("base", task.name, shots))
    k = base.examples.in_words() if base else f"{shots}"
    n = f", n\u00a0=\u00a0{base.n}" if base else ""
    return f"{METRICS[task.metrics[0]].title}, k\u00a0=\u00a0{k}{n}"


def _loss_text(results: Results, model: str, read: Callable[[CorpusLoss], float]) -> str:
    """A loss as text, e.g. `1.234 (+0.012)`, with its change against the base in brackets."""
    before, now = loss_of(results, "base"), loss_of(results, model)
    if now is None:
        return "…"
    if model == "base" or before is None:
        return f"{read(now):.3f}"
    return f"{read(now):.3f} ({read(now) - read(before):+.3f})"


def _score_text(results: Results, cell: Cell) -> str:
    """A score as text, e.g. `38% (-4)`; bold if the intervals before and after do not overlap."""
    now, before = score_of(results, cell), score_of(results, cell._replace(model="base"))
    if now is None:
        return "…"
    new = now.leading
    text = METRICS[now.metric].number(new.value)
    if cell.model == "base" or before is None:
        return text
    old = before.leading
    change = round(new.value * 100) - round(old.value * 100)
    text += f" ({change:+d})" if change else ""
    return f"**{text}**" if new.low > old.high or new.high < old.low else text


def in_words(results: Results, models: Sequence[str], task: Task) -> str:
    """What fine-tuning did to the loss on the pre-training text, and what LoRA or replay saved."""
    losses = {name: found.loss for name in models if (found := loss_of(results, name))}
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
        return f"{said} {OTHER_WAYS}"
    rise = full - before
    for name, after in losses.items():
        said += f" {_saved(results, name, task, after, (full - after) / rise)}"
    return said


def lost_most(results: Results, models: Sequence[str], tasks: Sequence[Task]) -> str:
    """Markdown: the task that got worse by most, where the intervals tell that it did."""
    losses: dict[tuple[str, Task, int], float] = {}
    for task in tasks:
        for shots in SHOTS:
            before = score_of(results, Cell("base", task.name, shots))
            for name in models:
                now = score_of(results, Cell(name, task.name, shots))
                if before and now and now.leading.high < before.leading.low:
                    losses[name, task, shots] = before.leading.value - now.leading.value
    if not losses:
        return ""
    name, task, shots = max(losses, key=losses.__getitem__)
    cells = (Cell(one, task.name, shots) for one in ("base", name))
    before, now = (score_of(results, cell) for cell in cells)
    if before is None or now is None:
        return ""
    shown = [METRICS[one.metric].number(one.leading.value) for one in (before, now)]
    return (
        f"**What was lost most**, with {name}: {literal(task.title.lower())}, from {shown[0]} to "
        f"{shown[1]} (k\u00a0=\u00a0{shots}, n\u00a0=\u00a0{now.n})."
    )


def _saved(results: Results, name: str, task: Task, after: float, share: float) -> str:
    """One method against full fine-tuning: the share of the rise it avoids, and its task score."""
    said = f"With **{name}** it went to {after:.2f}: "
    if share > SAME:
        said += f"{share:.0%} of that rise is saved."
    elif share < -SAME:
        said += f"that is {-share:.0%} **more** forgotten than with all weights."
    else:
        said += "that is about as much."
    mine, others = (score_of(results, Cell(one, task.name)) for one in (name, "full"))
    if mine is None or others is None:
        return said
    return said + (
        f" On the task itself (n = {mine.n:,}) it answers {accuracy.in_words(mine)} right, full "
        f"fine-tuning {accuracy.in_words(others)}."
    )


def numbers(results: Results) -> list[dict[str, object]]:
    """All measurements as rows: scores with n and a 95 % interval, losses with n in tokens."""
    lines: list[dict[str, object]] = []
    for cell in sorted(results):
        line: dict[str, object] = cell._asdict()
        match results[cell]:
            case CorpusLoss() as found:
                line |= {"n": found.tokens, "loss": found.loss, "perplexity": found.perplexity}
                line |= {"bits_per_byte": found.bits_per_byte}
            case Measurement() as found:
                share = found.leading
                line |= {"examples_read": found.examples.mean}
                line |= {"n": found.n, "metric": found.metric}
                line |= {"value": share.value, "low": share.low, "high": share.high}
        lines.append(line)
    return lines
