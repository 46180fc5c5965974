"""What the model expects next, in words or tokens, and how much each word surprised it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.inside import keys
from pages.inside.invented import KNOWN, UNKNOWN, about
from pages.inside.surprise import surprise_text
from tinylm.config import ELSEWHERE
from tinylm.corpora import world_of
from tinylm.events import RunStarted
from tinylm.questions.inside import Inspection
from tinylm.questions.models import Likely
from tinylm.questions.words import NextWhole, WholeOdds
from tinylm.runs.store.rows import RunRow
from ui.asking import ask, service
from ui.charts import base as charts
from ui.charts.whole import percent
from ui.elsewhere import NAME
from ui.frame import LIMITS, numbers_behind
from ui.odds import choose_unit, sentence, show_whole
from ui.plot import live_plot
from ui.spans import (
    Span,
    by_span,
    each_token,
    each_word,
    most_surprising,
    surprise_of,
    worse_than_blind,
)

SHOWN = 6  # bars


def odds_view(run: RunRow, step: int, found: Inspection) -> None:
    """Show the odds after a chosen place, and the surprise at every word or token."""
    pieces = choose_unit()
    spans = each_token(found.tokens) if pieces else each_word(found.tokens)
    place = _choose_place(spans, pieces)
    model = NAME if run.kind == ELSEWHERE else "base" if step else "untrained"
    if pieces:
        _token_odds(found, place, model)
    else:
        _word_odds(run, step, "".join(found.tokens[1 : place + 1]), model)
    if spans:
        _surprise(run, step, found, spans, "token" if pieces else "word")
    if pieces:
        rows = [
            {"position": i, "token": one.text, "probability": one.probability}
            for i, several in enumerate(found.odds)
            for one in several
        ]
        numbers_behind(rows, "inside-odds-table")


def _choose_place(spans: Sequence[Span], pieces: bool) -> int:
    """Ask after which token the odds are wanted; at first after the last one."""
    names = {0: "‹start›"} | {span.last: charts.visible(span.text).lstrip("␣") for span in spans}
    if len(names) == 1:
        return 0
    place = st.select_slider(
        "What comes after",
        list(names),
        value=max(names),
        format_func=lambda one: f"{list(names).index(one)}: {names[one]}",
        key=f"{keys.INSIDE_POSITION}-{len(names)}-{max(names)}-{pieces}",
        persist_state="session",
    )
    return int(place or 0)


def _word_odds(run: RunRow, step: int, text: str, model: str) -> None:
    whole = ask(NextWhole(run.id, step, text, top=SHOWN), "Reading words to their end …")
    if whole is None:
        return
    st.markdown(f"{sentence(whole)} {_all_others(whole)}")
    show_whole(whole, model, key="inside-whole")
    # What the made world says is no measure of a model that has read other texts.
    world = None if run.kind == ELSEWHERE else world_of(run.corpus, service().home)
    said = about(text, whole.likely[0], world) if world and whole.likely else ""
    if said:
        st.info(said, icon="💭")
        st.page_link(LIMITS, label="How often does it make something up? **Measure it**", icon="🚧")
    if world:
        with st.container(horizontal=True):
            for other in (KNOWN, UNKNOWN):
                if text != other:
                    st.button(f"Try: {other} …", on_click=_take, args=(other,))


def _take(text: str) -> None:
    st.session_state[keys.INSIDE_TEXT] = text


def _all_others(found: WholeOdds) -> str:
    return (
        f"All words that are not shown share {percent(found.rest)}. Before it draws one, the model "
        "gives **odds to every word** that it could write."
    )


def _token_odds(found: Inspection, place: int, model: str) -> None:
    row = found.odds[place]
    live_plot(
        charts.odds_bars({model: [(one.text, one.probability) for one in row]}),
        key="inside-odds",
        label=odds_in_words(place, row),
        height=240,
    )


def odds_in_words(position: int, row: Sequence[Likely]) -> str:
    """The odds after a position in a sentence, for people who cannot see the chart."""
    told = ", ".join(f"{one.text.strip()} {percent(one.probability)}" for one in row)
    return f"Most probable tokens after position {position}: {told}"


def _surprise(run: RunRow, step: int, found: Inspection, spans: Sequence[Span], what: str) -> None:
    bits = by_span(spans, surprise_of(found.tokens, found.given))
    if what == "word":
        bits = [(text.strip() or text, amount) for text, amount in bits]
    st.markdown(
        f"**How surprised it was by each {what} of your text.** Before a {what} came, the model "
        "had given odds to it. A **bit** counts how small they were: it is the surprise at a coin, "
        "with odds of 1 in 2. Each further bit halves the odds. The deeper the colour, "
        f"the greater the surprise. The greatest is at {most_surprising(bits)}."
    )
    started = service().latest(run.id, RunStarted) if step else None  # untrained, it is blind
    if started and (said := worse_than_blind(spans, bits, started.vocab_size)):
        st.markdown(said)
    surprise_text(bits, key="inside-shaded")
    names = [charts.visible(text) for text, _ in bits]
    rows = [{what: n, "bits": amount} for n, (_, amount) in zip(names, bits, strict=True)]
    numbers_behind(rows, f"inside-surprise-{what}")
