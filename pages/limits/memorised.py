"""Learned by heart: which words of what a model writes stand word for word in what it read."""

from __future__ import annotations

import streamlit as st

from pages.limits import keys
from pages.limits.whose import RECORDED
from tinylm import recorded
from tinylm.evaluation.memorising import LEAST, copied_share
from tinylm.presets import PRESETS
from tinylm.questions.corpora import Copied, Copies
from tinylm.questions.models import Sample
from ui.asking import ask_all, service
from ui.bases import MADE_WORLD, is_demonstration
from ui.choosing import base_runs, corpus_words
from ui.copies import compared, highlighted, times, unread
from ui.glossary import QUOTED
from ui.predict import predict_number, reveal_number
from ui.verdicts import SHARE

FIRST = 1  # the seed of the first texts
TEXTS = 4  # that the model writes at once
TOKENS = 120  # of each of them
Reader = tuple[str, int, str, int]  # run, step, corpus, documents


def memorised() -> None:
    """Let a model write, highlight what it copies, and compare with a text that it never read."""
    reader = _choose_reader()
    run, step, corpus, documents = reader
    st.markdown(
        f"The model writes {TEXTS} texts of its own. Where **{LEAST} or more words** in a row "
        "stand word for word in the text that it read, they are coloured. A mark such as a full "
        "stop counts as a word here. A model that has learned its text by heart repeats it. One "
        "that has learned the *language* says new things."
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
    seed = int(st.session_state.get(_seed_key(setting), FIRST))
    seeds = range(TEXTS * (seed - 1) + 1, TEXTS * seed + 1)
    written = ask_all({one: Sample(run, step, "", TOKENS, seed=one) for one in seeds}, "Writing …")
    st.button("Other texts", on_click=_another, args=(_seed_key(setting),))
    if len(written) < TEXTS:
        return
    texts = {
        "written": "\n\n".join(written[one].text.strip() for one in seeds),
        "unread": unread(corpus),
    }
    found = ask_all(
        {
            name: Copied(corpus, text, documents, LEAST)
            for name, text in texts.items()
            if text.split()
        },
        "Looking for copies in all that it read …",
    )
    if "written" not in found:
        return
    with st.container(key=f"{QUOTED}-copies"):
        st.markdown(highlighted(texts["written"], found["written"].copies))
    _judge(found["written"], found.get("unread"), texts["written"], setting, seed == FIRST)


def _choose_reader() -> Reader:
    """Ask for a run, over-fitted ones included, or the recorded model."""
    brought = recorded.recording()
    readers: dict[str, Reader] = {}
    names = {}
    for run in base_runs():
        steps = service().checkpoints(run.id)
        if steps:
            readers[run.id] = (run.id, steps[-1], run.corpus, run.config.documents)
            shows = ", over-fitted on purpose" if is_demonstration(run) else ""
            names[run.id] = f"{run.title or corpus_words(run.corpus)} · {run.id}{shows}"
    documents = PRESETS[brought.preset].documents
    readers[RECORDED] = (recorded.RUN, brought.last.step, MADE_WORLD, documents)
    picked = st.selectbox(
        "Who writes",
        list(readers),
        format_func=lambda one: names.get(one, one),
        key=keys.COPY_RUN,
        persist_state="session",
    )
    st.markdown(
        ":small[It copies most where the text is short and is read often: try a run on your own "
        "text, or the over-fitting that Pre-train offers.]"
    )
    return readers[picked or RECORDED]


def _seed_key(setting: str) -> str:
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
