"""What a run writes, with right and wrong statements marked, and the film of its next token."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.learned_charts import odds_film
from tinylm.corpora import check_for, world_of
from tinylm.corpora.world.truth import Statement, Verdict, tally
from tinylm.events import NextTokenOdds, Sampled
from tinylm.runs.store.rows import RunRow
from ui.charts import base as charts
from ui.frame import literal, numbers_behind
from ui.plot import live_plot

SHOWN_SAMPLES = 6
FRAME = 0.6  # seconds for which each picture of the film is shown


def samples(run: RunRow, found: Sequence[Sampled]) -> None:
    """Show the texts that the run wrote, newest first."""
    st.subheader("What it writes", anchor=False)
    if not found:
        st.markdown("The first text comes with the first validation.")
        return
    marks = world_of(run.corpus) is not None and run.kind == "pretrain"
    with st.container(height=320, border=False):
        newest = list(reversed(found))[:SHOWN_SAMPLES]
        # All texts are one element, because each further element adds 150 bytes to every update.
        st.markdown("\n\n".join(_sample(run.corpus, sample, marks) for sample in newest))
    if marks:
        st.markdown(
            "Marked is what the tables of the world can decide: ✓ right, ✗ wrong, with what "
            "would be right in brackets. All other sentences and lines count as not checkable."
        )


def _sample(corpus: str, sample: Sampled, marks: bool) -> str:
    """Markdown of one text, with its step as the title."""
    text = sample.prompt + sample.text
    statements = check_for(corpus, text) if marks else ()
    return f"**Step {sample.step:,}**{_count(statements)}\n\n{marked(text, statements)}"


def marked(text: str, statements: Sequence[Statement]) -> str:
    """Markdown of `text` with its statements marked; nothing in the text acts as Markdown."""
    parts, done = [], 0
    for statement in statements:
        if statement.verdict is Verdict.NOT_CHECKABLE:
            continue
        parts.append(_lines(text[done : statement.mark_start]))
        shown = literal(text[statement.mark_start : statement.mark_end])
        if statement.verdict is Verdict.RIGHT:
            parts.append(f":green-background[{shown} ✓]")
        else:
            right = f" ({literal(statement.truth)})" if statement.truth else ""
            parts.append(f":red-background[{shown} ✗{right}]")
        done = statement.mark_end
    return "".join([*parts, _lines(text[done:])])


def _lines(text: str) -> str:
    """Like `literal`, but keep line breaks, and one space where a line begins or ends with any."""
    lines = []
    for line in text.split("\n"):
        shown = literal(line)
        before = " " * (bool(shown) and line[:1].isspace())
        lines.append(f"{before}{shown}{' ' * line[-1:].isspace()}")
    return "  \n".join(lines)


def _count(statements: Sequence[Statement]) -> str:
    if not statements:
        return ""
    counts = tally(statements)
    return f" · {counts.right} right · {counts.wrong} wrong · {counts.not_checkable} not checkable"


def film(pictures: Sequence[NextTokenOdds], playing: bool, rerun: Callable[[], object]) -> None:
    """Show the odds of one sentence's next token, at one step or at all steps as a film.

    `rerun` draws the page again after the button is pressed or the film has ended.
    """
    st.subheader("What it expects next", anchor=False)
    if not pictures:
        st.markdown("The odds of the next token come with the first validation.")
        return
    steps = [picture.step for picture in pictures]
    shown = _picture_to_show(steps, playing)
    if playing and shown == steps[-1]:
        st.session_state[keys.FILM_PLAYS] = False
        rerun()
    if len(steps) > 1:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.select_slider("Picture at step", steps, key=keys.FILM, width="stretch")
            shown = int(chosen) if chosen is not None else shown
            if st.button("Stop the film" if playing else "Play", key="film-button"):
                st.session_state[keys.FILM_PLAYS] = not playing
                st.session_state[_REWIND] = not playing
                rerun()
    picture = pictures[steps.index(shown)]
    st.code(picture.prompt, language=None, wrap_lines=True)
    pairs = list(zip(picture.tokens, picture.probabilities, strict=True))[:8]
    told = ", ".join(f"{text.strip()} {chance:.0%}" for text, chance in pairs)
    live_plot(
        charts.odds_bars({"base": pairs}),
        key="live-odds",
        label=f"Most probable next tokens at step {shown}: {told}",
        height=230,
    )
    if len(steps) > 1:
        live_plot(
            odds_film(pictures, shown),
            key="odds-film",
            label=f"How the odds of the most probable tokens moved up to step {shown}.",
            height=230,
        )
    rows = [
        {"step": one.step, "token": token, "probability": chance}
        for one in pictures
        for token, chance in zip(one.tokens, one.probabilities, strict=True)
    ]
    numbers_behind(rows, "film-table", "The odds as a table")


_LAST = "film_last"  # the newest step at the time when the film was last drawn
_REWIND = "film_rewind"


def _picture_to_show(steps: Sequence[int], playing: bool) -> int:
    """Move the slider before it is drawn, and return its step.

    While the film plays, it moves one picture on. Otherwise it follows the newest picture,
    unless the learner moved it to an older one.
    """
    kept = st.session_state.get(keys.FILM)
    if st.session_state.pop(_REWIND, False):
        now = steps[0]
    elif playing and kept in steps:
        now = steps[min(steps.index(kept) + 1, len(steps) - 1)]
    elif kept is None or kept not in steps or kept == st.session_state.get(_LAST):
        now = steps[-1]
    else:
        now = int(kept)
    st.session_state[_LAST] = steps[-1]
    if len(steps) > 1:
        st.session_state[keys.FILM] = now
    return int(now)
