"""The same facts in a form that was read and in one that never was: what do examples do then?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from tinylm.evaluation.tasks import Task
from tinylm.questions.models import Measurement, Score
from ui.asking import known, look_up, measure
from ui.charts.accuracy import left_out
from ui.choosing import SEED, Checkpoint
from ui.tables import small_table

READ, NEW = "facts", "questions"  # tasks about the same facts; the form of the second is new
SHOTS = 4


def same_facts(base: Checkpoint, tasks: Sequence[Task], task: Task, group: str, limit: int) -> None:
    """Ask the facts as worksheet lines and as questions, each after SHOTS examples of its form.

    Nothing is shown for other tasks, nor before the experiment of the page has measured its part.
    """
    by_name = {one.name: one for one in tasks}
    if task.name not in (READ, NEW) or not {READ, NEW} <= set(by_name):
        return
    asked = {
        name: Score(*base, name, SHOTS, group=group, limit=limit, seed=SEED) for name in (READ, NEW)
    }
    if known(asked[task.name]) is None:
        return
    st.subheader("The same facts in another form", anchor=False)
    st.markdown(
        "As a worksheet line, a fact stands in a form that the model has read many times. As a "
        "question, it stands in a form that **no text had**. The facts are the same, and so are "
        f"the weights. Both times the model gets {SHOTS} solved examples of that form."
    )

    def draw(found: Mapping[str, Measurement]) -> None:
        small_table(rows(found, by_name), "wording")
        st.markdown(left_out(found.values()))
        if set(asked) <= set(found):
            st.markdown(conclusion(found[READ], found[NEW]))

    begun = len(look_up(asked).answers) == len(asked)
    measure(asked, draw, key=f"wording-{base}-{group}-{limit}", label="Ask both", hidden=not begun)


def rows(found: Mapping[str, Measurement], tasks: Mapping[str, Task]) -> list[dict[str, str]]:
    """A row for each form: how it is written, and how much is right."""
    return [
        {
            "form": f"`{(tasks[name].before + '…' + tasks[name].between).replace(chr(10), ' ')}`",
            "right": f"{one.accuracy:.0%}",
            "95 % interval": f"{one.low:.0%} to {one.high:.0%}",
            "n": f"{one.n:,}",
        }
        for name, one in found.items()
    ]


def conclusion(read: Measurement, new: Measurement) -> str:
    """Markdown: what follows for examples and for wording, as far as the intervals tell."""
    if read.low <= new.high:
        return (
            "The 95 % intervals meet: this does not show that the form counts. Ask a base that was "
            "trained for longer."
        )
    return (
        "**The examples say which known exercise is meant; they teach no new one.** In the form "
        f"that was read, {read.accuracy:.0%} are right, and in the new one {new.accuracy:.0%}. The "
        "weights know the facts both times. So few-shot is here *recognising* an exercise from the "
        "text, and **how a task is worded counts**. What teaches this model a new form is the next "
        "lesson, fine-tuning."
    )
