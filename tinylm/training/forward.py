"""How the loss of a batch is computed while training, as the settings say."""

from __future__ import annotations

import os
import shutil
from functools import partial
from typing import cast

import torch
from msgspec import structs
from torch import nn
from torch.utils.checkpoint import checkpoint

from tinylm.config import ModelConfig, RunConfig, TrainConfig
from tinylm.errors import BadRequest
from tinylm.model.gpt import GPT
from tinylm.speed import fastest
from tinylm.training.optimizer import Optimizer
from tinylm.training.team import Team
from tinylm.training.update import Forward

COMPILERS = ("g++", "clang++", "cl")


def new_model(shape: ModelConfig, train: TrainConfig) -> GPT:
    """A model with random weights, made for the way in which it will be trained.

    torch.compile makes loops of its own, which take the place of those in `tinylm/fast`.
    """
    model = (GPT if train.compile == "on" else fastest(GPT))(shape, seed=train.seed)
    if train.activation_checkpointing == "on":
        recompute(model)
    return model


def _check_compiler() -> None:
    """Raise BadRequest where torch.compile would find no compiler."""
    if not any(map(shutil.which, (os.environ.get("CXX", ""), *COMPILERS))):
        raise BadRequest(
            "compile=on needs a C++ compiler, and there is none here: install g++ or clang, or "
            "leave it off."
        )


def recompute(model: GPT) -> None:
    """Keep only the input of each block for the gradient, and compute the rest of it again."""
    model.recompute = True
    for block in model.blocks:
        block.forward = partial(checkpoint, block.forward, use_reentrant=False)


def begun(
    model: GPT, optimizer: Optimizer, config: RunConfig, precision: str, team: Team | None
) -> Forward:
    """What computes the loss of a batch with the weights of `model`, which is on its device.

    In a team, all processes then have the weights and the optimizer of the leader.
    """
    forward: nn.Module = model
    if config.train.compile == "on":
        _check_compiler()
        forward = cast(nn.Module, torch.compile(model))
    if team is None:
        return forward
    if team.rank == 0:
        device = model.embedding.weight.device.type
        chosen = structs.replace(config.train, precision=precision, device=device)
        team.introduce(structs.replace(config, model=model.config, train=chosen))
    shared = team.wrapped(model, forward)
    team.share_state(optimizer.state_dict())
    return shared
