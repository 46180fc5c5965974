"""The form of the text: in what way a made world is told to the model."""

from __future__ import annotations

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.settings import number
from tinylm.config import SETTINGS, RunConfig
from tinylm.knobs import TextConfig
from tinylm.presets import preset_config
from tinylm.setting import Setting, Value
from ui.differing import differing
from ui.frame import literal

GROUPS = {
    "Kinds of documents: how often each comes, beside the others": (
        *("prose", "info_boxes", "worksheets", "parallel", "reviews"),
        *("biographies", "bare_tables"),
    ),
    "Worksheets: which, and when in the training": (
        *("sheets", "sheets_from", "sheets_until", "bars", "chains", "chain_ends"),
    ),
    "Facts: which, how often, in how many ways": (
        *("tables", "untold", "zipf", "patterns", "orders"),
    ),
    "What is wrong, mixed up or repeated": ("wrong", "wrong_worlds", "shuffled", "passes"),
    "Lines that stand in the text besides": ("practice", "leaked", "leaked_copies", "planted"),
}


def text_settings(begin: RunConfig, key: str) -> dict[str, Value]:
    """Show an input for every setting of the text, beginning at those of `begin`.

    Returns those that differ from `begin`; `key` identifies the starting point.
    """
    resets = int(st.session_state.get(keys.USUAL_TEXT, 0))
    usual = RunConfig(text=TextConfig())
    shown = usual if resets else begin
    st.markdown(
        "A made world is told anew for each training, so you decide how. Change one thing, and "
        "see in the curve and in the lessons what it does. What the model is tested on stays the "
        "same, so you can compare."
    )
    now: dict[str, Value] = {}
    for title, names in GROUPS.items():
        st.markdown(f"**{title}**")
        columns = st.columns(3)
        for place, name in enumerate(names):
            with columns[place % len(columns)]:
                now[name] = _input(SETTINGS[name], shown, f"text-{key}-{resets}-{name}")
    st.button("Back to the usual text", on_click=_back, key="usual-text")
    return {name: value for name, value in now.items() if value != SETTINGS[name].of(begin)}


def _back() -> None:
    """Let new inputs begin at the usual settings."""
    st.session_state[keys.USUAL_TEXT] = int(st.session_state.get(keys.USUAL_TEXT, 0)) + 1


def _input(row: Setting, config: RunConfig, key: str) -> Value:
    begin, label, note = row.of(config), f"{row.label} (`{row.name}`)", f"{row.help} {row.limits}."
    if not isinstance(begin, str):
        return number(row, label, begin, begin, note, key)
    ask = st.text_area if row.name == "planted" else st.text_input
    return ask(label, begin, help=note, key=key, persist_state="session")


def unusual(config: RunConfig) -> str:
    """Markdown: how the text of a run differs from the usual one; "" where it does not."""
    if config.text == TextConfig():
        return ""
    usual = preset_config("quick")
    found = differing([usual, RunConfig(text=config.text)])
    said = [
        f"{SETTINGS[name].label.lower()} {literal(_shown(now))} (usually {_shown(before)})"
        for name, (before, now) in found.items()
        if SETTINGS[name].part == "text"
    ]
    return f"**The text of this run is not the usual one:** {'; '.join(said)}."


def _shown(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"
