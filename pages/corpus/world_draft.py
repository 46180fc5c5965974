"""The tables that a person edits, in this session only until they are saved: plain data.

Each table has what its editor shows at first, the last states since (for undo), and a number that
makes a new editor of it. A widget's own state is lost on another page; the states are not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from tinylm.corpora.sources.own_worlds import MAX_ROWS, original_tables, tables_of
from tinylm.corpora.world.rows import Grid, apply_edits
from ui import state

Rows = list[list[str]]

MAX_STATES = 50  # of a table, for undo: what a session holds has a bound
FRESH = {"editor": 0, "cut": False, "refused": ""}  # number; whether states were let go; why not


def begin(name: str, home: Path) -> None:
    """Edit another world: its tables as they are kept. Raises NotFound, StorageError."""
    tables = {
        table: {"head": list(grid.head), "states": [_plain(grid)]} | FRESH
        for table, grid in tables_of(name, home).items()
    }
    number = _draft().get("number", 0) + 1
    st.session_state[state.WORLD_DRAFT] = {"of": name, "tables": tables, "number": number}


def edited_world() -> str:
    """The world that the tables come from; "" before `begin`."""
    return str(_draft().get("of", ""))


def detach() -> None:
    """The world that the tables come from is gone: what is edited stays, as a new one."""
    _draft()["of"] = "world"


def grids() -> dict[str, Grid]:
    """All tables as they are now."""
    return {table: grid(table) for table in _draft()["tables"]}


def grid(table: str) -> Grid:
    """A table as it is now."""
    kept = _table(table)
    return Grid(tuple(kept["head"]), ()).with_rows(kept["states"][-1])


def is_changed() -> bool:
    """Whether anything is not saved yet."""
    return any(len(table["states"]) > 1 or table["cut"] for table in _draft()["tables"].values())


def editor_key(table: str) -> str:
    """The key of a table's editor. One that is new begins with the table as it is now."""
    key = _key(table)
    if key not in st.session_state:
        kept = _table(table)
        kept["shown"] = kept["states"][-1]
    return key


def shown(table: str) -> Grid:
    """What the editor was given, to which its edits are reported."""
    kept = _table(table)
    return Grid(tuple(kept["head"]), ()).with_rows(kept["shown"])


def take_edits(table: str) -> None:
    """Keep what the editor reports as a new state; too many rows are refused."""
    edits: Any = st.session_state.get(_key(table)) or {}
    edited = apply_edits(shown(table), edits)
    if len(edited.rows) > MAX_ROWS:
        kept = _table(table)
        kept["editor"] += 1  # begins with the last state
        kept["refused"] = (
            f"{len(edited.rows):,} rows are too many: at most {MAX_ROWS:,} can be used. "
            "The table is as it was before."
        )
        return
    _push(table, _plain(edited), same_editor=True)


def refused(table: str) -> str:
    """Why the last edit was not taken; "" where it was."""
    return str(_table(table)["refused"])


def undo(table: str) -> None:
    """One state back."""
    kept = _table(table)
    kept["refused"] = ""
    if len(kept["states"]) > 1:
        kept["states"].pop()
        kept["editor"] += 1


def to_original(table: str) -> None:
    """The table as the made world has it; can be undone."""
    _push(table, _plain(original_tables()[table]), same_editor=False)


def can_undo(table: str) -> bool:
    return len(_table(table)["states"]) > 1


def _push(table: str, rows: Rows, *, same_editor: bool) -> None:
    kept = _table(table)
    kept["refused"] = ""
    if rows != kept["states"][-1]:
        kept["states"].append(rows)
        if len(kept["states"]) > MAX_STATES:
            del kept["states"][0]
            kept["cut"] = True
        kept["editor"] += not same_editor


def _draft() -> dict[str, Any]:
    found: dict[str, Any] = st.session_state.get(state.WORLD_DRAFT, {})
    return found


def _table(table: str) -> dict[str, Any]:
    found: dict[str, Any] = _draft()["tables"][table]
    return found


def _key(table: str) -> str:
    return f"world-{_draft()['number']}-{table}-{_table(table)['editor']}"


def _plain(grid: Grid) -> Rows:
    return [list(row) for row in grid.rows]
