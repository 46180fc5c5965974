"""Bring a table: as a file, typed into the page, or the example that the page makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.own_task import keys
from pages.own_task.example import example_rows
from tinylm.corpora.files.report import MAX_BYTES, Cells
from tinylm.errors import BadRequest, TinylmError
from tinylm.evaluation.tasks.own.rows import FEW, FEWEST, MAX_ROWS, as_rows
from tinylm.evaluation.tasks.own.table import ENDINGS, read_cells
from ui.frame import PROBLEM, draw_anew, file_size, in_words, then_all
from ui.reading import desk, release
from ui.whose import say_who_sees
from ui.widgets import segments

WAYS = {"file": "a file", "typed": "a table you type", "example": "an example"}
COLUMNS = ("input", "label")
EMPTY_ROWS = 6  # that the typed table begins with
PATIENCE = 30.0  # seconds that the page waits for a file to be read


class Table(TypedDict):
    """A table as the session keeps it."""

    columns: list[str]
    rows: list[list[str]]
    name: str
    notes: list[str]  # sentences of the reader of files


def brought() -> Table | None:
    """The table that this session brought; None where it has none."""
    found: Table | None = st.session_state.get(keys.CELLS)
    return found


def forget() -> None:
    """Let the table go, and bring another one."""
    st.session_state.pop(keys.CELLS, None)


def take(cells: Cells, name: str, notes: Sequence[str] = ()) -> None:
    """Keep a table in the session, for the next run of the page."""
    rows = [list(row) for row in cells.rows]
    st.session_state[keys.CELLS] = Table(
        columns=list(cells.columns), rows=rows, name=name, notes=list(notes)
    )


def bring() -> None:
    """Ask how the rows come, and take them."""
    way = segments("The rows come from", list(WAYS), "file", key=keys.WAY, names=WAYS.__getitem__)
    st.markdown(
        f"A task needs at least {FEWEST} rows and can have {MAX_ROWS:,}; with fewer than {FEW} a "
        "score says little."
    )
    say_who_sees("task")
    if way == "file":
        _choose_file()
    elif way == "typed":
        _type_table()
    else:
        _show_example()


def _choose_file() -> None:
    taken = st.session_state.get(keys.FILES_TAKEN, 0)
    file = st.file_uploader(
        f"CSV or JSON lines, up to {file_size(MAX_BYTES)}: one column with inputs, one with their "
        "answers",
        type=list(ENDINGS),
        key=f"{keys.FILE}-{taken}",
    )
    st.markdown("It may begin like this:")
    st.code("input,label\nthe soup was lovely,good\nthe room was dark,bad", language=None)
    if file is None:
        return
    st.session_state[keys.FILES_TAKEN] = taken + 1  # the next chooser is an empty one
    try:
        _read_file(file)
    except TinylmError as error:  # shown when the page is drawn with an empty chooser
        st.session_state[PROBLEM] = in_words(error)
    finally:
        release([file])
    draw_anew()


def _read_file(file: UploadedFile) -> None:
    """Read a table in a process of its own, and take it. Raises BadRequest in a sentence."""
    batch = desk().bring([(file.name, file.getbuffer())], whole=True)
    try:
        with st.spinner("Reading the table …"):
            progress = desk().look(batch, PATIENCE)
        if not progress.over:
            raise BadRequest("Reading this table takes too long: take a part of it.")
        if progress.problem:
            raise BadRequest(progress.problem)
        (report,) = progress.reports
        if report.problem:
            raise BadRequest(report.problem)
        take(read_cells(desk().text(batch)), report.name, report.notes)
    finally:
        desk().drop(batch)


def _type_table() -> None:
    st.markdown("Type here, or paste two columns of a spreadsheet into the first cell.")
    if keys.TYPED not in st.session_state:  # the table is opened, or opened again
        empty = [dict.fromkeys(COLUMNS, "")] * EMPTY_ROWS
        st.session_state[keys.TYPED_FIRST] = st.session_state.get(keys.TYPED_ROWS) or empty
    column = st.column_config.TextColumn
    typed = st.data_editor(
        st.session_state[keys.TYPED_FIRST],
        num_rows="dynamic",
        hide_index=True,
        column_config={name: column(name, default="") for name in COLUMNS},
        key=keys.TYPED,
        width="stretch",
    )
    rows = typed_rows(typed)
    st.session_state[keys.TYPED_ROWS] = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    if st.button("Use these rows", type="primary"):
        if not rows:
            raise BadRequest("The table is empty: type an input and its label into a row first.")
        take(Cells(COLUMNS, tuple(rows)), "Typed rows")
        draw_anew()


def typed_rows(table: Sequence[Mapping[str, object]]) -> list[tuple[str, str]]:
    """The rows of a typed table in which something stands."""
    cells = as_rows([row.get(name) for name in COLUMNS] for row in table)
    return [row for row in cells if any(cell.strip() for cell in row)]


def _show_example() -> None:
    rows = example_rows()
    st.markdown(
        f"{len(rows)} countries, each with the team it plays for. The team follows from the "
        "continent, but no row says so: only who has read about the countries can tell."
    )
    shown = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    st.dataframe(shown, hide_index=True, height=200, alt="The example")
    st.button(
        "Use the example",
        type="primary",
        on_click=then_all(take),
        args=(Cells(COLUMNS, tuple(rows)), "Four teams"),
    )
