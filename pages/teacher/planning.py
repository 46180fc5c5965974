"""The plan of the class: what it sees, what its runs begin with, how long they may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.teacher import keys
from pages.teacher.lengths import say_length, say_minutes
from pages.teacher.link import the_address
from pages.teacher.offers import ready_plans
from pages.teacher.ready import PAGES
from tinylm.config import check_applies, parse_setting, with_changes
from tinylm.errors import BadRequest, TinylmError
from tinylm.presets import PRESETS, preset_config
from tinylm.runs.budget import SECONDS_NOTE
from tinylm.setting import Value
from ui import plan, state
from ui.asking import service
from ui.frame import draw_anew, problem
from ui.plan import KNOBS, Plan

LONGEST = 600  # seconds that a run may take


def plan_form() -> None:
    """Ask what the class sees, and save it for everybody on this server."""
    st.markdown(
        "Tick what your class shall see. It only hides and presets: nothing is locked, and a "
        "button in the side bar shows everybody the rest."
    )
    corpora = {name: one.title for name, one in service().corpora().items()}
    fill(corpora)
    ready_plans()
    lessons = ticked("Lessons and pages", PAGES, keys.LESSONS)
    say_length(lessons)
    texts = ticked("Texts", corpora, keys.CORPORA)
    presets = ticked(
        "Lengths of training to choose from",
        {name: one.title for name, one in PRESETS.items()},
        keys.PRESETS,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input(
            "Seed",
            0,
            value=None,
            placeholder="as usual",
            help="The number that all chance begins with: with the same one, everybody's model "
            "gets the same start.",
            key=keys.SEED,
            persist_state="session",
            width=200,
        )
        seconds = st.number_input(
            "A length of your own, in seconds",
            0,
            LONGEST,
            step=5,
            help="Left at nought, your class chooses among the lengths above.",
            key=keys.BUDGET,
            persist_state="session",
            width=320,
        )
    say_minutes(int(seconds))
    with st.expander("Advanced: settings, and what to hide of the form"):
        hidden = st.pills(
            "Hide on Pre-train",
            list(KNOBS),
            selection_mode="multi",
            format_func=KNOBS.__getitem__,
            key=keys.HIDDEN,
            persist_state="session",
        )
        typed = st.text_area(
            "Settings that each run begins with, one a line",
            placeholder="n_layer=2",
            max_chars=1000,
            key=keys.SETTINGS,
            persist_state="session",
        )
    try:
        chosen = Plan(
            lessons=some(lessons, PAGES),
            corpora=some(texts, corpora),
            presets=some(presets, PRESETS),
            given=given(typed or "", seed),
            hidden=tuple(hidden),
        )
    except TinylmError as error:
        problem(error)
        return
    save_or_share(chosen, int(seconds))


def fill(corpora: Mapping[str, str]) -> None:
    """Let the form begin at the plan of the class, once in a session."""
    if st.session_state.get(keys.FILLED):
        return
    kept = plan.plan_of_class()
    rest = [f"{name}={value}" for name, value in kept.given if name != "seed"]
    st.session_state[keys.FILLED] = True
    st.session_state[keys.LESSONS] = [name for name in PAGES if kept.shows(name)]
    st.session_state[keys.CORPORA] = [name for name in corpora if kept.has_corpus(name)]
    st.session_state[keys.PRESETS] = kept.presets_shown
    st.session_state[keys.HIDDEN] = list(kept.hidden)
    st.session_state[keys.SEED] = dict(kept.given).get("seed")
    st.session_state[keys.SETTINGS] = "\n".join(rest)
    st.session_state[keys.BUDGET] = budget()


def ticked(label: str, titles: Mapping[str, str], key: str) -> list[str]:
    """Ask for any of these; what is ticked and is no longer there is left out."""
    kept = st.session_state.get(key, [])
    if set(kept) - set(titles):
        st.session_state[key] = [one for one in kept if one in titles]
    return list(
        st.pills(
            label,
            list(titles),
            selection_mode="multi",
            format_func=titles.__getitem__,
            key=key,
            persist_state="session",
        )
    )


def some(chosen: Sequence[str], of: Mapping[str, object]) -> tuple[str, ...]:
    """What is ticked, or () for all. Raises BadRequest where nothing is."""
    if not chosen:
        raise BadRequest("Tick at least one lesson, one text and one time.")
    return () if set(chosen) == set(of) else tuple(one for one in of if one in chosen)


def given(typed: str, seed: int | None) -> tuple[tuple[str, Value], ...]:
    """The settings that each run begins with. Raises BadRequest for one that cannot be."""
    found: dict[str, Value] = {} if seed is None else {"seed": seed}
    for line in filter(None, map(str.strip, typed.splitlines())):
        name, value = parse_setting(line)
        found[name] = value
    base = preset_config("quick")
    check_applies(base, found)
    with_changes(base, found)
    texts = [f"{name}={value}" for name, value in found.items()]
    kept = plan.settings_in(texts)
    if left := set(found) - set(dict(kept)):
        raise BadRequest(f"A class cannot be given {', '.join(sorted(left))}: leave it out.")
    return kept


def budget() -> int:
    """The seconds that a run of this class may take; 0 where nobody said."""
    kept = service().store.note(SECONDS_NOTE)
    return min(LONGEST, max(0, int(kept))) if isinstance(kept, int | float) else 0


def save_or_share(chosen: Plan, seconds: int) -> None:
    """The buttons, and the address that carries this plan to others."""
    with st.container(horizontal=True):
        if st.button("Save it for the class", type="primary", key="save-plan"):
            service().store.set_note(plan.NOTE, plan.to_text(chosen) or None)
            service().store.set_note(SECONDS_NOTE, seconds or None)
            state.notice("Saved: the class sees it with its next click.")
            draw_anew()
        if (plan.plan_of_class() != plan.WHOLE_APP or budget()) and st.button(
            "Let the class see everything", key="drop-plan"
        ):
            service().store.set_note(plan.NOTE, None)
            service().store.set_note(SECONDS_NOTE, None)
            st.session_state[keys.FILLED] = False
            draw_anew()
    if text := plan.to_text(chosen):
        st.markdown(
            "This address carries the plan in it, also to another server. Only the seconds of a "
            "run stay here, because servers differ in speed:"
        )
        link = f"{the_address() or '/'}?{plan.PLAN}={text}"
        st.code(link, language=None, wrap_lines=True)
