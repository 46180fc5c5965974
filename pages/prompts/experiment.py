"""The few-shot experiment on a page: every model at every k, with its controls, as it comes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tinylm.evaluation.tasks.task import Task
from tinylm.experiments import fewshot
from tinylm.experiments.fewshot import Cell
from ui import state
from ui.charts import accuracy
from ui.charts.base import Row
from ui.choosing import SEED, Models
from ui.frame import numbers_behind
from ui.measuring import watch
from ui.plot import live_plot
from ui.predict import predict, reveal

Results = Mapping[Cell, Row]
Bits = tuple[tuple[str, int, str, str], ...]  # model, k, control, "1" or "0" for each item

NAMES = {"shuffled": accuracy.SHUFFLED, "other": accuracy.OTHER}
WORDS = {
    "shuffled": "after the same examples with shuffled answers",
    "other": "after examples of another task",
}
SAMPLE = 200  # items of a quick look at a large task
SMALL = 50  # items under which an accuracy says so


def choose_items(task: Task, group: str) -> int:
    """How many held-out items are asked: 0 for all. Only a large task leaves the choice."""
    total = sum(group in ("", item.group) for item in task.test)
    if total <= 1.5 * SAMPLE:
        return 0
    every = f"all {total}"
    picked = st.segmented_control(
        "Held-out items",
        [f"{SAMPLE}, quicker", every],
        default=f"{SAMPLE}, quicker",
        required=True,
        key=f"{state.NUM_ITEMS}-{task.name}",
        persist_state="session",
        help="The quicker choice takes items of every relation, evenly; its intervals are wider.",
    )
    return 0 if picked == every else SAMPLE


def show_experiment(models: Models, task: Task, group: str, limit: int) -> None:
    """Predict, run, reveal: all k, all models, and the controls on the base."""
    guess = ""
    if task.max_fewshot:
        guess = predict(
            state.PREDICTED_SHOTS,
            "With examples in the prompt, the base model's score will …",
            ("fall", "stay about the same", "rise"),
        )
    questions = fewshot.questions(models, task, group=group, limit=limit, seed=SEED)
    st.markdown(_what_is_asked(models, task, len(questions)))
    watch(
        questions,
        lambda rows: _results(task, rows),
        key=f"fewshot-{sorted(models.items())}-{task.name}-{group}-{limit}",
        label="Run the experiment",
        on_start=lambda: state.keep_answer(state.PROMPTED, True),
        hidden=bool(task.max_fewshot) and not guess,
    )


def _what_is_asked(models: Models, task: Task, number: int) -> str:
    if not task.max_fewshot:
        return f"{number} measurements: {', '.join(models)}. The task is asked without examples."
    shots = ", ".join(map(str, fewshot.SHOTS))
    return (
        f"{number} measurements: {', '.join(models)}, each with k = {shots} examples, all with "
        "the same prompts; and twice the base with spoiled examples: their answers **shuffled**, "
        "or examples of **another task**."
    )


def _results(task: Task, results: Results) -> None:
    any_row = next(iter(results.values()))
    if any_row["n"] < SMALL:
        st.info(f"Only {any_row['n']} items: the intervals are wide.", icon="ℹ️")
    if task.max_fewshot:
        _lines(task, lines_of(results), any_row)
        _explain(results)
    else:
        _bars({cell.model: row for cell, row in results.items()}, any_row["chance"])
    _differences(results)
    numbers_behind(table(results), "fewshot-table")


def table(results: Results) -> list[dict[str, Any]]:
    """The numbers behind; without what says nothing where any text is allowed as an answer."""
    empty = ("ranked_accuracy", "chance", "majority") if _bleu(results) else ()
    return [
        {name: cell for name, cell in row.items() if name not in empty}
        for row in fewshot.table(results)
    ]


def lines_of(results: Results) -> dict[str, dict[int, Row]]:
    """The results as lines of a chart: name -> k -> row, controls under names of their own."""
    lines: dict[str, dict[int, Row]] = {}
    for cell, row in results.items():
        lines.setdefault(NAMES.get(cell.control, cell.model), {})[cell.num_fewshot] = row
    return {
        name: lines[name]
        for name in sorted(lines, key=lambda name: name in NAMES.values())  # controls last
    }


def _lines(task: Task, lines: dict[str, dict[int, Row]], any_row: Row) -> None:
    """The leading figure against k, and macro-F1 beside it where the task has it."""
    free = any_row["metric"] == "bleu"  # no answer is allowed or common: nothing to guess
    chance, majority = (None if free else any_row[name] for name in ("chance", "majority"))
    said = accuracy.describe_lines(lines, "k = {}")
    if not free:
        said += f"; chance: {chance:.0%}; the commonest answer: {majority:.0%}"
    st.markdown(
        f"**{'BLEU' if free else 'Accuracy'} against the number of examples** "
        f"(n = {any_row['n']} held-out items, 95 % intervals)"
    )
    live_plot(
        accuracy.accuracy_by_shots(lines, chance, majority),
        key="fewshot",
        label=f"{said}.",
        height=420,
    )
    if "macro_f1" not in task.metrics:
        return
    st.markdown(
        "**Macro-F1: every class counts the same**, so that always giving the commonest answer "
        "does not pay."
    )
    live_plot(
        accuracy.macro_f1_by_shots(lines),
        key="fewshot-f1",
        label="Macro-F1. "
        + "; ".join(
            f"{name}: "
            + ", ".join(f"{r['metrics']['macro_f1']:.2f} at k = {k}" for k, r in sorted(by_k))
            for name, by_k in ((name, rows.items()) for name, rows in lines.items())
        ),
        height=380,
    )


def _bars(scores: Mapping[str, Row], chance: float) -> None:
    live_plot(
        accuracy.accuracy_bars(scores, chance),
        key="fewshot-bars",
        label=accuracy.describe_scores(scores, chance),
    )


def _explain(results: Results) -> None:
    """The prediction beside the measurement, once there is one without and one with examples."""
    zero, most = Cell("base", 0), Cell("base", _most_shots(results))
    if zero not in results or most == zero or most not in results:
        return
    k = most.num_fewshot
    reveal(
        state.PREDICTED_SHOTS,
        f"Measured: {accuracy.in_words(results[zero])} without examples, "
        f"{accuracy.in_words(results[most])} with {k}.",
        f"The weights are the same in both. {about_examples(results, k)}",
    )


def about_examples(results: Results, k: int) -> str:
    """What follows from the base with `k` examples, without, and with spoiled ones."""
    zero, plain = (fewshot.value(results[Cell("base", number)]) for number in (0, k))
    found = {c: results[Cell("base", k, c)] for c in WORDS if Cell("base", k, c) in results}
    harmless = [c for c, row in found.items() if _meet(plain, fewshot.value(row))]
    spoiled = " and ".join(f"{accuracy.in_words(row)} {WORDS[c]}" for c, row in found.items())
    said = [f"With as many spoiled examples, it is {spoiled}."] if found else []
    if _meet(zero, plain):
        said.append("The intervals meet: that examples change anything here is not shown.")
    elif plain < zero:
        said.append("The examples mislead this model.")
    elif harmless:
        said.append(
            "Some of these intervals meet that of the true examples: then the examples tell the "
            "form, and which answers there are, more than which answer belongs to which question."
        )
    else:
        said.append(
            "The question alone does not say enough of what is asked; the examples locate the "
            "task. The knowledge must come from pre-training: no example is about this question."
        )
    return " ".join(said)


def _meet(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return one[1] <= other[2] and other[1] <= one[2]


def _most_shots(results: Results) -> int:
    plain = (cell.num_fewshot for cell in results if cell.model == "base" and not cell.control)
    return max(plain, default=0)


def _differences(results: Results) -> None:
    """Paired differences on the same items; drawn anew 2,000 times only while it is open."""
    opened = st.expander(
        "How sure are the differences?", on_change="rerun", key="fewshot-differences"
    )
    if not opened.open:
        return
    with opened:
        st.markdown(
            "Both sides answered the same items, so the items are drawn anew in pairs (paired "
            "bootstrap): an interval that leaves out 0 is a difference. Counted are right answers"
            + (", letter by letter, where the chart shows BLEU." if _bleu(results) else ".")
        )
        rows = _compared(bits_of(results))
        if not rows:
            st.markdown("There is nothing to compare yet.")
            return
        st.markdown("\n".join(f"- {in_words(row)}: *{verdict(row)}*" for row in rows))


def _bleu(results: Results) -> bool:
    return any(row["metric"] == "bleu" for row in results.values())


def bits_of(results: Results) -> Bits:
    """Right or wrong of every item, of the cells that are compared: k = 0 and the largest k."""
    wanted = (0, _most_shots(results))
    return tuple(
        (*cell, "".join("01"[item["correct"]] for item in row["items"]))
        for cell, row in sorted(results.items(), key=lambda pair: pair[0])
        if cell.num_fewshot in wanted and row["items"]
    )


@st.cache_data(show_spinner="Drawing the items anew …", max_entries=100)
def _compared(bits: Bits) -> list[dict[str, Any]]:
    return fewshot.differences(
        {
            Cell(model, k, control): {"items": [{"correct": bit == "1"} for bit in outcomes]}
            for model, k, control, outcomes in bits
        }
    )


def in_words(row: Mapping[str, Any]) -> str:
    """`base: k = 8 against k = 0: **+0.72** [0.68, 0.76], n = 594`."""
    return (
        f"{row['comparison']}: **{row['difference']:+.2f}** "
        f"[{row['low']:.2f}, {row['high']:.2f}], n = {row['n']}"
    )


def verdict(row: Mapping[str, Any]) -> str:
    """What an interval says about a difference."""
    if row["low"] == row["high"] == 0:
        return "alike on every item"
    if row["low"] > 0:
        return "more"
    return "less" if row["high"] < 0 else "may be chance"
