"""Which runs the page lists, and what it says of each; those of experiments only if asked for."""

from __future__ import annotations

import math

import streamlit as st

from tinylm.config import ELSEWHERE
from tinylm.events import EvalDone
from tinylm.presets import PRESETS
from tinylm.runs.store.rows import RunRow, shown_id
from tinylm.runs.store.runs import OF_ANY
from ui.asking import service
from ui.charts.base import gap
from ui.choosing import corpus_words
from ui.elsewhere import NAME
from ui.frame import STATUS_WORDS, duration

KINDS = {"pretrain": "pre-training", "finetune": "fine-tuning", ELSEWHERE: NAME}


def listed() -> list[RunRow]:
    """The runs to list, newest first; a switch adds those of experiments, if there are any."""
    ordinary, others = service().runs(), service().runs(experiment=OF_ANY)
    label, key = "Also those of experiments", "runs-of-experiments"
    if others and st.toggle(label, key=key, persist_state="session"):
        return sorted([*ordinary, *others], key=lambda one: one.created, reverse=True)
    return ordinary


def row(run: RunRow) -> dict[str, object]:
    """A row of the table; its metrics are those of the last validation."""
    last = service().latest(run.id, EvalDone)
    loss = gap(last.loss) if last else None
    preset = run.config.preset
    return {
        "title": run.title,
        "kind": KINDS[run.kind],
        "corpus": "–" if run.kind == ELSEWHERE else corpus_words(run.corpus),
        "preset": PRESETS[preset].title if preset in PRESETS else "–",
        "status": STATUS_WORDS.get(run.status, run.status),
        "steps": None if run.kind == ELSEWHERE else run.step,
        "val loss": loss,
        "perplexity": math.exp(loss) if loss is not None and loss < 50 else None,
        "bits per byte": gap(last.bits_per_byte) if last else None,
        "tokens": None if run.kind == ELSEWHERE else run.tokens_seen,
        "time": "–" if run.kind == ELSEWHERE else duration(run.seconds),
        "id": shown_id(run.id),
    }
