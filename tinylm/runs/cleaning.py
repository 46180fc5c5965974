"""Functions that keep a home folder in order."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from tinylm import sharing, storage
from tinylm.export.kept import forget_reader
from tinylm.files import remove_parts, writer_is_gone
from tinylm.home import logs_dir, run_dir
from tinylm.runs.store import Store

OVERLAP = 600.0  # seconds by which the clocks of two machines may differ


def purge(home: Path, store: Store, run_id: str) -> None:
    """Remove the files and rows of a deleted run to which no worker writes any more."""
    if (place := storage.shared()) is not None:
        place.remove_folder(f"runs/{run_id}")
        store.note_gone("run", run_id)  # other homes have its files as well
    if _remove_files(home, run_id):
        store.forget_run(run_id)


def _remove_files(home: Path, run_id: str) -> bool:
    """Remove what this home has of a run; False where a file in it is still open."""
    removed = remove_folder(run_dir(home, run_id))
    if removed:
        (logs_dir(home) / f"{run_id}.log").unlink(missing_ok=True)
    return removed


def purge_deleted(home: Path, store: Store) -> None:
    """Remove the files and rows that earlier deletions had to leave behind."""
    for run_id in store.deleted_at_rest():
        purge(home, store, run_id)


def forget_gone(home: Path, store: Store, since: float = 0.0) -> None:
    """Remove here what was deleted on other machines after `since`: runs, and files of learners.

    Of a learner who has come back, what was made since then stays.
    """
    if not storage.wanted():
        return
    for what, name, when in store.gone(since):
        if what == "run":
            _remove_files(home, name)
        else:
            forget_reader(home, name, when + OVERLAP)  # one too many can be made again


def catch_up(home: Path, store: Store) -> None:
    """Do in this home what others did elsewhere, or what earlier deletions had to leave behind."""
    sharing.compare(home)
    purge_deleted(home, store)
    forget_gone(home, store)
    for left in home.glob("queue.db*"):  # of versions before 2026-12, which sent messages
        with suppress(OSError):  # they are in nobody's way
            left.unlink(missing_ok=True)


def share_runs(home: Path, store: Store) -> None:
    """Take runs to the shared place, where there is one, that were made before there was.

    What is left here of a run that was deleted elsewhere does not come back.
    """
    from tinylm.training.checkpoints import CheckpointFolder  # here: the server need not load it

    for run_id in store.undisturbed() if storage.shared() is not None else ():
        saved = store.checkpoints(run_id)
        CheckpointFolder(str(run_dir(home, run_id) / "checkpoints")).share(saved)


def sweep(home: Path) -> None:
    """Remove the half-written files and folders of processes that have ended."""
    remove_parts(home, writer_is_gone)


def sweep_shared() -> None:
    """Remove what machines left half-written in the shared place, where there is one."""
    if (place := storage.shared()) is not None:
        place.sweep()


def folder_size(folder: Path) -> int:
    """Bytes of all files below `folder`; a file that vanishes meanwhile counts as 0."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def remove_folder(folder: Path) -> bool:
    """Remove a run's folder: first rename it, in one step, so that no list shows it; then delete.

    Returns False where a file in it is still open (on Windows); the caller tries again later.
    """
    trash = folder.with_name(f".deleted-{folder.name}")
    try:
        if folder.exists():
            shutil.rmtree(trash, ignore_errors=True)
            folder.rename(trash)
    except OSError:
        return False
    shutil.rmtree(trash, ignore_errors=True)
    return True
