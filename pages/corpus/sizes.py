"""How large each corpus is, measured by a worker once and then known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from tinylm.corpora.corpus import CorpusInfo
from tinylm.errors import TinylmError
from ui.asking import service
from ui.frame import draw_anew, file_size

Size = Mapping[str, Any]

LOOK_EVERY = 2.0  # seconds, while some are still being measured


def sizes(corpora: Collection[str]) -> dict[str, Size]:
    """Those that are known, by corpus; the others are asked for. One that fails stays away."""
    questions = {name: ("size", {"corpus": name}) for name in corpora}
    try:
        jobs = service().known_all(questions)
        for name in (name for name in corpora if name not in jobs):
            jobs[name] = service().ask(*questions[name])
    except TinylmError:  # the page itself says what is wrong
        return {}
    found: dict[str, Size] = {}
    for name, job in jobs.items():
        if job.over:
            found[name] = job.result or {}
    return found


def wait_for_sizes(corpora: Collection[str], known: Collection[str]) -> None:
    """Look now and then whether another one is there; the page then runs again."""
    missing = [name for name in corpora if name not in known]

    @st.fragment(run_every=LOOK_EVERY if missing else None)
    def look() -> None:
        if missing and any(name in sizes(missing) for name in missing):
            draw_anew()

    look()


def in_words(corpus: CorpusInfo, size: Size | None) -> str:
    """Documents, bytes and tokens; of a made corpus also its facts, and that there can be more."""
    if size is None:
        return "being measured …"
    if not size:
        return "could not be measured."
    tokens = size["tokens"]
    amount = f"{tokens / 1e6:.1f} million" if tokens >= 1e6 else f"{tokens:,}"
    said = (
        f"{size['documents']:,} documents, {file_size(size['bytes'])}, {amount} tokens of a "
        f"vocabulary of {size['vocab_size']:,}"
    )
    if corpus.made:
        return f"{size['facts']:,} facts in any number of documents; {said}."
    return f"{said}."
