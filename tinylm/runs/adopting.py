"""Runs that were not made here but imported: how they are stored, and what cannot come of them."""

from __future__ import annotations

import os
from pathlib import Path

from tinylm.config import ELSEWHERE, RunConfig
from tinylm.corpora import corpora_of
from tinylm.elsewhere.base import Prepared
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks.own.store import kept_tasks
from tinylm.events import CheckpointSaved
from tinylm.home import run_dir
from tinylm.origin import share
from tinylm.process import own_token
from tinylm.runs.cleaning import purge
from tinylm.runs.heartbeat import beating
from tinylm.runs.store import Store
from tinylm.runs.store.rows import RunRow
from tinylm.training.checkpoints import CheckpointFolder


def adopt(home: Path, store: Store, made: Prepared, title: str = "", owner: str = "") -> RunRow:
    """Move the prepared folder to the runs and store the run, which is done, or do neither.

    Raises BadRequest, StorageError, or OSError where the folder cannot be moved.
    """
    made.config.check()
    # If this is killed in the middle, no worker takes it for a run to be trained on.
    claim = store.create_claimed(made.config, title or made.title, owner, own_token(), "pause")
    try:
        folder = run_dir(home, claim.run_id)
        os.replace(made.folder, folder)
        # A large model takes minutes to a slow place; without a sign of life it looks interrupted.
        with beating(lambda: store.beat(claim)):
            if made.config.kind == ELSEWHERE:
                share(folder)
            else:
                saved = {event.step for event in made.events if isinstance(event, CheckpointSaved)}
                CheckpointFolder(str(folder / "checkpoints")).share(saved)
        store.add_events(claim.run_id, list(made.events), claim)
        store.finish_run(claim, "done")
    except BaseException:
        store.finish_run(claim, "failed", "The import did not end: import the model anew.")
        store.delete_run(claim.run_id)
        purge(home, store, claim.run_id)
        raise
    return store.run(claim.run_id)


def names_here(home: Path, store: Store) -> set[str]:
    """The whole names of all runs, texts and own tasks, of which exports have the short ones."""
    runs = {run.id for run in store.runs(None, 100_000, None)}
    return runs | set(corpora_of(home)) | {one.name for one in kept_tasks(home)}


def check_parent(config: RunConfig, store: Store) -> None:
    """Raise BadRequest for a fine-tuning of a model that was made elsewhere, and NotFound."""
    if config.kind == "finetune" and store.run(config.parent).kind == ELSEWHERE:
        raise BadRequest(
            "A model that was made elsewhere is not trained here, because tinylm trains only its "
            "own kind of GPT: choose a run of yours."
        )
