"""Gives back what sessions that have ended, and pages that were drawn, leave in the process.

Streamlit keeps the session of a browser that went away for two minutes, in case it comes back.
After that it forgets the session only when another one ends, and with it its open files and its
uploads. What is left in circles of references Python frees when it happens to look, and what is
freed the C library keeps for itself. All three are done here, regularly.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import platform
import time
from pathlib import Path
from typing import cast

import streamlit as st
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from tinylm import sharing, storage
from tinylm.errors import StorageError, TinylmError
from tinylm.home import database_url, home_dir, make_home
from tinylm.learners import is_alone
from tinylm.runs.cleaning import forget_gone
from tinylm.runs.forgetting import forget_absent, keep_days
from tinylm.runs.store import Store
from tinylm.runs.store.line import MANY
from ui.asking import shared_service

EVERY = 20.0  # seconds
RETENTION_EVERY = 600.0  # seconds between two looks at who was away for too long
LOOKED_BACK = 3600.0  # seconds for which a look finds what was deleted on other machines
SHARED_EVERY = 5.0  # seconds between two looks at what other machines share
ARENAS = 2  # more pools of memory would only keep more of it unused: one thread runs at a time
M_ARENA_MAX = -8  # from the C library's malloc.h

log = logging.getLogger("tinylm.server")


def _c_library() -> ctypes.CDLL | None:
    """The GNU C library, where the process uses it; others give memory back by themselves."""
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None


def limit_arenas() -> None:
    """Let all threads share a few pools of memory; to be called before there are threads."""
    library = _c_library()
    if library is not None:
        library.mallopt(M_ARENA_MAX, ARENAS)


async def keep_tidy() -> None:
    """Call `tidy` regularly until cancelled.

    What is there at the start, mostly code, stays for ever. Python need not look through it again,
    so that looking through the rest takes milliseconds.
    """
    gc.collect()
    gc.freeze()
    library = _c_library()
    while True:
        await asyncio.sleep(EVERY)
        tidy(library)


async def keep_noted() -> None:
    """Write whether learners share this server as soon as the store can be written.

    A database that starts after this server refuses at first.
    """
    while True:
        try:
            await asyncio.to_thread(note_learners, home_dir())
            return
        except StorageError as error:
            log.warning("%s", error)
        except TinylmError as error:  # the pages show this error too
            log.error("%s", error)
            return
        await asyncio.sleep(EVERY)


def note_learners(home: Path) -> None:
    """Write into the store whether learners share this server.

    It decides whose turn it is, and workers on other machines can read it nowhere else. Raises
    BadRequest for a wrong TINYLM_LEARNERS, and StorageError.
    """
    make_home(home)
    store = Store(database_url(home))
    try:
        store.set_note(MANY, not is_alone(st.get_option("server.address") or ""))
    finally:
        store.close()


async def keep_shared() -> None:
    """Bring what other machines share with this one, regularly, until cancelled."""
    while storage.wanted():
        try:
            await asyncio.to_thread(sharing.compare, home_dir())
            await asyncio.to_thread(forget_deleted)
        except TinylmError as error:
            log.warning("%s", error)
        await asyncio.sleep(SHARED_EVERY)


def forget_deleted() -> None:
    """Remove here what was deleted on other machines."""
    service = shared_service()
    forget_gone(service.home, service.store, service.store.now() - LOOKED_BACK)


async def keep_retention() -> None:
    """Forget learners who were away for longer than TINYLM_KEEP_DAYS, until cancelled."""
    while True:
        await asyncio.sleep(RETENTION_EVERY)
        await asyncio.to_thread(forget_the_absent, time.time())


def forget_the_absent(now: float) -> None:
    """Delete what belongs to them; nothing where one person has the server."""
    try:
        days = keep_days()
        if not days or is_alone(st.get_option("server.address") or ""):
            return
        if gone := forget_absent(shared_service(), days, now):
            log.info("Away for %g days, and forgotten: %d learners.", days, len(gone))
    except TinylmError as error:
        log.warning("%s", error)


def tidy(library: ctypes.CDLL | None) -> None:
    """Forget the sessions that have been away for too long, and give their memory back."""
    if runtime.exists():
        manager = cast(WebsocketSessionManager, runtime.get_instance()._session_mgr)
        len(cast(MemorySessionStorage, manager._session_storage)._cache)  # counting drops the old
    gc.collect()
    if library is not None:
        library.malloc_trim(0)
