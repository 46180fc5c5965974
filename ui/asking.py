"""The one service of this server process, and how pages ask it short questions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from tinylm.errors import NotFound
from tinylm.experiments.question import Question
from tinylm.home import home_dir
from tinylm.runs.service import Service
from tinylm.runs.store.rows import JobRow
from ui.frame import draw_anew, problem

Answers = dict[str, dict[str, Any]]

PATIENCE = 0.2  # seconds that a page waits for an answer before it shows that it waits


def make_service(home: Path) -> Service:
    """The service of a home folder; tests of pages put another one here."""
    return Service(home)


@st.cache_resource(show_spinner=False)
def _service(home: str) -> Service:
    return make_service(Path(home))


def service() -> Service:
    """Thread-safe and shared by all sessions. Raises StorageError."""
    return _service(str(home_dir()))


def known(question: Question) -> dict[str, Any] | None:
    """The answer to a short question that somebody asked before; asks nothing itself."""
    job = service().known(*question)
    return job.result if job is not None and job.status == "done" else None


def ask(questions: Mapping[str, Question], waiting: str) -> Answers:
    """Answers by label, as far as they are there; the page runs again when more are.

    What is missing is being computed by a worker; meanwhile `waiting` is shown. A question
    that failed shows its sentence and a button to ask again.
    """
    jobs = {label: service().ask(*question) for label, question in questions.items()}
    deadline = time.monotonic() + PATIENCE
    for label, question in questions.items():
        if not jobs[label].over:
            jobs[label] = service().ask(*question, wait=max(0.0, deadline - time.monotonic()))
    _wait(tuple(job.id for job in jobs.values() if not job.over), waiting)
    failed = {label: job for label, job in jobs.items() if job.status == "failed"}
    for sentence in sorted({job.error for job in failed.values()}):
        problem(sentence)
    if failed and st.button("Ask again", key="ask-again-" + "-".join(sorted(failed))):
        for label in failed:
            service().ask(*questions[label], retry=True)
        draw_anew()
    return {label: job.result for label, job in jobs.items() if job.result is not None}


def _wait(job_ids: tuple[str, ...], waiting: str) -> None:
    """Look twice a second until one more is over; always at the same place of the page."""

    @st.fragment(run_every=0.5 if job_ids else None)
    def look() -> None:
        if not job_ids:
            return
        if any(_over(job_id) for job_id in job_ids):
            draw_anew()  # what is there is shown; the rest goes on
        st.markdown(f"⏳ {waiting}")
        if not service().workers():
            st.markdown("No worker is running yet: one starts within a few seconds.")

    look()


def _over(job_id: str) -> bool:
    try:
        job: JobRow = service().job(job_id)
    except NotFound:
        return True
    return job.over
