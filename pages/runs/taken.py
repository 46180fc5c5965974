"""Take a run elsewhere: its files for other programs, in one zip file."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tinylm.home import exports_dir
from tinylm.questions.exports import Exported
from tinylm.runs.exporting import export_question
from tinylm.runs.store.rows import RunRow
from ui.asking import measure, service
from ui.frame import file_size, problem

FORMATS = {  # by the names that `tinylm export --format` takes
    "hf": "Hugging Face transformers: a folder",
    "gguf": "llama.cpp, Ollama and LM Studio: one GGUF file",
    "lm-eval": "its tasks for lm-evaluation-harness",
}
ADAPTER = {"peft": "Hugging Face PEFT: the adapter alone"}


def take_away(run: RunRow) -> None:
    """Offer the run's model for other programs; a worker writes the files."""
    step = service().best_step(run.id)
    if step is None:
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
        label = "Make the zip file"
        measure({name: question}, lambda found: offer(run.id, found), key="export", label=label)


def offer(run_id: str, found: Mapping[str, Exported]) -> None:
    """A button that downloads each file that was made."""
    for name, made in found.items():
        path = exports_dir(service().home, run_id) / made.name
        if not path.exists():
            problem(
                "The zip file is gone from this computer. In a terminal, this writes its files:"
            )
            st.code(f"python -m tinylm export {run_id} --format {name} --out FOLDER")
            continue
        st.download_button(
            f"Download the zip file ({file_size(made.bytes)})",
            path.read_bytes,
            made.name,
            "application/zip",
            type="primary",
            on_click="ignore",
        )
        listed = ", ".join(f"`{one}`" for one in made.files[:8])
        more = f" and {len(made.files) - 8} more" if len(made.files) > 8 else ""
        st.markdown(f"It holds {listed}{more}. Read `README.md` first.")
