"""Learned by heart: which words of what a model writes stand word for word in what it read."""

from __future__ import annotations

import streamlit as st

from pages.limits import keys
from pages.limits.whose import RECORDED
from tinylm import recorded
from tinylm.evaluation.memorising import LEAST, copied_share
from tinylm.predictions import SHARE
from tinylm.presets import PRESETS
from tinylm.questions.corpora import Copied, Copies
from tinylm.runs.store.rows import RunRow, shown_id
from tinylm.setting import Value
from ui import state
from ui.asking import ask_all, service
from ui.bases import MADE_WORLD, is_demonstration, newest_fit
from ui.choosing import base_runs, corpus_words
from ui.copies import TEXTS, compared, highlighted, times, unread, written
from ui.glossary import QUOTED
from ui.predict import predict_number, reveal_number

FIRST = 1  # the turn of the first texts
Told = dict[str, Value]  # the settings of the text that are not the usual ones
Reader = tuple[str, int, str, int, Told]  # run, step, corpus, documents


def memorised() -> None:
    """Let a model write, highlight what it copies, and compare with a text that it never read."""
    reader = _choose_reader()
    if reader is None:
        return
    run, step, corpus, documents, told = reader
    # The made world writes as many documents as it is asked for; another text may have fewer.
    usual = documents and corpus == MADE_WORLD and not told
    given = f"the {documents:,} documents" if usual else "the text"
    st.markdown(
        f"The model writes {TEXTS} texts of its own. Where **{LEAST} or more words** in a row "
        f"stand word for word in {given} that it was trained on, they are coloured. A mark such as "
        "a full stop counts as a word here. A model that has learned its text by heart repeats it. "
        "One that has learned the *language* says new things."
    )
    setting = f"{run} at step {step}"
    if not predict_number(
        keys.PREDICTED_COPIED,
        "Which share of its words will be part of such a copy?",
        0,
        100,
        setting,
        unit=SHARE,
    ):
        return
    turn = int(st.session_state.get(_turn_key(setting), FIRST))
    text = written(run, step, turn)
    st.button("Other texts", on_click=_another, args=(_turn_key(setting),))
    if not text:
        return
    texts = {"written": text, "unread": unread(corpus)}
    found = ask_all(
        {
            name: Copied(corpus, text, documents, LEAST, told)
            for name, text in texts.items()
            if text.split()
        },
        "Looking for copies in all that it read …",
    )
    if "written" not in found:
        return
    with st.container(key=f"{QUOTED}-copies"):
        st.markdown(highlighted(text, found["written"].copies))
    _judge(found["written"], found.get("unread"), text, setting, turn == FIRST)


def _choose_reader() -> Reader | None:
    """Ask for a run, over-fitted ones included, or the recorded model.

    None, with a note, for a run of which nothing is kept yet. Only the chosen run is looked into:
    a class may have made hundreds.
    """
    runs = {run.id: run for run in base_runs()}
    first, _ = newest_fit(list(runs.values()), state.learner())
    options = [*runs, RECORDED]
    picked = st.selectbox(
        "Who writes",
        options,
        index=options.index(first.id if first else RECORDED),
        format_func=lambda one: _writer(runs[one]) if one in runs else one,
        key=keys.COPY_RUN,
        persist_state="session",
    )
    st.markdown(
        ":small[It copies most where the text is short and is read often: try a run on your own "
        "text, or the over-fitting that Pre-train offers.]"
    )
    if picked not in runs:
        brought = recorded.recording()
        return recorded.RUN, brought.last.step, MADE_WORLD, PRESETS[brought.preset].documents, {}
    run = runs[picked]
    saved = service().checkpoints(run.id)
    if not saved:
        st.info("This run has kept no model yet: choose another, or wait a moment.", icon="🔄")
        return None
    st.markdown(
        f":small[The model of its last step, **{saved[-1]:,}**, writes: it has read the text most "
        "often. Other lessons use the step that was best on new text.]"
    )
    return run.id, saved[-1], run.corpus, run.config.documents, run.config.text.changes


def _writer(run: RunRow) -> str:
    shows = ", over-fitted on purpose" if is_demonstration(run) else ""
    return f"{run.title or corpus_words(run.corpus)} · {shown_id(run.id)}{shows}"


def _turn_key(setting: str) -> str:
    return f"{keys.COPY_SEED}-{setting}"


def _another(key: str) -> None:
    st.session_state[key] = int(st.session_state.get(key, FIRST)) + 1


def _judge(found: Copies, control: Copies | None, text: str, setting: str, first: bool) -> None:
    """Say how much is copied. Only the first texts judge the prediction, which was about them."""
    share = copied_share(found)
    longest = found.longest
    named = (
        f"The longest copy has {longest.words} words and stands {times(longest.times)} in the text."
        if longest
        else f"No copy has {LEAST} words."
    )
    measured = f"{found.copied} of its {found.words} words are copied ({share:.0%}). {named}"
    because = compared(found, control)
    if first:
        reveal_number(keys.PREDICTED_COPIED, 100 * share, measured, because, setting)
    else:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f"**{measured}**")
            st.markdown(because)
    if longest:
        st.markdown("**The longest copy, as it stands in what it read**")
        st.code(text[longest.start : longest.end], language=None, wrap_lines=True)
