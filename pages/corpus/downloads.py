"""Cards of texts that can be downloaded: the button, the progress, and what went wrong."""

from __future__ import annotations

import time
from collections.abc import Collection

import streamlit as st

from pages.corpus import keys
from tinylm.corpora.sources.downloads import SOURCES, Source
from ui import state
from ui.asking import service
from ui.frame import draw_anew, file_size, guarded, literal, problem

FRESH = 600.0  # seconds for which the page shows why a download failed


def download_card(name: str) -> None:
    """Show the card of a text that is not on this machine yet."""
    found = SOURCES[name]
    st.markdown(f"**{literal(found.info.title)}**")
    st.markdown(literal(found.info.description))
    st.markdown(f"*Good for:* {literal(found.info.good_for)}")
    st.markdown(f"*Licence:* {literal(found.info.licence)}")
    _state(found)


def is_coming(name: str) -> bool:
    """Whether a text is being downloaded just now."""
    last = service().downloading(name)
    return last is not None and not last[0].over


@guarded
def _state(found: Source) -> None:
    name = found.info.name
    if is_coming(name):
        _progress(found)
        return
    st.button(
        f"Download {file_size(found.size)}",
        key=f"download-{name}",
        on_click=_begin,
        args=(name,),
        help=f"From {found.host}; SHA-256 {found.sha256[:12]}… is checked",
    )


@guarded
def download_problems(corpora: Collection[str]) -> None:
    """Say why recent downloads failed; this stands below the cards, which are too narrow for it."""
    for name in (name for name in SOURCES if name not in corpora):
        last = service().downloading(name)
        if last is not None and time.time() - (last[0].ended or 0.0) < FRESH and last[0].error:
            problem(last[0].error)


def _progress(found: Source) -> None:
    """Show the progress, updated twice a second; the page runs again when the download is over."""
    name, host = found.info.name, found.host

    @st.fragment(run_every=0.5)
    @guarded
    def look() -> None:
        last = service().downloading(name)
        if last is None or last[0].over:
            draw_anew()
        job, received = last
        share = min(1.0, received / found.size)
        waits = "Waiting for a worker" if job.status == "queued" else f"Asking {host}"
        size = f"{file_size(received)} of {file_size(found.size)}"
        st.progress(share, literal(size if received else f"{waits} …"))
        if st.button("Cancel", key=f"cancel-{name}"):
            service().cancel_download(name)

    look()


def _begin(name: str) -> None:
    st.session_state[keys.DOWNLOADING] = name
    service().download(name)


def choose_downloaded(corpora: Collection[str]) -> None:
    """Choose the corpus that this person asked to download, once it is here."""
    name = st.session_state.get(keys.DOWNLOADING, "")
    if name in corpora:
        del st.session_state[keys.DOWNLOADING]
        state.use_corpus(name)
        st.toast(f"{SOURCES[name].info.title} is downloaded and chosen.")
