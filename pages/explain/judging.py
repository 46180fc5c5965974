"""Statements to be judged true or false, one at a time; what was missed comes back soon."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from pages.explain import keys, schedule
from pages.explain.content import Statement, statements
from pages.explain.schedule import Card
from tinylm.errors import TinylmError
from ui import state
from ui.frame import PROBLEM, duration, page_of

VERDICTS = {True: "true", False: "false"}


def kept_cards() -> dict[str, Card]:
    """Where each statement stands for this learner."""
    names = [one.name for one in statements()]
    return schedule.from_plain(state.answers().get(keys.STATEMENTS_KEPT), names)


def show_statements() -> None:
    """Show the statement that was just judged, or the next one, or when to come back."""
    cards = kept_cards()
    by_name = {one.name: one for one in statements()}
    now = time.time()
    waiting = schedule.due(cards, by_name, now)
    known = sum(card.box > 0 for card in cards.values())
    st.progress(
        known / len(by_name),
        text=f"{known} of {len(by_name)} judged right, {len(waiting)} to judge now",
    )
    name, said = st.session_state.get(keys.EXPLAIN_CARD) or ("", None)
    if name in by_name and said is not None:
        _judged(by_name[name], said, cards, now)
    elif waiting:
        _ask(by_name[waiting[0]])
    else:
        rest = schedule.next_due(cards, now)
        st.success(f"That was all for now. The next one comes back in {_rest(rest or 0.0)}.")
    st.markdown(
        f"A statement that you miss comes back after {duration(schedule.RESTS[0])}. One that you "
        "get right rests for a day, then for longer each time."
    )


def _ask(one: Statement) -> None:
    with st.container(border=True):
        st.markdown(f"**{one.says}**")
        with st.container(horizontal=True):
            for answer, word in VERDICTS.items():
                act = partial(_judge, one.name, answer)
                st.button(word.capitalize(), key=f"judge-{word}", on_click=act)


def _judge(name: str, said: bool) -> None:
    """Keep the learner's judgement; an error is shown when the page is drawn."""
    one = next(one for one in statements() if one.name == name)
    cards = schedule.judged(kept_cards(), name, said == one.true, time.time())
    st.session_state[keys.EXPLAIN_CARD] = (name, said)
    try:
        state.keep_answer(keys.STATEMENTS_KEPT, schedule.to_plain(cards))
    except TinylmError as error:
        st.session_state[PROBLEM] = str(error)


def _judged(one: Statement, said: bool, cards: dict[str, Card], now: float) -> None:
    right = said == one.true
    with st.container(border=True):
        st.markdown(f"**{one.says}**")
        verdict = f"You said *{VERDICTS[said]}*, and it is **{VERDICTS[one.true]}**."
        st.markdown(f"{'✅' if right else '❌'} {verdict} {one.because}")
        if card := cards.get(one.name):
            st.markdown(f"It comes back in {_rest(card.due - now)}.")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Next statement", type="primary", on_click=_go_on)
            st.markdown("See it yourself:", width="content")
            st.page_link(page_of(one.lesson))


def _go_on() -> None:
    st.session_state.pop(keys.EXPLAIN_CARD, None)


def _rest(seconds: float) -> str:
    """A time in words: days where it is longer than one."""
    days = round(seconds / schedule.DAY)
    if seconds < 0.9 * schedule.DAY:
        return duration(60 * round(max(seconds, 60) / 60))
    return f"{days} day{'s' * (days > 1)}"
