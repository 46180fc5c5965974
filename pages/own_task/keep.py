"""Check a table that was brought, choose how it is written down, and keep it as a task."""

from __future__ import annotations

from pathlib import PurePath

import streamlit as st

from pages.own_task import keys
from pages.own_task.bring import Table, forget
from pages.own_task.charts import describe_labels, labels_figure
from tinylm.corpora.files.report import Cells
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks.own.rows import Checked, Kind, Parts, check_rows, kind_of, split, told
from tinylm.evaluation.tasks.own.store import MAX_TITLE, sketch
from tinylm.evaluation.tasks.own.table import guessed_columns, pairs_of
from tinylm.evaluation.tasks.own.template import (
    TEMPLATES,
    Template,
    check_template,
    escaped,
    unescaped,
    visible,
)
from ui import state
from ui.asking import service
from ui.choosing import SEED
from ui.frame import literal, then_all
from ui.plot import live_plot

KINDS: dict[Kind, str] = {
    "classification": "classification: a label from a short list",
    "free": "free text: any answer",
}
PARTS = {
    "before": "Before the input",
    "between": "Between input and answer",
    "answer_prefix": "Before the answer's first letter",
    "after": "After the answer",
}
SHOWN = 12  # labels in the chart, the commonest ones
SHOTS = 2  # examples in the prompt that is shown


def keep(table: Table) -> None:
    """Show what the table makes as a task, and a button that keeps it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(table['name'])}**, {len(table['rows']):,} rows")
        st.button("Bring other rows", on_click=then_all(forget))
    for note in table["notes"]:
        st.text(f"• {note}")
    checked = check_rows(_chosen_columns(table))
    kind = _choose_kind(checked)
    parts = split(checked, kind)
    _show_parts(checked, kind, parts)
    template = _choose_template()
    check_template(template)
    _preview(kind, template, parts)
    title = st.text_input(
        "What to call it",
        PurePath(table["name"]).stem[:MAX_TITLE],
        max_chars=MAX_TITLE,
        key=keys.TITLE,
    )
    st.button(
        "Keep this task",
        type="primary",
        on_click=then_all(_save),
        args=(checked, kind, template, title),
    )


def _save(checked: Checked, kind: Kind, template: Template, title: str) -> None:
    before = {one.name for one in service().own_tasks()}
    kept = service().keep_task(checked, kind, template, title)
    forget()
    st.session_state[keys.CHOSEN] = kept.name
    st.session_state[keys.VIEW] = keys.KEPT
    state.notice(
        "This task was here already. It keeps the name that it had."
        if kept.name in before
        else "Your task is kept: every model here can be asked it."
    )


def _chosen_columns(table: Table) -> list[tuple[str, str]]:
    """The rows of the columns that hold inputs and answers; asked for where it is not clear."""
    columns = table["columns"]
    asked, answer = guessed_columns(columns)
    if len(columns) > 2:
        left, right = st.columns(2)
        with left:
            asked = _column("Column of the inputs", columns, asked, keys.INPUTS)
        with right:
            answer = _column("Column of the answers", columns, answer, keys.ANSWERS)
    cells = Cells(tuple(columns), tuple(tuple(row) for row in table["rows"]))
    return pairs_of(cells, asked, answer)


def _column(label: str, columns: list[str], first: str, key: str) -> str:
    """Ask for one of the columns; the answer is kept for tables with the same columns."""
    return st.selectbox(
        label,
        columns,
        columns.index(first),
        key=f"{key}-{'|'.join(columns)}",
        persist_state="session",
    )


def _choose_kind(checked: Checked) -> Kind:
    """Ask for the kind of task, which is found out at first."""
    labels, rows = len(checked.labels), len(checked.rows)
    found = kind_of(checked.labels)
    why = (
        f"The {rows:,} rows have {labels:,} different answers, so this looks like "
        + ("a classification" if found == "classification" else "free text")
        + ". A classification is measured by **accuracy** and **macro-F1** beside chance; free "
        "text by **BLEU** and by answers that are right letter by letter."
    )
    st.markdown(why)
    kinds = list(KINDS)
    return st.radio(
        "Kind of task",
        kinds,
        index=kinds.index(found),
        format_func=KINDS.__getitem__,
        key=f"{keys.KIND}-{labels}-{rows}",
        persist_state="session",
    )


def _show_parts(checked: Checked, kind: Kind, parts: Parts) -> None:
    """What the rows make, in sentences with figures, and how common each label is."""
    st.markdown("\n".join(f"- {literal(one)}" for one in told(checked, kind, parts)))
    if kind == "classification":
        st.markdown("**How often each label occurs**")
        live_plot(
            labels_figure(parts, SHOWN),
            key="own-labels",
            label=describe_labels(parts),
            height=70 + 32 * min(SHOWN, len(checked.labels)),
        )


def _choose_template() -> Template:
    """A ready template, whose texts can be changed."""
    name = st.selectbox(
        "How a row is written down",
        list(TEMPLATES),
        key=keys.TEMPLATE,
        persist_state="session",
        help="The model reads text and nothing else: this is all it sees of your table.",
    )
    ready = TEMPLATES[name]
    with st.expander("Change the texts around input and answer"):
        st.markdown("Write `\\n` for a new line.")
        typed = {
            part: st.text_input(
                label,
                escaped(getattr(ready, part)),
                key=f"{keys.PART}-{name}-{part}",
                persist_state="session",
            )
            for part, label in PARTS.items()
        }
    return Template(**{part: unescaped(text) for part, text in typed.items()})


def _preview(kind: Kind, template: Template, parts: Parts) -> None:
    """A prompt letter by letter, as a model will read it."""
    task = sketch(kind, template, parts)
    item = task.test[0]
    prompt = few_shot_prompt(task, item, min(SHOTS, task.max_fewshot), SEED)
    st.markdown(
        f"**A real prompt, letter by letter.** First come {len(prompt.examples)} solved rows, then "
        "a row of the test. A `·` is a space, and `↵` ends a line."
    )
    st.code(visible(prompt.text), language=None, wrap_lines=True)
    st.markdown("The right answer after it:")
    st.code(visible(prompt.answer + task.after), language=None, wrap_lines=True)
