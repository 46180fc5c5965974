"""Small models, texts and jobs that tests train in a moment."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import torch
from msgspec import structs

from tinylm.config import ModelConfig, RunConfig, TrainConfig
from tinylm.model.gpt import GPT
from tinylm.speed import fastest
from tinylm.text.batches import DocumentBatches, validation_set
from tinylm.text.tokenizer import Tokenizer, train_tokenizer
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.job import TrainingJob

MODEL = ModelConfig(n_layer=2, n_head=2, n_embd=32, block_size=32, vocab_size=256)
WORDS = ("red", "green", "blue", "cat", "dog", "bird", "sees", "hears", "a", "the")


def documents(number: int, seed: int = 0) -> list[str]:
    """Sentences with a little grammar, so that there is something to learn."""
    draw = random.Random(seed)
    return [
        f"the {draw.choice(WORDS[:3])} {draw.choice(WORDS[3:6])} "
        f"{draw.choice(WORDS[6:8])} a {draw.choice(WORDS[3:6])}."
        for _ in range(number)
    ]


def model(seed: int = 0, **changes: Any) -> GPT:
    return fastest(GPT)(structs.replace(MODEL, **changes), seed=seed)


def awake(**changes: Any) -> GPT:
    """A plain model whose blocks do something, which those of a new model do not."""
    made = GPT(structs.replace(MODEL, **changes), seed=0)
    random = torch.Generator().manual_seed(1)
    for name, weight in made.named_parameters():
        if name.endswith(("wo.weight", "down.weight")):
            torch.nn.init.normal_(weight, std=0.2, generator=random)
    return made.eval()


@cache
def tokenizer() -> Tokenizer:
    return train_tokenizer(documents(50), 256)


def job(folder: Path, **train: Any) -> TrainingJob:
    """A run of 20 steps on the little sentences."""
    settings = TrainConfig(
        **(
            {"steps": 20, "batch_size": 4, "eval_interval": 10, "checkpoint_interval": 10}
            | {"threads": 1}
            | train
        )
    )
    config = RunConfig(corpus="little", model=MODEL, train=settings)
    coder = tokenizer()
    texts, held_out = documents(200), documents(20, seed=1)
    ids = coder.encode_batch(texts)
    validation = validation_set(
        coder.encode_batch(held_out),
        [len(text.encode()) for text in held_out],
        MODEL.block_size,
        coder.separator,
    )
    return TrainingJob(
        config=config,
        model=fastest(GPT)(MODEL, seed=settings.seed),
        tokenizer=coder,
        batches=DocumentBatches(
            ids, settings.batch_size, MODEL.block_size, coder.separator, settings.seed
        ),
        validation=validation,
        final_validation=validation,
        checkpoints=CheckpointFolder(str(folder / "checkpoints")),
        train_tokens=sum(map(len, ids)),
        sample_prompt="the",
        odds_prompt="the red",
        threads=lambda: 1,
    )
