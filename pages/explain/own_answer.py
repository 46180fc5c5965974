"""The learner's own answer, what the rules find in it, and the checklist with own figures."""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import groupby

import streamlit as st

from pages.explain import keys
from pages.explain.checking import ENOUGH, REASONS, Checked, check, rule_in_words
from pages.explain.content import Point, points
from pages.explain.figures import Measured, figure
from pages.explain.sheet import parts
from tinylm.errors import TinylmError
from tinylm.predictions import EXPLANATION, TASK
from ui import state
from ui.frame import PROBLEM, literal, page_of, problem
from ui.glossary import QUOTED

LIMIT = 6_000  # characters, which are about a thousand words
SUPERSCRIPT = str.maketrans("0123456789,", "⁰¹²³⁴⁵⁶⁷⁸⁹ ")


def kept_answer() -> str:
    """The answer that is kept for this learner; "" if there is none."""
    return str(state.answers().get(EXPLANATION, ""))


def kept_ticks(checked: Checked) -> frozenset[str]:
    """The points that the learner ticked and that no rule found, by name."""
    kept = state.answers().get(keys.TICKED)
    names = {one.name for one in points()} - checked.found.keys()
    return frozenset(names.intersection(kept)) if isinstance(kept, list) else frozenset()


def ask_for_answer() -> str:
    """Ask for the answer, keep it, and return it; "" while it is longer than what is read."""
    st.markdown(f"**{TASK}**")
    text = st.text_area(
        "Your answer",
        value=kept_answer(),
        height=200,
        placeholder="A language model is first trained to …",
        key=keys.EXPLAIN_TEXT,
        persist_state="session",
        on_change=_keep,
    )
    text = (text or "").strip()
    st.button("Check my answer", type="primary")
    if len(text) > LIMIT:
        problem(
            f"Your answer has {len(text):,} characters and {LIMIT:,} can be kept and checked: "
            f"shorten it by {len(text) - LIMIT:,}."
        )
        return ""
    st.markdown(
        f"Your answer is kept when you press the button or click outside the box, up to {LIMIT:,} "
        f"characters. Then a checklist shows which of its {len(points())} points stand in it. Its "
        f"rules read English. **With {ENOUGH} points found the lesson is done**, and it stays done."
    )
    return text


def _keep() -> None:
    """Keep what was typed, if it is not too long; an error is shown when the page is drawn.

    A lesson that an answer has finished stays done, whatever answer follows.
    """
    before, text = kept_answer(), str(st.session_state[keys.EXPLAIN_TEXT]).strip()
    if len(text) <= LIMIT:
        try:
            state.keep_answer(EXPLANATION, text)
            if any(len(check(one).found) >= ENOUGH for one in (before, text)):
                state.keep_once(keys.FINISHED)
        except TinylmError as error:
            st.session_state[PROBLEM] = str(error)


def show_areas() -> None:
    """Say how many points the checklist has and in which areas, and none of the points."""
    areas = {area: len(list(found)) for area, found in groupby(points(), lambda one: one.group)}
    st.markdown(
        f"The checklist has {len(points())} points, and you see them after your first answer. "
        f"They stand in {len(areas)} areas:\n\n"
        + "\n".join(
            f"- **{area}**: {number} point{'s' * (number > 1)}" for area, number in areas.items()
        )
    )


def summed_up(checked: Checked, ticked: Set[str]) -> str:
    """How many points the rules found and how many the learner ticked, as a sentence part."""
    said = f"**{len(checked.found)} of {len(points())}** points were found by the rules"
    return f"{said}, and you ticked **{len(ticked)} more**" if ticked else said


def show_checked(text: str, checked: Checked, ticked: Set[str]) -> None:
    """Show the answer with the parts that were found, and what was left out and why."""
    st.progress(len(checked.found) / len(points()), text=summed_up(checked, ticked))
    with st.container(border=True, key=f"{QUOTED}-answer"):
        st.markdown(highlighted(text, checked))
    titles = {point.name: point.title for point in points()}
    for match in checked.left_out.values():
        quoted = literal(text[match.span.start : match.span.end])
        st.markdown(
            f"“{quoted}” does not count for *{titles[match.point]}*: "
            f"{REASONS[match.reason] if match.reason else ''}."
        )
    st.markdown(
        "Green parts are what the rules found, with the numbers of the points below. **Rules see "
        "words and not truth.** They can miss what you said in other words, and they can be "
        "fooled. So read your text once more as if you were the teacher. Did you say a point that "
        "they missed? Open it below and tick it. It is shown as your own tick (☑️)."
    )


def highlighted(text: str, checked: Checked) -> str:
    """The answer as Markdown that shows it as it is, with the parts found in green."""
    shown = []
    for part in parts(text, checked):
        if part.found:
            signs = ",".join(map(str, part.numbers)).translate(SUPERSCRIPT)
            shown.append(f":green-background[{_inline(part.text)}{signs}]")
        else:
            paragraphs = re.split(r"\n[ \t]*\n\s*", part.text)
            lines = ("  \n".join(map(_inline, one.split("\n"))) for one in paragraphs)
            shown.append("\n\n".join(lines))
    return "".join(shown)


def _inline(text: str) -> str:
    """`literal`, which leaves out spaces at both ends, with these spaces."""
    if not text.strip():
        return " " if text else ""
    return f"{' ' * text[0].isspace()}{literal(text)}{' ' * text[-1].isspace()}"


def checklist(checked: Checked, ticked: Set[str], known: Measured | None) -> None:
    """Show every point: whether it was found or ticked, the rule, the own figure, its lesson."""
    numbered = list(enumerate(points(), start=1))
    for group, members in groupby(numbered, key=lambda one: one[1].group):
        st.subheader(group, anchor=False)
        for number, point in members:
            found, mine = point.name in checked.found, point.name in ticked
            sign = "✅" if found else "☑️" if mine else "⬜"
            with st.expander(f"{sign} **{number}.** {point.title}"):
                _one(point, known)
                if not found:
                    _ask_for_tick(point, mine)


def _ask_for_tick(point: Point, ticked: bool) -> None:
    key = f"{keys.EXPLAIN_TICK}-{point.name}"
    st.checkbox(
        "I did say this in other words",
        value=ticked,
        key=key,
        persist_state="session",
        on_change=_tick,
        args=(point.name, key),
    )


def _tick(name: str, key: str) -> None:
    """Keep or take back the learner's tick; an error is shown when the page is drawn."""
    kept = state.answers().get(keys.TICKED)
    others = [one for one in kept if one != name] if isinstance(kept, list) else []
    try:
        state.keep_answer(keys.TICKED, [*others, name] if st.session_state[key] else others)
    except TinylmError as error:
        st.session_state[PROBLEM] = str(error)


def _one(point: Point, known: Measured | None) -> None:
    st.markdown(point.why)
    mine = figure(point.name, known) if known else ""
    st.markdown(f"**Your figure.** {literal(mine) if mine else 'There is none yet.'}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("See it again:" if mine else "It is measured here:", width="content")
        query = {state.RUN: known.run.id} if known else {}
        st.page_link(page_of(point.lesson), query_params=query)
    rules = "\n".join(f"- {rule_in_words(rule)}" for rule in point.rules)
    st.markdown(f"**It counts when one of these stands in a sentence of yours:**\n\n{rules}")
