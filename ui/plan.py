"""What a class sees: the teacher's plan, from the store or from the address of the page.

A plan only hides and presets. Whatever a hand-made address says, nothing is unlocked by it, names
that there are not are ignored, and everybody can have the full app back.

`/?plan=lessons:bet,pretrain;presets:glance;given:seed=3;hidden:text`
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote, unquote

import msgspec
import streamlit as st

from tinylm.config import SETTINGS, RunConfig, check_applies, parse_setting, with_changes
from tinylm.corpora import check_text, info
from tinylm.errors import TinylmError
from tinylm.presets import PRESETS, preset_config
from tinylm.setting import Value
from ui.asking import service

PLAN = "plan"  # in the address bar, and the key of what the address said
WHOLE = "whole_app"  # key: whether this session left the plan
NOTE = "class/plan"  # of the store: the plan of the class, as text
MOST = 2_000  # characters of a plan
MOST_GIVEN = 12  # settings

# What a plan may hide of the form of a new run, by the name in the address.
KNOBS = {
    "text": "what the text is like",
    "settings": "Advanced: settings",
    "pair": "two runs that differ in one setting",
    "overfitting": "Show me over-fitting",
    "link": "Share these settings",
}


class Plan(msgspec.Struct, frozen=True):
    """What a class sees. Of lessons, corpora and presets an empty list means all of them."""

    lessons: tuple[str, ...] = ()  # and other pages, by their paths
    corpora: tuple[str, ...] = ()  # texts of the class; a learner's own are always shown
    presets: tuple[str, ...] = ()
    given: tuple[tuple[str, Value], ...] = ()  # settings that every new run begins with
    hidden: tuple[str, ...] = ()  # names of KNOBS

    def shows(self, lesson: str) -> bool:
        """Whether the class sees the lesson, or other page, of this path."""
        return not self.lessons or lesson in self.lessons

    def has_corpus(self, name: str) -> bool:
        return not self.corpora or name in self.corpora

    def hides(self, knob: str) -> bool:
        return knob in self.hidden

    @property
    def presets_shown(self) -> list[str]:
        """The presets to choose from, in their usual order."""
        return [name for name in PRESETS if not self.presets or name in self.presets]


WHOLE_APP = Plan()


def to_text(plan: Plan) -> str:
    """A plan as it stands in an address; "" for one that hides and presets nothing."""
    given = [f"{name}={quote(str(value), safe='')}" for name, value in plan.given]
    parts = {
        "lessons": plan.lessons,
        "corpora": plan.corpora,
        "presets": plan.presets,
        "given": given,
        "hidden": plan.hidden,
    }
    return ";".join(f"{name}:{','.join(found)}" for name, found in parts.items() if found)


@lru_cache(maxsize=256)
def from_text(text: str) -> Plan:
    """The plan in a text of any origin: what cannot be understood of it is left out."""
    found: dict[str, list[str]] = {}
    for part in text[:MOST].split(";"):
        name, colon, items = part.partition(":")
        if colon:
            found.setdefault(name.strip(), []).extend(
                one.strip() for one in items.split(",") if one.strip()
            )
    return Plan(
        lessons=_words(found.get("lessons", ())),
        corpora=_words(found.get("corpora", ())),
        presets=_known(found.get("presets", ()), PRESETS),
        given=settings_in([unquote(one) for one in found.get("given", ())]),
        hidden=_known(found.get("hidden", ()), KNOBS),
    )


def settings_in(texts: Iterable[str]) -> tuple[tuple[str, Value], ...]:
    """The settings in these texts, such as `seed=3`: those that a quick run could have.

    Each must be possible by itself and with those before it; the others are left out.
    """
    config, given = preset_config("quick"), dict[str, Value]()
    for text in list(texts)[:MOST_GIVEN]:
        with suppress(TinylmError, ValueError, OverflowError):
            name, value = parse_setting(text)
            check_applies(config, [name])
            SETTINGS[name].on_page.check(value)
            if not SETTINGS[name].terminal:
                config = with_changes(config, {name: value})
                given[name] = value
    return tuple(given.items())


def present() -> Plan:
    """The plan of this page: that of the address, or else of the class; all after "Show all"."""
    return followed(offered())


def followed(plan: Plan) -> Plan:
    """This plan, or the whole app where this session left the plan."""
    return WHOLE_APP if st.session_state.get(WHOLE) else plan


def offered() -> Plan:
    """The plan that there is, whether or not this session left it."""
    if said := st.session_state.get(PLAN):
        return from_text(str(said))
    return plan_of_class()


def plan_of_class() -> Plan:
    """What the teacher saved; the whole app where nothing was saved or can be read."""
    try:
        kept = service().store.note(NOTE)
    except TinylmError:
        return WHOLE_APP
    return from_text(kept) if isinstance(kept, str) else WHOLE_APP


def first_corpus(usual: str) -> str:
    """The corpus that is chosen at first: the usual one, unless the plan leaves it out."""
    plan = present()
    for name in () if plan.has_corpus(usual) else plan.corpora:
        with suppress(TinylmError):
            return info(name, service().home).name
    return usual


def begin_with(config: RunConfig) -> RunConfig:
    """These settings of a new run with those that the plan gives, where that is possible."""
    with suppress(TinylmError):
        given = with_changes(config, dict(present().given))
        check_text(given.corpus, service().home, given.text)
        return given
    return config


def take_from_address() -> None:
    """Keep the plan of the address for this session, and in the address of every page.

    This comes before anything else is drawn. An address with another plan ends "Show all".
    """
    asked = st.query_params.get(PLAN, "")[:MOST]
    if asked and asked != st.session_state.get(PLAN):
        st.session_state.pop(WHOLE, None)
        st.session_state[PLAN] = asked
    if (kept := st.session_state.get(PLAN)) and not asked:
        st.query_params[PLAN] = kept


def show_whole(whole: bool) -> None:
    """Leave the plan, or come back to it, for this session."""
    st.session_state[WHOLE] = whole


def _words(names: Iterable[str]) -> tuple[str, ...]:
    """Names of anything, each once; whoever shows a list ignores those that there are not."""
    return tuple(dict.fromkeys(names))


def _known(names: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if name in known)
