"""Inputs for the settings of a run, made from the limits and help texts in tinylm.config."""

from __future__ import annotations

import dataclasses

import streamlit as st

from tinylm.config import KNOBS, Knob, ModelConfig, TrainConfig

SECTIONS = {"model": "Model", "train": "Training"}


def changed_knobs(model: ModelConfig, train: TrainConfig, key: str) -> dict[str, int | float]:
    """Show an input for every knob, beginning at these values; return the values that differ.

    `key` identifies the starting point, so that each one has inputs of its own.
    """
    changes: dict[str, int | float] = {}
    sections = {"model": dataclasses.asdict(model), "train": dataclasses.asdict(train)}
    for section, title in SECTIONS.items():
        values = sections[section]
        st.markdown(f"**{title}**")
        columns = st.columns(3)
        for place, (name, knob) in enumerate(KNOBS[section].items()):
            with columns[place % len(columns)]:
                value = _input(name, knob, values[name], key=f"knob-{key}-{name}")
            if value != values[name]:
                changes[name] = value
    return changes


def _input(name: str, knob: Knob, value: int | float, key: str) -> int | float:
    """Ask for one number. The input sets no limits; the settings check the range themselves."""
    whole = isinstance(value, int)
    step = int(knob.step or 1) if whole else value / 4 or 0.01
    return st.number_input(
        f"{knob.label} (`{name}`)",
        value=value,
        step=step,
        format=None if whole else "%g",
        help=f"{knob.help} {limits(knob)}.",
        key=key,
        persist_state="session",
    )


def limits(knob: Knob) -> str:
    """The range of a knob as text, e.g. `1 to 100,000`."""
    low, high = (f"{end:,}" if end == int(end) else f"{end:g}" for end in (knob.low, knob.high))
    return f"{low} to {high}"
