"""What a training needs: the model, its batches, and where to keep checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from tinylm.config import RunConfig
from tinylm.evaluation.probes import Probe
from tinylm.model.gpt import GPT
from tinylm.text.batches import Batches, ValidationSet
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.checkpoints import Checkpoint, CheckpointFolder
from tinylm.training.reward import Trials
from tinylm.training.team import Team


@dataclass
class TrainingJob:
    """Everything a run needs: what to train, on which data, and where to keep checkpoints."""

    config: RunConfig
    model: GPT
    tokenizer: Tokenizer
    batches: Batches
    validation: ValidationSet  # measured every eval_interval steps
    final_validation: ValidationSet  # measured once, at the end
    checkpoints: CheckpointFolder
    train_tokens: int  # distinct tokens in the training split
    early_validation: ValidationSet | None = None  # small, for EARLY_LOOKS; None: no such looks
    sample_prompt: str = ""
    odds_prompt: str = ""
    trials: Trials | None = None  # what it learns from instead of `batches`, with method="reward"
    probes: tuple[Probe, ...] = ()  # measured at every validation but the early ones
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    precision: str = "fp32"
    resume: Checkpoint | None = None
    threads: Callable[[], int] = torch.get_num_threads
    lr_factor: Callable[[], float] = lambda: 1.0  # times the schedule; may change at any update
    clock: Callable[[], float] = time.perf_counter
    team: Team | None = None  # the processes that train together, which this one leads
