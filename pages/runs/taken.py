"""Take a run home, or elsewhere: files that a worker writes, and buttons that download them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from tinylm.export.kept import is_here
from tinylm.home import exports_dir, shown_id
from tinylm.questions.exports import Export, Exported
from tinylm.runs.exporting import export_question
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import measure, service
from ui.frame import file_size, problem, then_all

FORMATS = {  # by the names that `tinylm export --format` takes
    "hf": "Hugging Face transformers: a folder",
    "gguf": "llama.cpp: one GGUF file, with its tokenizer",
    "lm-eval": "its tasks for lm-evaluation-harness",
}
ADAPTER = {"peft": "Hugging Face PEFT: the adapter alone"}
# Not text/html: the browser saves the file and never opens it as a page of the server.
SAVED = "application/octet-stream"


def take_home(run: RunRow) -> None:
    """Offer two files that open on any device: the run's report, and its model as a page.

    Only whoever may export the run is asked.
    """
    step = service().best_step(run.id)
    if step is None or (run.owner and not service().may_change(run)):
        return
    with st.container(border=True):
        st.subheader("Take it home", anchor=False)
        st.markdown(
            "These are two files for your phone or computer. Both open in a browser, without the "
            "internet and without this program."
        )
        report = export_question(service(), run.id, step, "report", learner=state.learner())
        page = export_question(service(), run.id, step, "page")
        for column, question, label, says in zip(
            st.columns(2),
            (report, page),
            ("Make the report", "Make the model's page"),
            (
                "**The report.** Its text, settings and curve, what it wrote, its scores, your "
                "predictions and your own explanation.",
                f"**The model itself**, after step {step:,}. It writes, shows the odds of each "
                "next word, and answers questions with examples.",
            ),
            strict=True,
        ):
            with column:
                st.markdown(says)
                show = partial(offer, question)
                measure({"": question}, show, key=f"home-{question.format}", label=label)


def take_away(run: RunRow) -> None:
    """Offer the run's model for other programs; a worker writes the files."""
    step = service().best_step(run.id)
    if step is None or (run.owner and not service().may_change(run)):
        return
    formats = FORMATS | (ADAPTER if run.config.method == "lora" else {})
    with st.expander("Take it elsewhere"):
        st.markdown(
            "The model that you trained also runs in other programs. The zip file has its "
            f"weights after step {step:,} and a *model card*. That is a page that says what the "
            "model read, what was measured, and what it cannot do. The file for "
            "lm-evaluation-harness has the questions alone."
        )
        name = st.selectbox(
            "For which program?",
            list(formats),
            format_func=formats.__getitem__,
            key="export-format",
            persist_state="session",
        )
        question = export_question(service(), run.id, step, name)
        show = partial(offer, question)
        measure({"": question}, show, key="export", label="Make the zip file")


def saved_as(question: Export, made: Exported) -> str:
    """What the file is called where it is saved: without the whole id, which would open the run."""
    if made.name.endswith(".zip"):
        return f"{shown_id(question.run)}-{question.format}.zip"
    return made.files[0]


def offer(question: Export, found: Mapping[str, Exported]) -> None:
    """A button that downloads the file, or one that makes it again where it is gone."""
    for made in found.values():
        path = exports_dir(service().home, question.run) / made.name
        packed = path.suffix == ".zip"
        if not is_here(path):
            problem("The file is gone from this computer. The button makes it again.")
            again = partial(service().ask_anew, question)
            st.button(
                "Make it again",
                key=f"again-{question.format}-{made.name}",
                on_click=then_all(again),
            )
            continue
        what = "zip file" if packed else {"report": "report"}.get(question.format, "model's page")
        st.download_button(
            f"Download the {what} ({file_size(made.bytes)})",
            path.read_bytes,
            saved_as(question, made),
            "application/zip" if packed else SAVED,
            type="primary",
            on_click="ignore",
            key=f"download-{question.format}-{made.name}",
        )
        if packed:
            listed = ", ".join(f"`{one}`" for one in made.files[:8])
            more = f" and {len(made.files) - 8} more" if len(made.files) > 8 else ""
            st.markdown(f"It holds {listed}{more}. Read `README.md` first.")
