"""The chosen text as a learner's own: what it gave, train on it, mix it with the made world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from pages.corpus import keys
from tinylm.config import RunConfig
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.recipes import recipe_for
from tinylm.corpora.sources.mixtures import weights_for
from tinylm.corpora.sources.uploads import free_title, is_upload
from tinylm.presets import PRESETS, preset_config
from tinylm.questions.corpora import CorpusSize, CorpusStatistics, Size, Statistics
from ui import state
from ui.asking import ask_all, service
from ui.bases import MADE_WORLD
from ui.frame import PRETRAIN, draw_anew, guarded

SHARE = 10  # percent of the characters; measured: docs/measurements.md
SHARES = (5, 95, 5)  # the least, the most, and the step between two
SHORT, USUAL = "glance", "quick"  # the presets that a sentence names


class Length(NamedTuple):
    """How much a training reads that a sentence names."""

    title: str  # what follows "a training"
    documents: int  # that its corpus is asked for
    tokens: int


def lengths() -> list[Length]:
    """The trainings to count for, the usual one first; in a class with a time, that of the class.

    Raises StorageError.
    """
    if (budget := service().budget()) is not None:
        return [_length("in your class's time", budget.config(preset_config(budget.preset)))]
    return [_length(f"of {PRESETS[name].title}", preset_config(name)) for name in (USUAL, SHORT)]


def _length(title: str, config: RunConfig) -> Length:
    tokens = config.train.steps * config.train.batch_size * config.model.block_size
    return Length(title, config.documents, tokens)


def train_on(key: str) -> None:
    """The button that opens Pre-train with the chosen corpus."""
    if st.button("Train on this", type="primary", key=key):
        state.show_run("")
        state.keep_once(keys.LOOKED_AT_CORPUS)
        st.switch_page(PRETRAIN)


@guarded
def what_suits(corpus: CorpusInfo) -> None:
    """Say what the usual training would make of a text, and which settings suit it, and why."""
    budget = service().budget()
    reasons = recipe_for(corpus.name, budget.preset if budget else USUAL, service().home).reasons
    if not reasons:
        return
    st.markdown(reasons[0])
    if len(reasons) > 1:
        with st.expander("What suits this text, and why"):
            st.markdown("\n".join(f"- {reason}" for reason in reasons[1:]))


def in_passages(found: CorpusStatistics) -> str:
    """Markdown: the passages of a text, those that a model reads and those held out."""
    total = found.train_characters + found.val_characters
    documents = found.train_documents + found.val_documents
    return (
        f"It has **{total:,} characters** in **{documents:,} passages**. The model reads "
        f"{found.train_documents:,} of them. The other {found.val_documents:,}, "
        f"{found.val_characters / max(1, total):.0%} of the text, are held out: they show whether "
        "it has learned something, or knows its text by heart."
    )


def what_reads(runs: int) -> str:
    """What deleting a text does to the runs that read it, in a sentence; "" where none did."""
    if not runs:
        return ""
    many = "One run" if runs == 1 else f"{runs:,} runs"
    return f"{many} read it: what was trained stays, but its text is gone then."


@guarded
def mix_with_world(corpus: CorpusInfo) -> None:
    """Offer to mix an own text with the made world: a share and a name, and it is chosen."""
    if not is_upload(corpus.name):
        return
    home = service().home
    with st.popover("Mix with the made world", icon="🌍"):
        st.markdown(
            "A model that reads both knows the facts of the made world, so all tasks of these "
            "lessons can be measured, and it picks up the words of your text."
        )
        least, most, step = SHARES
        share = st.slider(
            "How much of it is your text",
            least,
            most,
            SHARE,
            step,
            format="%d %%",
            key=f"{keys.MIX_SHARE}-{corpus.name}",
        )
        if said := _read_how_often(corpus.name, share / 100):
            st.markdown(said)
        mixed = f"{corpus.title[:40]} and the made world, {share} %"
        title = st.text_input(
            "What to call it",
            free_title(mixed, (one.title for one in service().corpora().values()), 80),
            max_chars=80,
            key=f"{keys.MIX_TITLE}-{corpus.name}-{share}",
        ).strip()
        if st.button("Make the mixture", type="primary"):
            weights = weights_for({corpus.name: share / 100, MADE_WORLD: 1 - share / 100}, home)
            added = service().keep_mixture(weights, {}, title or mixed)
            state.use_corpus(added.name)
            state.keep_once(keys.LOOKED_AT_CORPUS)
            state.notice("The mixture is made and chosen: you can train on it.")
            draw_anew()


def _read_how_often(name: str, share: float) -> str:
    own = ask_all({"": Statistics(name)}).get("")
    world = ask_all({"": Size(MADE_WORLD)}).get("")
    return in_readings(own, world, share, lengths()) if own and world else ""


def in_readings(
    own: CorpusStatistics, world: CorpusSize, share: float, trainings: Sequence[Length]
) -> str:
    """Markdown: how often trainings would read a text that makes up this share of a mixture."""
    letters = world.characters / world.tokens
    usual, *shorter = (
        (one.title, _times(share * one.tokens * letters / max(1, own.train_characters)))
        for one in trainings
    )
    return (
        f"Your text is repeated to fill its share. A training {usual[0]} would read it about "
        f"**{usual[1]}**" + "".join(f", one {title} about {often}" for title, often in shorter)
    ) + "."


def _times(number: float) -> str:
    return f"{number:,.0f} times" if number >= 9.5 else f"{number:.1f} times"
