"""Loads the models of runs, and keeps them in memory between questions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from tinylm import recorded, storage
from tinylm.config import RunConfig
from tinylm.corpora import world_of
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest, NotFound
from tinylm.home import run_dir
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.stored_model import read_model

WARM_MODELS = 48  # of some MB each, so that a slider over checkpoints reacts quickly

_warm: OrderedDict[tuple[Path, int], tuple[GPT, Tokenizer, RunConfig]] = OrderedDict()
_lock = threading.Lock()


def load_model(home: Path, run: str, step: int) -> tuple[GPT, Tokenizer, RunConfig]:
    """A run's model at a checkpoint (step 0: untrained), its tokenizer and settings, for reading.

    Raises NotFound for a run that does not exist or has no such checkpoint. Raises BadRequest for
    a negative step: answers are kept, and which checkpoint is the last one may change.
    """
    if step < 0:
        raise BadRequest(f"Say which step of the run is meant; got {step}.")
    key = (_folder(home, run), step)
    with _lock:
        if key in _warm:
            _warm.move_to_end(key)
            return _warm[key]
    # Start asks the recorded model as soon as a worker is there: no time to load compiled loops.
    loaded = read_model(*key, plain=run == recorded.RUN)
    with _lock:
        _warm[key] = loaded
        while len(_warm) > WARM_MODELS:
            _warm.popitem(last=False)
    return loaded


def load_tokenizer(home: Path, run: str) -> Tokenizer:
    """The tokenizer of a run, which exists before the first step. Raises NotFound."""
    return Tokenizer.load(_folder(home, run) / "tokenizer.json")


def world_of_run(home: Path, run: str, step: int) -> World:
    """The generated world whose text a run read. Raises NotFound where it was deleted."""
    world = world_of(load_model(home, run, step)[2].corpus, home)
    if world is None:
        raise NotFound("The world that this run read was deleted: choose another run.")
    return world


def _folder(home: Path, run: str) -> Path:
    folder = recorded.FOLDER if run == recorded.RUN else run_dir(home, run)
    storage.bring_file(folder / "tokenizer.json")
    if not (folder / "tokenizer.json").exists():
        raise NotFound(f"There is no model of run {run!r} yet: train it first.")
    return folder
