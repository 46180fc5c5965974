"""A head's output is copied from one prompt into another, and the answer turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import streamlit as st

from pages.inside import keys
from tinylm.errors import TinylmError
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import Item, Task
from tinylm.evaluation.tasks import task as find_task
from tinylm.questions.inside import PatchedOdds, PatchHead
from tinylm.runs.store.rows import RunRow
from ui.asking import ask_all
from ui.charts.base import BLUE, GREY, OCHRE, Figure, bars_across
from ui.choosing import SEED
from ui.frame import group_name, literal, page_of
from ui.plot import live_plot
from ui.tables import small_table

SHOTS = 4
MOST_HEADS = 8  # heads that are all tried at once; of a model with more, one is chosen
# What is shown at first: two relations, and a country that many models know in both.
FIRST, FIRST_ABOUT = ("countries.currency", "countries.capital"), "Egypt"
LOOKS = {  # what a bar stands for: its colour and hatching
    "before": (GREY, ""),
    "with the copied output": (OCHRE, ""),
    "in the other prompt": (BLUE, "/"),
}

Pair = tuple[Item, Item]  # the same last line, as a question of each of two relations


def pairs_of(task: Task, into: str, source: str) -> list[Pair]:
    """The last lines that both relations can ask, with different answers, held-out ones first."""
    asked = [
        {item.context: (held, item) for held, items in parts for item in items if item.group == one}
        for one in (into, source)
        for parts in [((False, task.train), (True, task.test))]
    ]
    both = [
        (first[0] + other[0], (first[1], other[1]))
        for context, first in asked[0].items()
        if (other := asked[1].get(context)) and other[1].answer != first[1].answer
    ]
    return [pair for _, pair in sorted(both, key=lambda one: -one[0])]


def partners(task: Task) -> dict[str, list[str]]:
    """For each relation those that ask about the same things; a relation without any is left out.

    Two relations of one table do.
    """
    groups = list(dict.fromkeys(item.group for item in task.train))
    found = {one: [other for other in groups if _table(other) == _table(one)] for one in groups}
    return {
        one: [other for other in others if other != one]
        for one, others in found.items()
        if len(others) > 1
    }


def _table(group: str) -> str:
    return group.partition(".")[0]


def patch_view(run: RunRow, step: int) -> None:
    """Let people choose two relations, a last line and a head, and show the answer turn."""
    st.markdown(
        "Two prompts end with the **same last line**. Only their examples differ, and so do their "
        "answers. Somewhere the model must carry what the examples ask. So copy what **one head** "
        "writes at the last token of the second prompt into the first one. Nothing else changes."
    )
    facts = _facts(run)
    relations = partners(facts) if facts else {}
    if facts is None or not relations:
        st.info(
            "This needs two kinds of facts about the same things. Choose a run that read a made "
            "world which has them.",
            icon="🌍",
        )
        return
    into, source = _relations(relations)
    pairs = pairs_of(facts, into, source)
    if not pairs:
        st.info("These two relations ask about no thing in common: choose others.", icon="🔀")
        return
    names = [first.context for first, _ in pairs]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = _choose("The last line asks about", names, keys.PATCH_SUBJECT, FIRST_ABOUT)
        shots = int(
            st.number_input(
                "Examples in each", 1, SHOTS, SHOTS, key=keys.PATCH_SHOTS, persist_state="session"
            )
        )
    pair = pairs[names.index(name)]
    prompts = [few_shot_prompt(facts, item, shots, SEED).text for item in pair]
    for column, prompt, group in zip(st.columns(2), prompts, (into, source), strict=True):
        with column:
            st.markdown(f"**Examples of {literal(group_name(group))}**")
            st.code(prompt, language=None, wrap_lines=True)
    answers = tuple(dict.fromkeys((*pair[0].choices, *pair[1].choices)))
    first = [one.answer for one in pair]
    ordered = tuple(facts.answer_prefix + one for one in dict.fromkeys((*first, *answers)))
    heads = list(product(range(run.config.model.n_layer), range(run.config.model.n_head)))
    chosen = None if len(heads) <= MOST_HEADS else _choose_head(heads)
    asked = {
        (layer, head): PatchHead(
            run.id, step, prompts[0], prompts[1], layer, head, ordered, end=facts.after
        )
        for layer, head in (heads if chosen is None else [chosen])
    }
    found = ask_all(asked, "Copying …")
    if len(found) == len(asked):
        _result(found, pair)
    st.page_link(
        page_of("vector"), label="And without any example? **Examples become a vector**", icon="🧲"
    )


def _result(found: Mapping[tuple[int, int], PatchedOdds], pair: Pair) -> None:
    wanted = next(iter(found.values())).source  # what the model says after the other prompt
    strongest = max(found, key=lambda head: _odds(found[head], wanted)[1])
    head = strongest if len(found) == 1 else _choose_head(list(found), strongest)
    st.markdown(told(found[head], pair, head))
    live_plot(
        patched_bars(found[head]),
        key="inside-patched",
        label="Probability of whole answers: "
        + "; ".join(
            f"{one.text.strip()} {one.before:.0%} before, {one.patched:.0%} with the copied "
            f"output, {one.source:.0%} in the other prompt"
            for one in found[head].answers
        ),
        height=300,
    )
    if len(found) > 1:
        st.markdown(f"**Every head in turn.** How probable is **{_literal(wanted)}** then?")
        small_table(
            [
                {
                    "copied": head_name(one),
                    "before": f"{_odds(odds, wanted)[0]:.0%}",
                    "after": f"{_odds(odds, wanted)[1]:.0%}",
                }
                for one, odds in found.items()
            ],
            "patched-heads",
        )


def told(found: PatchedOdds, pair: Pair, head: tuple[int, int]) -> str:
    """Markdown: whether the answer turns to that of the other prompt, with the odds."""
    before, after, there = (_literal(one) for one in (found.before, found.patched, found.source))
    odds = {one.text.strip(): one for one in found.answers}
    name = head_name(head)
    if found.before == found.source:
        return (
            f"This model says **{before}** after both prompts, so there is nothing to turn. Its "
            "examples do not move it here: take a later step, or another last line."
        )
    was, now = odds[found.before], odds[found.patched]
    if found.patched == found.source:
        right = found.source == pair[1].answer
        verdict = "which is right" if right else f"though {_literal(pair[1].answer)} is right"
        return (
            f"**The answer turns.** Before, the model says {before} ({was.before:.0%}). With the "
            f"output of {name} copied in, it says **{after}** ({now.patched:.0%}). That is what "
            f"it says after the other examples ({now.source:.0%}), {verdict}. Not a letter of the "
            "first prompt was changed."
        )
    if found.patched == found.before:
        return (
            f"**The answer stays.** {name.capitalize()} does not carry what the examples ask: it "
            f"is {before} before ({was.before:.0%}) and after ({was.patched:.0%}). Try another "
            "head."
        )
    return (
        f"**The answer changes** from {before} ({was.before:.0%}) to {after} ({now.patched:.0%}), "
        f"but after the other examples it is {there}. {name.capitalize()} carries only a part."
    )


def _literal(text: str) -> str:
    return literal(text) or "nothing"


def patched_bars(found: PatchedOdds) -> Figure:
    """The odds of each answer in the three readings."""
    readings = (
        [one.before for one in found.answers],
        [one.patched for one in found.answers],
        [one.source for one in found.answers],
    )
    return bars_across(
        {
            name: (odds, {"color": colour, "pattern": {"shape": hatch}})
            for (name, (colour, hatch)), odds in zip(LOOKS.items(), readings, strict=True)
        },
        [one.text.strip() for one in found.answers],
        shown=".1%",
        axis=".0%",
    )


def head_name(head: tuple[int, int]) -> str:
    """`head 2 of layer 1`, counted from 1."""
    return f"head {head[1] + 1} of layer {head[0] + 1}"


def _odds(found: PatchedOdds, text: str) -> tuple[float, float]:
    """The odds of an answer before and after; 0 where it is not among the likely ones."""
    return next(
        ((one.before, one.patched) for one in found.answers if one.text.strip() == text), (0.0, 0.0)
    )


def _relations(relations: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Ask for the relation of the first prompt's examples, and for that of the second one's."""
    groups = list(relations)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        into = _choose("The first prompt shows", groups, keys.PATCH_INTO, FIRST[0])
        source = _choose(
            "The second prompt shows", list(relations[into]), keys.PATCH_SOURCE, FIRST[1]
        )
    return into, source


def _choose(label: str, options: list[str], key: str, first: str = "") -> str:
    """Ask for one of the options; one that was kept but is none of them is forgotten."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = first if first in options else options[0]
    return str(
        st.selectbox(label, options, format_func=group_name, key=key, persist_state="session")
    )


def _choose_head(
    heads: list[tuple[int, int]], first: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Ask for a head; at first it is the one that turns the answer most."""
    names = {head_name(one): one for one in heads}
    key = f"{keys.PATCH_HEAD}-{len(heads)}"
    if st.session_state.get(key) not in names:
        st.session_state[key] = head_name(first or heads[0])
    name = st.selectbox("Copy the output of", list(names), key=key, persist_state="session")
    return names[str(name)]


def _facts(run: RunRow) -> Task | None:
    try:
        return find_task(run.corpus, "facts")
    except TinylmError:
        return None
