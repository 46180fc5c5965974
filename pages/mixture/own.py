"""The learner's own mixture, and the best mixtures of this browser and of the class."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import streamlit as st
from msgspec import Struct

from pages.mixture import keys
from tinylm.experiments.base import Arm
from tinylm.experiments.mixture import BITS, FACTS, USUAL
from tinylm.setting import Value
from ui import state
from ui.asking import service
from ui.experiments import Live
from ui.frame import problem
from ui.tables import small_table

# Kinds of documents, by their settings: their names, and the shares at first, in hundredths.
KINDS = {
    "prose": ("Sentences", 30),
    "info_boxes": ("Info-boxes", 25),
    "worksheets": ("Worksheets", 35),
    "parallel": ("Translations", 5),
    "reviews": ("Reviews", 5),
}
PASSES = (1, 2, 4, 8, 16, 32, 64)
BEST = 8  # rows of the table


class Score(Struct, frozen=True):
    """How well a mixture did; stored as an answer of a learner."""

    mixture: dict[str, float]
    seed: int
    bits: float  # for each byte of the validation text
    facts: float
    place: int  # 1 for the first mixture of this learner, then 2, 3 …


def mixed() -> Arm | None:
    """Ask for a mixture; None, with a sentence, where nothing is in it."""
    changes: dict[str, Value] = {}
    columns = st.columns(2)
    for place, (name, (title, share)) in enumerate(KINDS.items()):
        with columns[place % 2]:
            key = keys.MIXED + name
            parts = st.slider(title, 0, 100, share, 5, key=key, persist_state="session")
            changes[name] = parts / 100
    with columns[1]:
        wrong = st.slider(
            "Of them wrong, in %", 0, 50, 0, 5, key=keys.MIXED + "wrong", persist_state="session"
        )
    passes = st.select_slider(
        "How often the text is read: more often means a shorter text",
        PASSES,
        1,
        key=keys.MIXED + "passes",
        persist_state="session",
    )
    if not any(changes.values()):
        problem("Nothing is in this mixture: give one kind of documents a part.")
        return None
    changes |= {"wrong": wrong / 100, "passes": passes}
    return Arm(USUAL, in_words(changes), changes)  # it is measured as the usual text is


def in_words(mixture: Mapping[str, Value]) -> str:
    """`30 % sentences, 70 % worksheets; 5 % wrong; read 4 times`."""
    parts = {name: float(mixture.get(name, 0)) for name in KINDS}
    total = sum(parts.values()) or 1.0
    said = [f"{part / total:.0%} {KINDS[name][0].lower()}" for name, part in parts.items() if part]
    words = ", ".join(said)
    if wrong := float(mixture.get("wrong", 0)):
        words += f"; {wrong:.0%} wrong"
    if (passes := float(mixture.get("passes", 1))) > 1:
        words += f"; read {passes:.0f} times"
    return words


def keep(arm: Arm, found: Live) -> None:
    """Keep the score of a mixture once it is measured."""
    figures = found.figures(USUAL)
    if not found.complete or not {BITS, FACTS} <= figures.keys():
        return
    named = json.dumps([dict(arm.changes), found.seed], sort_keys=True)
    key = f"{keys.SCORE}{zlib.crc32(named.encode()):08x}"
    mine = state.answers()
    if key not in mine:
        place = 1 + sum(one.startswith(keys.SCORE) for one in mine)
        numbers = {name: float(value) for name, value in arm.changes.items()}
        score = Score(numbers, found.seed, figures[BITS].value, figures[FACTS].value, place)
        state.keep_answer(key, msgspec.to_builtins(score))


def scores(answers: Iterable[object]) -> list[Score]:
    """The scores among stored answers, the best first; what is none is left out."""
    found = []
    for one in answers:
        try:
            found.append(msgspec.convert(one, Score))
        except msgspec.ValidationError:
            continue
    return sorted(found, key=lambda one: (one.bits, -one.facts))


def table() -> None:
    """The best mixtures of this browser, and of everybody here; no names."""
    mine = scores(v for k, v in state.answers().items() if k.startswith(keys.SCORE))
    if not mine:
        st.markdown(
            "Train a mixture, and it gets a place in this table. Fewest **bits per byte** win: so "
            "many yes-or-no answers the model still needs for each letter of a text that it has "
            "never read. This text is the same for everybody."
        )
    everybody = scores(service().class_answers(keys.SCORE))
    for title, found in (("Yours", mine), ("Of everybody here", everybody)):
        if found:
            st.markdown(f"**{title}**")
            small_table(rows(found, mine), f"mixtures-{title}")


def rows(found: Sequence[Score], mine: Sequence[Score]) -> list[dict[str, str]]:
    """The best rows of a table; the newest mixture of this learner is marked, also below them."""
    newest = max(mine, key=lambda one: one.place, default=None)
    best = list(enumerate(found, start=1))
    shown = best[:BEST] + [one for one in best[BEST:] if one[1] == newest]
    return [
        {
            "place": f"**{place}** 🏅" if place == 1 else str(place),
            "mixture": in_words(one.mixture) + (" ← **your newest**" if one == newest else ""),
            "bits per byte": f"{one.bits:.3f}",
            "facts": f"{one.facts:.0%}",
        }
        for place, one in shown
    ]
