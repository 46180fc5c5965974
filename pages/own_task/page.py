"""A table of one's own becomes a task that any model here can be asked and taught."""

from __future__ import annotations

import streamlit as st

from pages.own_task import keys
from pages.own_task.bring import bring, brought
from pages.own_task.keep import keep
from pages.own_task.kept import look_at
from ui.asking import service
from ui.frame import guarded, heading
from ui.widgets import segments


@guarded
def make() -> None:
    """Bring a table; once it is here, check it and keep it."""
    cells = brought()
    if cells is None:
        bring()
    else:
        keep(cells)


@guarded
def show() -> None:
    """The new task, and those that are kept, where there are any."""
    tasks = service().own_tasks()
    kept = "Tasks on this machine" if service().viewer.alone else "Your tasks"
    names = {keys.NEW: "Make one", keys.KEPT: f"{kept} ({len(tasks)})"}
    view = keys.NEW
    if tasks:
        first = keys.KEPT if st.session_state.get(keys.CHOSEN) else keys.NEW
        view = segments("Tasks", keys.VIEWS, first, key=keys.VIEW, names=names.__getitem__)
    if view == keys.KEPT:
        look_at(tasks)
    else:
        make()


heading(
    "Your own task",
    "Can a model here learn what **you** want to ask? Bring a table with a question and its answer "
    "in each row. Part of the rows teach the model, and the rest test it.",
)
show()
