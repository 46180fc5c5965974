"""Settings chosen for a time budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tinylm.config import ModelConfig, RunConfig, TrainConfig, with_changes
from tinylm.errors import BadRequest
from tinylm.setting import Value


@dataclass(frozen=True)
class Preset:
    """Settings chosen for a time budget on two CPU cores, and what they will show."""

    name: str
    title: str
    shows: str
    documents: int
    model: ModelConfig
    train: TrainConfig


# What glance and quick have in common; a longer run does best with smaller learning rates.
SHORT: dict[str, Any] = {"batch_size": 16, "learning_rate": 0.018, "muon_lr": 0.014}

PRESETS: dict[str, Preset] = {
    p.name: p
    for p in (
        Preset(
            "tiny",
            "A few seconds",
            "Only that everything works: too short to learn much.",
            400,
            ModelConfig(n_layer=1, n_head=2, n_embd=32, block_size=64, vocab_size=512),
            TrainConfig(
                steps=60, batch_size=4, muon_lr=0.02, eval_interval=20, checkpoint_interval=20
            ),
        ),
        Preset(
            "glance",
            "20 seconds",
            "The loss falls, and the samples begin to look like the text.",
            11_000,
            ModelConfig(),
            TrainConfig(steps=260, eval_interval=26, checkpoint_interval=52, **SHORT),
        ),
        Preset(
            "quick",
            "1 minute",
            "The model answers from a few examples what it cannot answer from none.",
            38_000,
            ModelConfig(),
            TrainConfig(steps=900, eval_interval=90, checkpoint_interval=90, **SHORT),
        ),
        Preset(
            "full",
            "5 minutes",
            "It knows most of what it read, and comes close to the best possible loss.",
            130_000,
            ModelConfig(vocab_size=3072),
            TrainConfig(steps=4800, batch_size=16, eval_interval=240, checkpoint_interval=480),
        ),
    )
}


# What takes hours or days on two cores: the terminal trains it, and no page offers it.
LARGE: dict[str, Preset] = {
    p.name: p
    for p in (
        Preset(
            "10m",
            "10 million parameters",
            "A model ten times as large as that of five minutes.",
            130_000,
            ModelConfig(n_layer=7, n_head=5, n_embd=320, block_size=256, vocab_size=4096),
            TrainConfig(
                steps=5000,
                batch_size=32,
                micro_batch_size=8,
                learning_rate=0.006,
                muon_lr=0.008,
                eval_interval=250,
                checkpoint_interval=500,
            ),
        ),
        Preset(
            "124m",
            "124 million parameters",
            "A model of the size of GPT-2, for a graphics processor and a text of gigabytes.",
            0,
            ModelConfig(n_layer=12, n_head=14, n_embd=896, block_size=1024, vocab_size=8192),
            TrainConfig(
                steps=20_000,
                batch_size=128,
                micro_batch_size=4,
                learning_rate=0.003,
                muon_lr=0.005,
                weight_decay=0.05,
                eval_interval=500,
                checkpoint_interval=1000,
            ),
        ),
    )
}


def find_preset(name: str) -> Preset | None:
    """The preset of this name, also of those that no page offers; None where there is none."""
    return PRESETS.get(name) or LARGE.get(name)


def preset_config(name: str, **changes: Value) -> RunConfig:
    """The settings of a preset with `changes`, e.g. `corpus="names", seed=3, n_layer=2`.

    A change may name a field of RunConfig, ModelConfig or TrainConfig. Raises BadRequest
    for an unknown preset or field, or a value out of range.
    """
    if (preset := find_preset(name)) is None:
        names = ", ".join((*PRESETS, *LARGE))
        raise BadRequest(f"There is no preset {name!r:.40}; choose one of {names}.")
    base = RunConfig(
        documents=preset.documents, model=preset.model, train=preset.train, preset=name
    )
    return with_changes(base, changes)
