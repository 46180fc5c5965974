"""The few-shot experiment: every model at every k, with controls, shown as results come in."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.prompts import keys
from tinylm.evaluation.metrics import METRICS
from tinylm.evaluation.prompts import controls_of
from tinylm.evaluation.tasks.base import Task
from tinylm.experiments import fewshot
from tinylm.experiments.fewshot import Cell, Compared
from tinylm.questions.models import Estimate, Measurement
from ui.asking import look_up, measure
from ui.charts import accuracy
from ui.choosing import SEED, Models
from ui.frame import numbers_behind
from ui.plot import live_plot
from ui.predict import predict, reveal
from ui.widgets import segments

Results = Mapping[Cell, Measurement]
Lines = dict[str, dict[int, Measurement]]  # the lines of a chart, by name and then by k

NAMES = {"shuffled": accuracy.SHUFFLED, "other": accuracy.OTHER}
WORDS = {
    "shuffled": "after the same examples with shuffled answers",
    "other": "after examples of another task",
}
WHOSE = {"": "true", "shuffled": "with shuffled answers", "other": "of another task"}
GUESSES = ("fall", "stay about the same", "rise")
SAMPLE = 200  # items for a quick look at a large task
SMALL = 50  # with fewer items, the page says that the intervals are wide


def choose_items(task: Task, group: str) -> int:
    """How many held-out items are asked, 0 for all; the learner chooses only if there are many."""
    total = sum(group in ("", item.group) for item in task.test)
    if total <= 1.5 * SAMPLE:
        return 0
    every = f"all {total}"
    quicker = f"{SAMPLE}, quicker"
    picked = segments(
        "Held-out items",
        [quicker, every],
        quicker,
        key=f"{keys.NUM_ITEMS}-{task.name}",
        note="The quicker choice takes items of every relation, evenly; its intervals are wider.",
    )
    return 0 if picked == every else SAMPLE


def show_experiment(models: Models, task: Task, group: str, limit: int) -> bool:
    """Predict, run, reveal: all models at all k, and the base with the controls.

    Returns whether what was measured may be shown.
    """
    opened = True
    setting = f"{models.get('base')}, {task.name}, {group or 'all'}, {limit or 'all'} items"
    if task.max_fewshot:
        opened = predict(
            keys.PREDICTED_SHOTS,
            f"With {fewshot.most_shots(task)} examples in the prompt instead of none, the base "
            "model's score will …",
            GUESSES,
            setting,
            ordered=True,
        )
    questions = fewshot.questions(models, task, group=group, limit=limit, seed=SEED)
    fresh = new_models(models, task, look_up(questions).answers)
    st.markdown(_what_is_asked(models, task, len(questions)) if not fresh else _what_is_new(fresh))
    measure(
        questions,
        lambda results: _results(task, results, setting),
        key=f"fewshot-{sorted(models.items())}-{task.name}-{group}-{limit}",
        label="Run the experiment",
        hidden=not opened,
        go_on=f"Measure {' and '.join(fresh)} too" if fresh else "Go on",
    )
    return opened


def new_models(models: Models, task: Task, known: Mapping[Cell, object]) -> list[str]:
    """The models of which nothing is measured, where all is measured of the others; else none."""
    fresh = [name for name in models if not any(cell.model == name for cell in known)]
    old = {name: models[name] for name in models if name not in fresh}
    return fresh if known and set(known) >= set(fewshot.questions(old, task)) else []


def _what_is_new(fresh: list[str]) -> str:
    return (
        "The measurements from before are kept, and drawn below. New since then: "
        f"**{' and '.join(fresh)}**."
    )


def _what_is_asked(models: Models, task: Task, number: int) -> str:
    if not task.max_fewshot:
        return f"{number} measurements: {', '.join(models)}. The task is asked without examples."
    shots = ", ".join(str(k) for k in fewshot.SHOTS if k <= task.max_fewshot)
    return (
        f"These are {number} measurements. Asked are {' and '.join(models)}, each with {shots} "
        "examples and the same prompts. As a control, the base gets **spoiled** examples as well: "
        "once with shuffled answers"
        + (", and once from another task." if "other" in controls_of(task) else ".")
    )


def _results(task: Task, results: Results, setting: str) -> None:
    some = next(iter(results.values()))
    if some.n < SMALL:
        st.info(f"Only {some.n} items: the intervals are wide.", icon="ℹ️")
    if task.max_fewshot:
        _lines(task, lines_of(results), some)
        _explain(task, results, setting)
        if said := knows(results):
            st.markdown(said)
    else:
        _bars({cell.model: row for cell, row in results.items()}, some.chance)
    _differences(results)
    numbers_behind(table(results), "fewshot-table")


def table(results: Results) -> list[dict[str, object]]:
    """The results as rows, one for each cell, with n, the 95 % interval and the task's metrics.

    Chance and the other numbers that need a list of allowed answers are left out where any text
    may be an answer.
    """
    rows = []
    for cell in sorted(results):
        found = results[cell]
        row: dict[str, object] = {"model": cell.model, "examples": cell.num_fewshot}
        row |= {"examples read, mean": found.examples.mean, "examples are": WHOSE[cell.control]}
        row |= {"questions": found.n, "right": found.correct}
        row |= {"accuracy": found.accuracy, "from": found.low, "to": found.high}
        if not found.free:
            row |= {"right if it picks from the list": found.ranked.accuracy if found.ranked else 0}
            row |= {"picking at random": found.chance, "commonest answer": found.majority}
        for name, figure in found.metrics.items():
            if name == "accuracy":
                continue
            title = METRICS[name].title
            row[title] = figure.value
            if figure.low is not None:
                row |= {f"{title}, from": figure.low, f"{title}, to": figure.high}
        rows.append(row)
    return rows


def knows(results: Results) -> str:
    """Markdown: what the base knows without being able to say it; "" where that is not shown.

    Its accuracy, where it writes the answer, is compared with that of choosing from the list. This
    must be better than what needs no knowledge: chance, or always the commonest answer.
    """
    zero, most = Cell("base", 0), Cell("base", _most_shots(results))
    if zero not in results or most == zero or most not in results:
        return ""
    none, many = results[zero], results[most]
    if none.free or none.ranked is None or many.ranked is None:
        return ""
    if none.ranked.low <= max(none.high, none.chance, none.majority):
        return ""
    wrote, picked = f"{many.accuracy:.0%}", f"{none.ranked.accuracy:.0%}"
    if wrote == picked:
        wrote = f"the same share, {wrote},"
    return (
        "**It knows, and does not know what is asked.** Without an example, "
        f"{none.accuracy:.0%} of what the base *writes* is right. Now let it only *pick*: of the "
        "answers on the list, take the one with the best odds. Then "
        f"**{picked}** are right, where picking at random gives "
        f"{none.chance:.0%}, and always the commonest answer {none.majority:.0%}. The list says "
        f"which kind of answer is wanted, and the examples say it too: with "
        f"{many.examples.in_words()} of them, and no list, it *writes* {wrote} right."
    )


def lines_of(results: Results) -> Lines:
    """The results as lines of a chart; the controls come last, under names of their own."""
    lines: Lines = {}
    for cell, row in results.items():
        lines.setdefault(NAMES.get(cell.control, cell.model), {})[cell.num_fewshot] = row
    return {
        name: lines[name]
        for name in sorted(lines, key=lambda name: name in NAMES.values())  # False sorts first
    }


def _lines(task: Task, lines: Lines, some: Measurement) -> None:
    """Draw the leading metric against k, and below it macro-F1 if the task has it."""
    free = some.free  # there is no chance or majority
    said = accuracy.describe_lines(lines, "k = {}")
    if not free:
        said += f"; chance: {some.chance:.0%}; the commonest answer: {some.majority:.0%}"
    st.markdown(
        f"**{METRICS[some.metric].title} against the number of examples** "
        f"(n = {some.n} held-out items, 95 % intervals)"
    )
    guesses = (None, None) if free else (some.chance, some.majority)
    live_plot(
        accuracy.accuracy_by_shots(lines, *guesses),
        key="fewshot",
        label=f"{said}.",
        height=420,
    )
    st.markdown(accuracy.left_out(row for by_k in lines.values() for row in by_k.values()))
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
        + accuracy.describe_lines(lines, "k = {}", lambda row: f"{accuracy.macro_f1(row):.2f}"),
        height=380,
    )


def _bars(scores: Mapping[str, Measurement], chance: float) -> None:
    live_plot(
        accuracy.accuracy_bars(scores, chance),
        key="fewshot-bars",
        label=accuracy.describe_scores(scores, chance),
    )


def _explain(task: Task, results: Results, setting: str) -> None:
    """Judge the prediction by the base's scores, once those that it is about exist."""
    zero, most = Cell("base", 0), Cell("base", fewshot.most_shots(task))
    if zero not in results or most not in results:
        return
    reveal(
        keys.PREDICTED_SHOTS,
        f"Measured: {accuracy.in_words(results[zero])} without examples, "
        f"{accuracy.in_words(results[most])} with {results[most].examples.in_words()}.",
        f"The weights are the same in both. {about_examples(results, most.num_fewshot)}",
        setting,
        right=change(results[zero].leading, results[most].leading),
    )


def change(before: Estimate, after: Estimate) -> str:
    """Which of GUESSES is right; where the intervals meet, it stays about the same."""
    fall, same, rise = GUESSES
    return same if _meet(before, after) else rise if after.value > before.value else fall


def about_examples(results: Results, k: int) -> str:
    """What can be concluded from the base with `k` examples, with none, and with spoiled ones."""
    zero, plain = (results[Cell("base", number)].leading for number in (0, k))
    found = {c: results[Cell("base", k, c)] for c in WORDS if Cell("base", k, c) in results}
    harmless = [c for c, row in found.items() if _meet(plain, row.leading)]
    spoiled = " and ".join(f"{accuracy.in_words(row)} {WORDS[c]}" for c, row in found.items())
    said = [f"With as many spoiled examples, it is {spoiled}."] if found else []
    if _meet(zero, plain):
        said.append("The intervals meet: that examples change anything here is not shown.")
    elif plain.value < zero.value:
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


def _meet(one: Estimate, other: Estimate) -> bool:
    return one.low <= other.high and other.low <= one.high


def _most_shots(results: Results) -> int:
    plain = (cell.num_fewshot for cell in results if cell.model == "base" and not cell.control)
    return max(plain, default=0)


def _differences(results: Results) -> None:
    """Show paired differences on the same items; the bootstrap runs only while this is open."""
    opened = st.expander(
        "How sure are the differences?", on_change="rerun", key="fewshot-differences"
    )
    if not opened.open:
        return
    with opened:
        st.markdown(
            "Both sides answered the same items, so the items are drawn anew in pairs (paired "
            "bootstrap): an interval that leaves out 0 is a difference. Counted are right answers"
            + _letter_by_letter(results)
        )
        found = compare_ends(ends_of(results))
        if not found:
            st.markdown("There is nothing to compare yet.")
            return
        st.markdown("\n".join(f"- {in_words(one)}: *{verdict(one)}*" for one in found))


def _letter_by_letter(results: Results) -> str:
    """The end of a sentence on right answers, where the chart shows something else."""
    titles = {METRICS[row.metric].title for row in results.values()} - {METRICS["accuracy"].title}
    return f", letter by letter, where the chart shows {' and '.join(titles)}." if titles else "."


def ends_of(results: Results) -> dict[Cell, Measurement]:
    """The cells that are compared: those with no examples, and those with the most examples."""
    wanted = (0, _most_shots(results))
    return {cell: results[cell] for cell in sorted(results) if cell.num_fewshot in wanted}


@st.cache_data(
    show_spinner="Drawing the items anew …",
    max_entries=100,
    # The comparison uses nothing else.
    hash_funcs={Measurement: lambda row: (bytes(row.right), row.examples.in_words())},
)
def compare_ends(ends: dict[Cell, Measurement]) -> list[Compared]:
    """The differences between these cells; cached, because the bootstrap takes a moment."""
    return fewshot.differences(ends)


def in_words(found: Compared) -> str:
    """A difference as text, e.g. `base: k = 8 against k = 0: **+0.72** [0.68, 0.76], n = 594`."""
    return (
        f"{found.comparison}: **{found.difference:+.2f}** "
        f"[{found.low:.2f}, {found.high:.2f}], n = {found.n}"
    )


def verdict(found: Compared) -> str:
    """What the interval of a difference says, in a few words."""
    if found.low == found.high == 0:
        return "alike on every item"
    if found.low > 0:
        return "more"
    return "less" if found.high < 0 else "may be chance"
