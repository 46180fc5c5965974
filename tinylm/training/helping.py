"""What a process does that another one leads: it computes its share of every gradient."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import torch

from tinylm import speed
from tinylm.config import RunConfig
from tinylm.errors import TrainingDiverged
from tinylm.model.gpt import GPT
from tinylm.model.lora import add_adapters
from tinylm.torchrun import share_of
from tinylm.training.forward import begun, new_model
from tinylm.training.optimizer import Optimizer
from tinylm.training.team import Team
from tinylm.training.update import update


def help_to_train(team: Team, begins: Callable[[], object]) -> None:
    """Learn from the batches that the leader gives, until it ends; `begins` is called at first.

    Raises PeerLost if it ends in another way, and what it refuses itself is for it to say.
    """
    config = team.introduced()
    if config is None:
        return
    begins()
    if config.train.threads:
        torch.set_num_threads(share_of(config.train.threads))
    speed.compile_once()  # which the leader has just done on this machine
    model = _model(config).to(team.device(config.train.device))
    optimizer = Optimizer(model, config.train)
    forward = begun(model, optimizer, config, config.train.precision, team)
    with contextlib.suppress(TrainingDiverged):  # of which the leader tells
        while (given := team.given()) is not None:
            rows, step, factor = given
            update(
                *(model, optimizer, rows, step, config.train, config.train.precision),
                factor=factor,
                forward=forward,
                team=team,
            )


def _model(config: RunConfig) -> GPT:
    """A model of this shape; its weights come from the leader."""
    model = new_model(config.model, config.train)
    if config.method == "lora":
        add_adapters(model, config.lora_rank, config.lora_matrices, config.train.seed)
    return model
