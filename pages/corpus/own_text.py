"""Add a text of one's own, from files of several kinds or pasted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.corpus import keys
from tinylm.corpora.sources.downloads import take_up
from tinylm.corpora.sources.readers import TYPES, csv_columns, joined, kind_of, text_of_file
from tinylm.corpora.sources.uploads import check_text, save_upload
from ui import state
from ui.asking import service
from ui.frame import draw_anew, guarded


@guarded
def add_own() -> None:
    """A form that adds files or pasted text as a corpus, or says in a sentence what is wrong."""
    files = st.file_uploader(
        "Files: text, Markdown, CSV, PDF or Word (up to 20 MB each; several become one corpus)",
        type=list(TYPES),
        accept_multiple_files=True,
        key=keys.UPLOADED,
    )
    column = choose_column(files)
    pasted = st.text_area("or paste text here", height=160, key=keys.PASTED)
    title = st.text_input("What to call it", max_chars=60, key=keys.UPLOAD_TITLE)
    if not st.button("Add this text"):
        return
    if len(files) == 1 and (known := take_up(files[0].getvalue(), service().home)):
        state.use_corpus(known.name)
        state.notice(f"This is {known.title}: its hash is right. It is added and chosen.")
        draw_anew()
    if files:
        texts = [text_of_file(file.name, file.getvalue(), column) for file in files]
        data = joined(texts)
    else:
        data = pasted.encode("utf-8", "surrogatepass")
    check_text(data)
    name = files[0].name if files else "Pasted text"
    added = save_upload(data, title.strip() or name, service().home)
    state.use_corpus(added.name)
    state.notice("Your text is added and chosen.")
    draw_anew()


def choose_column(files: Sequence[UploadedFile]) -> str:
    """Ask which column of the CSV files holds the text; "" if there is no CSV file."""
    tables = [file for file in files if kind_of(file.name) == "csv"]
    if not tables:
        return ""
    columns = [name for file in tables for name in csv_columns(file.getvalue())]
    picked = st.selectbox(
        "Column of the table that holds the text",
        list(dict.fromkeys(columns)),
        key=keys.CSV_COLUMN,
    )
    return str(picked or "")
