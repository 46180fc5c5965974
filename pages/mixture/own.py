"""The learner's own mixture, and the best mixtures of this browser and of the class."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import streamlit as st
from msgspec import Struct

from pages.mixture import keys
from tinylm.experiments.base import Arm
from tinylm.experiments.mixture import BITS, EXPERIMENT, FACTS, USUAL
from tinylm.experiments.recording import Over, Recording
from tinylm.setting import Value
from ui import state
from ui.asking import service
from ui.experiments import Live, is_going, over
from ui.frame import problem, then_all
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


class Usual(NamedTuple):
    """How well the usual text does, over the seeds of the recording."""

    bits: Over
    facts: Over


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
    fixed = is_going(EXPERIMENT)  # what trains is on the mixture that is shown
    st.button("Back to the usual text", on_click=then_all(_usual), icon="↩️", disabled=fixed)
    columns = st.columns(2)
    for place, (name, (title, share)) in enumerate(KINDS.items()):
        with columns[place % 2]:
            key = keys.MIXED + name
            parts = st.slider(title, 0, 100, share, 5, key=key, bind="query-params", disabled=fixed)
            changes[name] = parts / 100
    with columns[1]:
        key = keys.MIXED + "wrong"
        wrong = st.slider(
            "Of them wrong, in %", 0, 50, 0, 5, key=key, bind="query-params", disabled=fixed
        )
    passes = st.select_slider(
        "How often the text is read: more often means a shorter text",
        PASSES,
        1,
        key=keys.MIXED + "passes",
        bind="query-params",
        disabled=fixed,
    )
    if not any(changes.values()):
        problem("Nothing is in this mixture: give one kind of documents a part.")
        return None
    _say_who_sees()
    changes |= {"wrong": wrong / 100, "passes": passes}
    return Arm(USUAL, in_words(changes), changes)  # it is measured as the usual text is


def _say_who_sees() -> None:
    """On a server for many: say before the button that the table below is everybody's."""
    if not service().viewer.alone:
        st.markdown(
            "Everybody on this server sees the parts of your mixture and its figures in the table "
            "below, without your name."
        )


def _usual() -> None:
    """Set every slider back to the usual text."""
    for name, (_, share) in KINDS.items():
        st.session_state[keys.MIXED + name] = share
    st.session_state[keys.MIXED + "wrong"] = 0
    st.session_state[keys.MIXED + "passes"] = PASSES[0]


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


def usual_text(recording: Recording | None) -> Usual | None:
    """The figures of the usual text; None where there is no recording."""
    bits, facts = over(recording, USUAL, BITS), over(recording, USUAL, FACTS)
    return Usual(bits, facts) if bits is not None and facts is not None else None


def table(usual: Usual | None) -> None:
    """The best mixtures of this browser, and of everybody here; no names."""
    mine = scores(v for k, v in state.answers().items() if k.startswith(keys.SCORE))
    medal = "" if usual is None else " A medal needs fewer than the usual text with any seed."
    st.markdown(
        "Fewest **bits per byte** win: so many yes-or-no answers the model still needs for each "
        f"letter of a text that it has never read. This text is the same for everybody.{medal}"
    )
    if mine and usual is not None:
        st.markdown(beside_usual(mine[0], usual))
    everybody = scores(service().class_answers(keys.SCORE))
    for title, found in (("Yours", mine), ("Of everybody here", everybody)):
        if found or title == "Yours":
            st.markdown(f"**{title}**")
            small_table(rows(found, mine, usual), f"mixtures-{title}")


def beside_usual(best: Score, usual: Usual) -> str:
    """Markdown: how the learner's best mixture does beside the usual text."""
    said = (
        f"Your best mixture needs **{best.bits:.3f}** bits per byte, the usual text "
        f"{usual.bits.mean:.3f} (seeds: {usual.bits.lowest:.3f} to {usual.bits.highest:.3f})."
    )
    if best.bits < usual.bits.lowest:
        return f"{said} Yours is better."
    if best.bits > usual.bits.highest:
        return f"{said} The usual text is better still."
    return f"{said} It is about as good."


def rows(
    found: Sequence[Score], mine: Sequence[Score], usual: Usual | None
) -> list[dict[str, str]]:
    """The best rows of a table, the usual text among them.

    The newest mixture of this learner is marked, also below the best ones.
    """
    newest = max(mine, key=lambda one: one.place, default=None)
    best = list(enumerate(found, start=1))
    shown = best[:BEST] + [one for one in best[BEST:] if one[1] == newest]
    drawn = [
        (
            one.bits,
            {
                "place": f"**{place}** 🏅" if place == 1 and _medal(one, usual) else str(place),
                "mixture": in_words(one.mixture) + (" ← **your newest**" if one == newest else ""),
                "bits per byte": f"{one.bits:.3f}",
                "facts": f"{one.facts:.0%}",
            },
        )
        for place, one in shown
    ]
    if usual is not None:
        row = {
            "place": "–",
            "mixture": "*the usual text, recorded*",
            "bits per byte": f"{usual.bits.mean:.3f}",
            "facts": f"{usual.facts.mean:.0%}",
        }
        drawn.append((usual.bits.mean, row))
    return [row for _, row in sorted(drawn, key=lambda one: one[0])]


def _medal(one: Score, usual: Usual | None) -> bool:
    return usual is None or one.bits < usual.bits.lowest
