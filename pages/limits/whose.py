"""Which model is asked: a base that was trained here, or the one that the program brings along."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from pages.limits import keys
from tinylm import recorded
from ui import state
from ui.asking import service
from ui.bases import MADE_WORLD, named, newest_fit
from ui.choosing import base_runs, corpus_words
from ui.widgets import segments

RECORDED = "the recorded model"


class Asked(NamedTuple):
    """A model that has read a made world."""

    run: str
    step: int
    corpus: str

    @property
    def setting(self) -> str:
        """What a prediction about it is locked to."""
        return f"{self.run} at step {self.step}"


def choose_model() -> Asked:
    """The run that a lesson begins with, or the recorded model, as the learner chooses."""
    brought = Asked(recorded.RUN, recorded.recording().last.step, MADE_WORLD)
    run, _ = newest_fit(base_runs(), state.learner())
    best = service().best_step(run.id) if run else None
    if run is None or best is None:
        st.markdown(
            f"Asked is **{RECORDED}** of {recorded.recording().date}. Once you have trained one of "
            "your own, you can ask that instead."
        )
        return brought
    trained = f"{named(run, state.learner())}, {corpus_words(run.corpus)}"
    chosen = segments("Model", [trained, RECORDED], trained, key=f"{keys.WHOSE}-{run.id}")
    return Asked(run.id, best, run.corpus) if chosen == trained else brought
