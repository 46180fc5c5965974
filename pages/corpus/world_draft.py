"""The tables of a world while a person edits them; they stay in this session until saved.

Streamlit forgets the state of a widget when another page is shown. The states kept here survive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from pages.corpus import keys
from tinylm.corpora.sources.own_worlds import tables_of
from tinylm.corpora.world.rows import Grid, apply_edits
from tinylm.corpora.world.tables import MAX_ROWS, original_tables

MAX_STATES = 50  # states that a table keeps for undo; the limit keeps a session small


@dataclass
class Table:
    """One table while it is edited."""

    states: list[Grid]  # the newest states, with the present one at the end; never empty
    shown: Grid  # the rows that the editor was given; it reports its edits relative to them
    editor: int = 0  # a new number makes Streamlit build a new editor
    cut: bool = False  # whether old states were dropped because of MAX_STATES
    refused: str = ""  # why the last edit was refused; "" if it was accepted


@dataclass
class Draft:
    """The tables of a world while they are edited."""

    of: str = ""  # the world that the tables come from; "" before `begin`
    number: int = 0  # goes up with every `begin`, so that each world gets its own editors
    tables: dict[str, Table] = field(default_factory=dict)


def begin(name: str, home: Path) -> None:
    """Begin to edit a world, from its saved tables. Raises NotFound or StorageError."""
    tables = {table: Table([kept], kept) for table, kept in tables_of(name, home).items()}
    st.session_state[keys.WORLD_DRAFT] = Draft(name, _draft().number + 1, tables)


def edited_world() -> str:
    """The world that the tables come from; "" before `begin`."""
    return _draft().of


def detach() -> None:
    """Keep the edited tables as those of a new world, because the world they came from is gone."""
    _draft().of = "world"


def grids() -> dict[str, Grid]:
    """All tables as they are now."""
    return {table: grid(table) for table in _draft().tables}


def grid(table: str) -> Grid:
    """A table as it is now."""
    return _table(table).states[-1]


def is_changed() -> bool:
    """Whether there are changes that are not saved yet."""
    return any(len(table.states) > 1 or table.cut for table in _draft().tables.values())


def editor_key(table: str) -> str:
    """The key of a table's editor. A new editor begins with the table as it is now."""
    key = _key(table)
    if key not in st.session_state:
        _table(table).shown = grid(table)
    return key


def shown(table: str) -> Grid:
    """The rows that the editor was given; it reports its edits relative to them."""
    return _table(table).shown


def take_edits(table: str) -> None:
    """Keep the reported edits as a new state; refuse them if the table would have too many rows."""
    edited = apply_edits(shown(table), st.session_state.get(_key(table)) or {})
    if len(edited.rows) > MAX_ROWS:
        kept = _table(table)
        kept.editor += 1  # a new editor, which begins with the last state
        kept.refused = (
            f"{len(edited.rows):,} rows are too many: at most {MAX_ROWS:,} can be used. "
            "The table is as it was before."
        )
        return
    _push(table, edited, same_editor=True)


def refused(table: str) -> str:
    """Why the last edit was refused; "" if it was accepted."""
    return _table(table).refused


def undo(table: str) -> None:
    """Go back to the state before, if there is one."""
    kept = _table(table)
    kept.refused = ""
    if can_undo(table):
        kept.states.pop()
        kept.editor += 1


def to_original(table: str) -> None:
    """Reset the table to that of the made world; this can be undone."""
    _push(table, original_tables()[table], same_editor=False)


def can_undo(table: str) -> bool:
    """Whether there is a state before this one."""
    return len(_table(table).states) > 1


def _push(table: str, now: Grid, *, same_editor: bool) -> None:
    kept = _table(table)
    kept.refused = ""
    if now != kept.states[-1]:
        kept.states.append(now)
        if len(kept.states) > MAX_STATES:
            del kept.states[0]
            kept.cut = True
        kept.editor += not same_editor


def _draft() -> Draft:
    found: Draft = st.session_state.get(keys.WORLD_DRAFT, Draft())
    return found


def _table(table: str) -> Table:
    return _draft().tables[table]


def _key(table: str) -> str:
    return f"world-{_draft().number}-{table}-{_table(table).editor}"
