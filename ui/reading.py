"""The files that sessions bring: taken over from Streamlit, and read in processes of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from tinylm.corpora.files.desk import Desk
from ui.asking import service
from ui.uploads import refused_files


@st.cache_resource(show_spinner=False)
def _desk_of(home: str) -> Desk:
    return Desk(Path(home))


def desk() -> Desk:
    """The files of all sessions that are being read."""
    return _desk_of(str(service().home))


def release(files: Sequence[UploadedFile]) -> int:
    """Let the server forget its own copies of these files, which it keeps for a whole session.

    Returns how many files that were chosen with them were refused.
    """
    context = get_script_run_ctx()
    if context is None:
        return 0
    if isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
    return refused_files(context.session_id)
