"""A one-sided text: make one answer common in the tables, train on it, and see what comes out."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.limits import keys
from pages.limits.charts import describe, share_bars
from tinylm.config import RunConfig
from tinylm.corpora import world_of
from tinylm.corpora.sources.own_worlds import world_name
from tinylm.corpora.world.skew import Skewed, skew
from tinylm.corpora.world.tables import Grids, original_tables
from tinylm.predictions import SHARE
from tinylm.presets import PRESETS, preset_config
from tinylm.questions.limits import Lean, Leaned
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import ask_all, service
from ui.bases import even_title, skewed_title
from ui.charts.base import BLUE, OCHRE
from ui.choosing import SEED
from ui.frame import STATUS_WORDS, draw_anew, guarded, literal, problem, then_all
from ui.line import state_line, tick_of
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number

PRESET = "glance"
TABLES = {
    "countries.currency": ("the currency of countries", "franc"),
    "countries.language": ("the language of countries", "Spanish"),
    "foods.taste": ("the taste of foods", "salty"),
    "animals.home": ("the home of animals", "sea"),
}
SHOWN = 4  # changed rows that are named
Worlds = dict[str, Grids]  # the tables of both, by the names in TWO
TWO = ("skewed", "even")  # the two worlds and their runs


@guarded
def skewed() -> None:
    """Edit the tables with three choices, train two models, and compare what they lean to."""
    st.markdown(
        "A model learns what its text says, and **how often** it says so. Make one answer too "
        "common in the tables of the made world, and train on the text that they give. What will "
        "the model say about things of which its text says *otherwise*?"
    )
    relation, value, share, made = _choose()
    setting = f"{relation}, {value}, {share} %"
    if not predict_number(
        keys.PREDICTED_SKEWED,
        f"Where the new tables still have another answer than *{literal(value)}*: to which share "
        f"of these will the model say *{literal(value)}* all the same?",
        0,
        100,
        setting,
        unit=SHARE,
    ):
        return
    worlds = _worlds(relation, made)
    names = {name: world_name(tables) for name, tables in worlds.items()}
    runs = _runs(names)
    if not _usable(runs, names["skewed"]):
        _offer(runs, worlds, value)
        return
    trained = _watch(runs)
    if trained:
        _measured(trained, names["skewed"], relation, value, setting)


def _choose() -> tuple[str, str, int, Skewed]:
    """Ask what is made common, and how common; show what the tables say then."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        relation = st.selectbox(
            "Change",
            list(TABLES),
            format_func=lambda one: TABLES[one][0],
            key=keys.SKEWED_RELATION,
            persist_state="session",
            width=280,
        )
        table, _, column = relation.partition(".")
        grid = original_tables()[table]
        place = grid.head.index(column)
        answers = sorted({row[place] for row in grid.rows if row and row[place]})
        value = st.selectbox(
            "to",
            answers,
            index=answers.index(TABLES[relation][1]),
            key=f"{keys.SKEWED_VALUE}-{relation}",
            persist_state="session",
            width=200,
        )
        share = st.select_slider(
            "in … % of the other rows",
            (10, 25, 50, 75, 90),
            50,
            key=keys.SKEWED_SHARE,
            persist_state="session",
            width=240,
        )
    made = skew(grid, column, value, int(share))
    some = ", ".join(f"{literal(name)} ({literal(old)})" for name, old in made.changed[:SHOWN])
    st.markdown(
        f"In **{len(made.changed)} of {made.rows}** rows the answer becomes "
        f"**{literal(value)}**: {some} and others."
    )
    return relation, value, int(share), made


def _worlds(relation: str, made: Skewed) -> Worlds:
    """The tables of both worlds."""
    table = relation.partition(".")[0]
    return {
        name: original_tables() | {table: grid}
        for name, grid in zip(TWO, (made.skewed, made.even), strict=True)
    }


def _runs(names: Mapping[str, str]) -> dict[str, RunRow]:
    """This learner's newest run on each of the worlds, where there is one."""
    mine = [run for run in service().runs("pretrain") if run.owner == state.learner()]
    found = {
        name: next((run for run in mine if run.config == _config(world)), None)
        for name, world in names.items()
    }
    return {name: run for name, run in found.items() if run is not None}


def _config(world: str) -> RunConfig:
    return preset_config(PRESET, corpus=world)


def _usable(runs: Mapping[str, RunRow], world: str) -> bool:
    """Whether both runs train or are done, and the world that they are asked about is kept."""
    going = [run for run in runs.values() if run.active or run.status == "done"]
    return len(going) == len(TWO) and world_of(world, service().home) is not None


def _offer(runs: Mapping[str, RunRow], worlds: Worlds, value: str) -> None:
    """A button that makes both worlds and trains a model on each of them."""
    for run in runs.values():
        if not run.active and run.status != "done":
            said = f"{run.title}: {STATUS_WORDS[run.status]}. {run.error}"
            problem(f"{said.strip()} Train both once more.")
    st.markdown(
        f"Two models are trained, {PRESETS[PRESET].title} each where nothing else runs. One reads "
        "the skewed world. The other reads a world in which the **same rows** were changed, but "
        "each to another answer in turn: what differs between the two is the skew alone."
    )
    st.button("Make it and train", type="primary", on_click=then_all(_start), args=(worlds, value))


def _start(worlds: Worlds, value: str) -> None:
    titles = (f"Skewed to {value}", f"Changed as much as for {value}")
    first, second = (
        _config(service().keep_world(title, worlds[name]).name)
        for name, title in zip(TWO, titles, strict=True)
    )
    titles = (skewed_title(value), even_title(value))
    service().start_pair(first, second, titles)


def _watch(runs: Mapping[str, RunRow]) -> dict[str, RunRow]:
    """Show both while they train; returns them once both are done, and before that nothing."""
    ids = {name: run.id for name, run in runs.items()}
    active = any(run.active for run in runs.values())
    every = tick_of(runs.values()) if active else None

    @st.fragment(run_every=every)
    @guarded
    def look() -> None:
        now = {name: service().run(one) for name, one in ids.items()}
        still = any(run.active for run in now.values())
        if active and (not still or tick_of(now.values()) != every):
            draw_anew()
        for run in now.values():
            if run.status != "done":
                text = f"**{literal(run.title)}** · {state_line(run)}"
                st.progress(run.progress, text=text)

    look()
    found = {name: service().run(one) for name, one in ids.items()}
    return found if all(run.status == "done" for run in found.values()) else {}


def _measured(
    runs: Mapping[str, RunRow], world: str, relation: str, value: str, setting: str
) -> None:
    questions = {
        name: Lean(run.id, service().best_step(run.id) or 0, world, relation, value, seed=SEED)
        for name, run in runs.items()
    }
    found = ask_all(questions, "Asking both models …")
    if len(found) < len(questions):
        return
    leans, even = found["skewed"], found["even"]
    reveal_number(
        keys.PREDICTED_SKEWED,
        100 * leans.otherwise.accuracy,
        f"It says {literal(value)} to {leans.otherwise.correct} of {leans.otherwise.n} things of "
        f"which its own text says otherwise; the model of the even world to "
        f"{even.otherwise.correct} of them.",
        verdict(leans, even, value),
        setting,
    )
    shown = {
        "skewed text, its text says otherwise": leans.otherwise,
        "skewed text, names it never read": leans.unread,
        "even text, its text says otherwise": even.otherwise,
        "even text, names it never read": even.unread,
    }
    st.markdown(f"**How often the answer is {literal(value)}**")
    live_plot(
        share_bars(shown, (OCHRE, OCHRE, BLUE, BLUE)),
        key="limits-skewed",
        label=f"Share of answers that are {value}. {describe(shown)}.",
        height=260,
    )
    said = [one for one in leans.examples if one.answer == value]
    if said:
        st.markdown(
            "For instance: "
            + ", ".join(
                f"{literal(one.name)} → **{literal(one.answer)}** ({one.probability:.0%})"
                for one in said[:SHOWN]
            )
            + ". The text says something else of each of these."
        )


def verdict(leans: Leaned, even: Leaned, value: str) -> str:
    """Markdown: whether the skew of the text is found in the answers, and what follows."""
    asked = f"Asked about {leans.unread.n} names that stand in no text, it says"
    said = (
        f"{asked} {literal(value)} to {leans.unread.accuracy:.0%}, and the model of the even world "
        f"to {even.unread.accuracy:.0%}. "
    )
    if leans.otherwise.low > even.otherwise.high or leans.unread.low > even.unread.high:
        return said + (
            "**The text's skew became the model's.** Where it is unsure, it falls back on what it "
            "read most. Nobody told it to: predicting the next word rewards it. This is called "
            "*bias*, and in real texts it concerns people."
        )
    return said + (
        "The 95 % intervals meet: with these settings no bias is shown. Try a larger share of "
        "the other rows."
    )
