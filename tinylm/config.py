"""What a run is asked to do: its frozen settings, and the limits within which they may lie.

This module does not import torch, so that the server can show and check settings without it.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from dataclasses import dataclass, field
from typing import Any

from tinylm.errors import BadRequest

CONFIG_VERSION = 1


@dataclass(frozen=True)
class Knob:
    """One setting that a person may change: its label, one line of help, and its limits."""

    label: str
    help: str
    low: float
    high: float
    step: float | None = None  # None: any value between low and high


@dataclass(frozen=True)
class ModelConfig:
    """The shape of the GPT."""

    n_layer: int = 2
    n_head: int = 2
    n_embd: int = 128
    block_size: int = 128  # context length in tokens
    vocab_size: int = 2048

    @property
    def head_size(self) -> int:
        return self.n_embd // self.n_head


@dataclass(frozen=True)
class TrainConfig:
    """How the model is trained."""

    steps: int = 1000
    batch_size: int = 8  # rows of block_size tokens that one step reads
    learning_rate: float = 0.014  # of AdamW, which updates embeddings and norms
    muon_lr: float = 0.011  # of Muon, for the matrices of the blocks; 0 gives them to AdamW
    weight_decay: float = 0.0
    warmup: float = 0.02  # share of the steps in which the learning rate rises
    cooldown: float = 0.8  # share of the steps, at the end, in which it falls linearly to zero
    grad_clip: float = 1.0
    eval_interval: int = 100  # steps between validations
    checkpoint_interval: int = 250  # steps between checkpoints
    seed: int = 1
    threads: int = 0  # 0: the worker chooses
    precision: str = "auto"  # auto | fp32 | bf16
    device: str = "auto"  # auto | cpu | cuda | mps


@dataclass(frozen=True)
class RunConfig:
    """Everything that determines a run, apart from the machine."""

    corpus: str = "world"
    documents: int = 0  # training documents to take or to generate; 0: all that the corpus has
    model: ModelConfig = field(default_factory=ModelConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    kind: str = "pretrain"  # pretrain | finetune
    preset: str = ""  # name of the preset from which these settings were made; "": none
    parent: str = ""  # fine-tuning: id of the run that gives the weights or only the shape
    parent_step: int = -1  # fine-tuning: step of the parent's checkpoint; -1: its last
    init: str = "random"  # random | base: start from random weights, or from those of the parent
    task: str = ""  # fine-tuning: name of the task
    num_examples: int = 0  # fine-tuning: how many labelled examples are used
    method: str = "full"  # fine-tuning: full | lora: train all weights, or low-rank adapters
    lora_rank: int = 8  # rank r of the adapters
    lora_matrices: str = "all"  # all | attention | mlp: which matrices of the blocks get an adapter
    replay: float = 0.0  # fine-tuning: share of the updates that read pre-training text
    sample_prompt: str = ""  # what samples during training continue; "": the corpus chooses

    def to_dict(self) -> dict[str, Any]:
        return {"version": CONFIG_VERSION} | dataclasses.asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> RunConfig:
        """Rebuild and check a configuration.

        Raises BadRequest for an unknown version, an unknown key, a wrong type or a value
        out of range.
        """
        data = dict(data)
        version = data.pop("version", CONFIG_VERSION)
        if version != CONFIG_VERSION:
            raise BadRequest(
                f"These settings are of version {version}, but this program reads version "
                f"{CONFIG_VERSION}: use the tinylm that wrote them."
            )
        config: RunConfig = _build(RunConfig, data)
        config.check()
        return config

    def check(self) -> None:
        """Raise BadRequest where a value makes no sense; the message says what is allowed."""
        sections = (("model", self.model), ("train", self.train), ("tune", self))
        for section, values in sections:
            for name, knob in KNOBS[section].items():
                _check_range(name, getattr(values, name), knob)
        if self.model.n_embd % (2 * self.model.n_head):
            raise BadRequest(
                f"n_embd ({self.model.n_embd}) must be a multiple of twice n_head "
                f"({2 * self.model.n_head}): rotary positions turn pairs of numbers in each head."
            )
        _check_choice("kind", self.kind, ("pretrain", "finetune"))
        _check_choice("init", self.init, ("random", "base"))
        _check_choice("precision", self.train.precision, ("auto", "fp32", "bf16"))
        _check_choice("device", self.train.device, ("auto", "cpu", "cuda", "mps"))
        if not 0 <= self.documents <= 1_000_000:
            raise BadRequest("documents must be between 0 (all) and 1,000,000.")
        if self.train.warmup + self.train.cooldown > 1:
            raise BadRequest("warmup and cooldown are shares of one run: together at most 1.")
        self._check_tuning()

    def _check_tuning(self) -> None:
        _check_choice("method", self.method, ("full", "lora"))
        _check_choice("lora_matrices", self.lora_matrices, ("all", "attention", "mlp"))
        if self.kind == "finetune" and not (self.parent and self.task):
            raise BadRequest("Fine-tuning needs a run to take the model from, and a task.")
        if self.kind != "finetune" and (self.method != "full" or self.replay):
            raise BadRequest("LoRA and replay belong to fine-tuning: pre-train without them.")
        if self.method == "lora" and self.init != "base":
            raise BadRequest(
                "LoRA adapts a pre-trained model, and random weights have nothing to adapt: begin "
                'with a base, or choose the method "full".'
            )

    @property
    def tokens_per_step(self) -> int:
        return self.train.batch_size * self.model.block_size


MODEL_KNOBS = {
    "n_layer": Knob("Layers", "Blocks of attention and MLP, one after the other.", 1, 12, 1),
    "n_head": Knob("Heads", "Attention heads in each layer.", 1, 16, 1),
    "n_embd": Knob("Width", "Numbers that stand for one token inside the model.", 16, 512, 16),
    "block_size": Knob("Context length", "How many tokens the model can see at once.", 16, 512, 16),
    "vocab_size": Knob(
        "Vocabulary", "Kinds of tokens; 256 means single bytes, with no merges.", 256, 4096, 256
    ),
}
TRAIN_KNOBS = {
    "steps": Knob("Steps", "Optimizer updates.", 1, 100_000, 1),
    "batch_size": Knob("Batch size", "Rows of text that one update learns from.", 1, 256, 1),
    "learning_rate": Knob("Learning rate (AdamW)", "For embeddings and norms.", 1e-6, 0.1),
    "muon_lr": Knob(
        "Learning rate (Muon)", "For the matrices of the blocks; 0 gives them to AdamW.", 0, 0.2
    ),
    "weight_decay": Knob("Weight decay", "How strongly weights are pulled towards zero.", 0, 1),
    "warmup": Knob("Warm-up", "Share of the steps in which the learning rate rises.", 0, 0.5),
    "cooldown": Knob("Cool-down", "Share of the steps in which it falls to zero.", 0, 1),
    "grad_clip": Knob("Gradient clipping", "Largest norm of the gradient; 0 is off.", 0, 100),
    "eval_interval": Knob("Validate every", "Steps between two validations.", 1, 100_000, 1),
    "checkpoint_interval": Knob("Checkpoint every", "Steps between two saves.", 1, 100_000, 1),
    "seed": Knob("Seed", "Same seed, same settings, same thread count: same curve.", 0, 2**31, 1),
    "threads": Knob("Threads", "0 lets the worker choose.", 0, 64, 1),
}
TUNE_KNOBS = {
    "lora_rank": Knob("LoRA rank", "Rank of the change that each matrix may take.", 1, 64, 1),
    "replay": Knob(
        "Replay", "Share of the updates that read pre-training text, against forgetting.", 0, 0.9
    ),
}
KNOBS = {"model": MODEL_KNOBS, "train": TRAIN_KNOBS, "tune": TUNE_KNOBS}


def with_changes(config: RunConfig, changes: dict[str, Any]) -> RunConfig:
    """A copy of `config` in which settings are changed by name, in whichever part they stand.

    Raises BadRequest for an unknown setting or a value out of range.
    """
    data = config.to_dict()
    for name, value in changes.items():
        _kind_of(name)  # raises BadRequest where there is no such setting
        place = next(each for each in (data, data["model"], data["train"]) if name in each)
        place[name] = value
    return RunConfig.from_dict(data)


FINETUNE_BATCH = 8
FINETUNE_EPOCHS = 8
FINETUNE_STEPS = (40, 320)  # the least and the most
# Learning rates (AdamW, Muon) that suit each start. A pre-trained model gets a small one, which
# keeps what it has learned; random weights get larger ones, like those of pre-training. Adapters
# start at zero and bear a larger one too (measured: docs/decisions/fine-tuning.md).
FINETUNE_RATES = {"base": (7e-4, 0.0), "random": (4e-3, 0.02), "lora": (4e-3, 0.0)}


def finetune_config(
    base: RunConfig, run_id: str, task: str, num_examples: int, init: str = "base", **changes: Any
) -> RunConfig:
    """Settings to fine-tune run `run_id`, trained with `base`, on `num_examples` of a task.

    With `init` "scratch", only the run's shape and tokenizer are taken, and the weights are random.
    Replay adds updates; the number of those that learn from the examples stays the same.
    `changes` are those of `preset_config`. Raises BadRequest.
    """
    own: dict[str, Any] = {"method": "full", "lora_matrices": "all", "lora_rank": 8, "replay": 0.0}
    own |= {
        "kind": "finetune",
        "parent": run_id,
        "parent_step": -1,
        "init": {"scratch": "random"}.get(init, init),
        "task": task,
        "num_examples": num_examples,
        "preset": "",
        "sample_prompt": "",
    }
    config = with_changes(base, own | changes)
    least, most = FINETUNE_STEPS
    labelled = min(most, max(least, math.ceil(FINETUNE_EPOCHS * num_examples / FINETUNE_BATCH)))
    steps = steps_with_replay(labelled, config.replay)
    rates = FINETUNE_RATES["lora" if config.method == "lora" else config.init]
    schedule: dict[str, Any] = {
        "steps": steps,
        "batch_size": FINETUNE_BATCH,
        "learning_rate": rates[0],
        "muon_lr": rates[1],
        "warmup": 0.1,
        "cooldown": 0.8,
        "eval_interval": max(1, steps // 8),
        "checkpoint_interval": max(1, steps // 2),
    }
    return with_changes(config, schedule | changes)


def replayed(updates: int, share: float) -> int:
    """How many of the first `updates` read pre-training text: floor(updates * share)."""
    return math.floor(updates * share + 1e-9)


def steps_with_replay(labelled: int, share: float) -> int:
    """Updates in total, if `labelled` of them learn from examples: about labelled / (1 - share)."""
    steps = labelled
    while steps - replayed(steps, share) < labelled:
        steps += 1
    return steps


def parse_setting(text: str) -> tuple[str, Any]:
    """`"n_layer=2"` -> `("n_layer", 2)`; the value has the type of its field. Raises BadRequest."""
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals:
        raise BadRequest(f"--set takes key=value, for example n_layer=2; got {text!r}.")
    kind = _kind_of(name)
    try:
        return name, kind(value.strip())
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise BadRequest(f"{name} takes {wanted}; got {value!r}.") from None


# The type of every setting that is a single number or text, by its name.
SETTINGS: dict[str, type] = {
    name: kind
    for part in (RunConfig, ModelConfig, TrainConfig)
    for name, kind in typing.get_type_hints(part).items()
    if kind in (int, float, str)
}


def _kind_of(name: str) -> type:
    if name not in SETTINGS:
        raise BadRequest(f"There is no setting {name!r}; settings are {', '.join(SETTINGS)}.")
    return SETTINGS[name]


def _build(cls: type, data: Any) -> Any:
    if not isinstance(data, dict):
        raise BadRequest(f"Settings must be an object, got {type(data).__name__}.")
    hints = typing.get_type_hints(cls)
    unknown = sorted(set(data) - set(hints))
    if unknown:
        raise BadRequest(f"There is no setting {unknown[0]!r}.")
    return cls(**{name: _convert(name, value, hints[name]) for name, value in data.items()})


def _convert(name: str, value: Any, kind: type) -> Any:
    if dataclasses.is_dataclass(kind):
        return _build(kind, value)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadRequest(f"{name} must be of kind {kind.__name__}, got {value!r}.")
    return value


def _check_range(name: str, value: float, knob: Knob) -> None:
    if not math.isfinite(value) or not knob.low <= value <= knob.high:
        raise BadRequest(f"{name} must be between {knob.low:g} and {knob.high:g}; got {value:g}.")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise BadRequest(f"{name} must be one of {', '.join(choices)}; got {value!r}.")
