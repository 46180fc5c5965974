"""Reads a run's model back from its folder: weights, tokenizer and settings at a checkpoint."""

from __future__ import annotations

from pathlib import Path

from tinylm.config import ELSEWHERE, RunConfig
from tinylm.errors import BadRequest
from tinylm.model.gpt import GPT
from tinylm.origin import MISSING, is_elsewhere
from tinylm.speed import fastest
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.device import choose_device
from tinylm.training.loop import load_weights


def read_model(folder: Path, step: int, *, plain: bool = False) -> tuple[GPT, Tokenizer, RunConfig]:
    """The model of the run in `folder` as it was at `step`, in evaluation mode.

    `step` -1 is the last checkpoint, and 0 the model before training. With `plain`, nothing that is
    only for speed is loaded, so that a first answer comes sooner and later ones more slowly. Raises
    NotFound if there is no such checkpoint, and CheckpointError if it is damaged.
    """
    if is_elsewhere(folder):
        return _made_elsewhere(folder)
    checkpoint = CheckpointFolder(str(folder / "checkpoints")).load(-1 if step == 0 else step)
    tokenizer = Tokenizer.load(folder / "tokenizer.json")
    config = checkpoint.config
    make = GPT if plain else fastest(GPT)
    model = make(checkpoint.model_config, seed=config.train.seed)
    if step != 0:
        load_weights(model, checkpoint)
    return model.to(choose_device()).eval(), tokenizer, config


def _made_elsewhere(folder: Path) -> tuple[GPT, Tokenizer, RunConfig]:
    """A model that was imported, and its tokenizer. Raises BadRequest without their libraries."""
    try:
        from tinylm.model.elsewhere import open_elsewhere
    except ImportError:
        raise BadRequest(MISSING) from None
    model, tokenizer = open_elsewhere(folder)
    return model, tokenizer, RunConfig(kind=ELSEWHERE, model=model.config)
