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
from tinylm.origin import STEP, bring, is_elsewhere
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.stored_model import read_model

WARM_MODELS = 48  # of some MB each, so that a slider over checkpoints reacts quickly

_warm: OrderedDict[tuple[Path, int], tuple[GPT, Tokenizer, RunConfig]] = OrderedDict()
_lock = threading.Lock()


def load_model(
    home: Path, run: str, step: int, *, elsewhere: bool = False
) -> tuple[GPT, Tokenizer, RunConfig]:
    """A run's model at a checkpoint (step 0: untrained), its tokenizer and settings, for reading.

    A model that was made elsewhere is given only to those who ask for it, because most questions
    are about our own: about its training, its text, or its parts. Raises NotFound for a run that
    does not exist or has no such checkpoint. Raises BadRequest for a model made elsewhere that is
    not asked for, and for a negative step: answers are kept, and which checkpoint is the last one
    may change.
    """
    if step < 0:
        raise BadRequest(f"Say which step of the run is meant; got {step}.")
    key = (_folder(home, run), step)
    if is_elsewhere(key[0]):
        _check_elsewhere(step, elsewhere)
    with _lock:
        if key in _warm:
            _warm.move_to_end(key)
            return _warm[key]
    # Start asks the recorded model as soon as a worker is there: no time to load compiled loops.
    loaded = read_model(*key, plain=run == recorded.RUN)
    with _lock:
        if is_elsewhere(key[0]):  # one such model takes as much memory as hundreds of ours
            for other in [one for one in _warm if is_elsewhere(one[0])]:
                del _warm[other]
        _warm[key] = loaded
        while len(_warm) > WARM_MODELS:
            _warm.popitem(last=False)
    return loaded


def load_tokenizer(home: Path, run: str) -> Tokenizer:
    """The tokenizer of a run, which exists before the first step. Raises NotFound."""
    folder = _folder(home, run)
    if is_elsewhere(folder):
        _check_elsewhere(STEP, wanted=False)
    return Tokenizer.load(folder / "tokenizer.json")


def _check_elsewhere(step: int, wanted: bool) -> None:
    """Raise BadRequest for what makes no sense of a model that was made elsewhere."""
    if not wanted:
        raise BadRequest(
            "This model was made elsewhere: it can be prompted, measured on tasks and looked into, "
            "but what belongs to training, or to a text that was read here, is not known of it."
        )
    if step != STEP:
        raise BadRequest(
            f"Of a model that was made elsewhere there is one checkpoint, step {STEP}: how it was "
            "before, or untrained, is not known here."
        )


def world_of_run(home: Path, run: str, step: int) -> World:
    """The generated world whose text a run read. Raises NotFound where it was deleted."""
    world = world_of(load_model(home, run, step)[2].corpus, home)
    if world is None:
        raise NotFound("The world that this run read was deleted: choose another run.")
    return world


def _folder(home: Path, run: str) -> Path:
    folder = recorded.FOLDER if run == recorded.RUN else run_dir(home, run)
    bring(folder)
    if is_elsewhere(folder):
        return folder
    storage.bring_file(folder / "tokenizer.json")
    if not (folder / "tokenizer.json").exists():
        raise NotFound(f"There is no model of run {run!r} yet: train it first.")
    return folder
