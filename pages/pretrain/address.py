"""Settings of a run in the address of the page: they fill the form, and the form writes them.

`/pretrain?preset=glance&set=worksheets%3D0&set=sheets%3Dnone`: each `set` is what `--set` takes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from urllib.parse import urlencode

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.settings import check_asked
from tinylm.config import RunConfig, check_applies, parse_setting, with_changes
from tinylm.errors import BadRequest
from tinylm.presets import PRESETS, preset_config
from tinylm.setting import Value
from ui import plan, state
from ui.differing import differing
from ui.frame import problem

SET, PRESET = "set", "preset"


def asks() -> bool:
    """Whether the address asks for the form, and not for a run."""
    return not st.query_params.get(state.RUN, "") and any(
        name in st.query_params for name in (SET, PRESET)
    )


def take_preset() -> None:
    """Choose the preset that the address names; one that there is not gets a sentence."""
    asked = st.query_params.pop(PRESET, "")
    if asked in plan.present().presets_shown:
        st.session_state[keys.PRESET] = asked
    elif asked and asked not in PRESETS:
        problem(f"There is no preset {asked!r:.40}: choose how much time the training may take.")


def begun(base: RunConfig) -> tuple[RunConfig, str]:
    """The settings that the form begins with, and a name for them.

    They are `base` with what the class's plan gives, or what the address asks. What the address
    asks wrongly gets a sentence, and then nothing of it counts.
    """
    asked = st.query_params.get_all(SET)
    if not asked:
        given = plan.begin_with(base)
        return given, "" if given == base else _name_of(map(str, plan.present().given))
    try:
        changes = changes_of(base, asked)
        check_asked(changes)
        config = with_changes(base, changes)
    except BadRequest as error:
        problem(f"The address of this page asks for a setting that cannot be: {error}")
        return base, ""
    return config, _name_of(asked)


def _name_of(asked: Iterable[str]) -> str:
    return f"-{zlib.crc32(chr(10).join(asked).encode('utf-8', 'replace')):x}"


def changes_of(base: RunConfig, asked: list[str]) -> dict[str, Value]:
    """The settings that these texts ask for, each once. Raises BadRequest."""
    changes: dict[str, Value] = {}
    for name, value in map(parse_setting, asked):
        if changes.setdefault(name, value) != value:
            raise BadRequest(f"{name} is given twice, with different values: leave one out.")
    check_applies(base, changes)
    return changes


def forget() -> None:
    """Take the settings out of the address, once a run has them."""
    st.query_params.pop(SET, None)


def query_of(config: RunConfig) -> str:
    """What follows the ? in an address that fills the form with these settings."""
    plain = preset_config(config.preset, corpus=config.corpus)
    changed = {name: values[1] for name, values in differing([plain, config]).items()}
    pairs = [(PRESET, config.preset), *((SET, f"{n}={v}") for n, v in changed.items())]
    if config.corpus != state.FIRST_CORPUS:
        pairs.insert(0, (state.CORPUS, config.corpus))
    return urlencode(pairs)


def link_of(config: RunConfig) -> None:
    """Show the address that fills the form with these settings, to copy it."""
    st.markdown("This address opens the form with these settings, for whoever you give it to:")
    here = str(st.context.url or "").partition("?")[0]
    st.code(f"{here}?{query_of(config)}", language=None, wrap_lines=True)
