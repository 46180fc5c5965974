"""Inputs for the settings of a run, made from the limits and help texts in tinylm.config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from tinylm.config import SETTINGS, RunConfig
from tinylm.setting import Setting, Value

Number = int | float

SECTIONS = {"model": "Model", "train": "Training"}
# The settings of the form: the numbers among those of the model and of its training.
ASKED = {
    name: row.on_page
    for name, row in SETTINGS.items()
    if row.part in SECTIONS and not row.choices and not row.terminal
}


def check_asked(changes: Mapping[str, Value]) -> None:
    """Raise BadRequest for a number that is too large for a page, even if the terminal takes it."""
    for name, value in changes.items():
        if name in ASKED:
            ASKED[name].check(value)


def numbers_of(config: RunConfig) -> dict[str, Number]:
    """The settings of the form, by name."""
    found = {name: row.of(config) for name, row in ASKED.items()}
    return {name: value for name, value in found.items() if not isinstance(value, str)}


def changed_settings(config: RunConfig, key: str) -> dict[str, Number]:
    """Show an input for every setting, beginning at those of `config`; return those that differ.

    `key` identifies the starting point, so that each one has inputs of its own.
    """
    changes: dict[str, Number] = {}
    values = numbers_of(config)
    for section, title in SECTIONS.items():
        st.markdown(f"**{title}**")
        columns = st.columns(3)
        rows = [row for row in ASKED.values() if row.part == section]
        for place, row in enumerate(rows):
            before = values[row.name]
            with columns[place % len(columns)]:
                label = f"{row.label} (`{row.name}`)"
                note = f"{row.help} {row.limits}."
                value = number(row, label, before, before, note, f"knob-{key}-{row.name}")
            if value != before:
                changes[row.name] = value
    return changes


def number(
    row: Setting,
    label: str,
    begin: Number,
    now: Number,
    note: str,
    key: str,
    width: int | Literal["stretch"] = "stretch",
) -> Number:
    """Ask for a number that begins at `begin`; the step suits the present value `now`.

    The input sets no limits; the settings check the range themselves.
    """
    whole = row.kind is int
    step = int(row.step or 1) if whole else row.step or now / 4 or 0.01
    return st.number_input(
        label,
        value=begin,
        step=step,
        format=None if whole else "%g",
        help=note,
        key=key,
        persist_state="session",
        width=width,
    )
