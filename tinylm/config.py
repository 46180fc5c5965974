"""What a run is asked to do: its settings, and one table that says what each of them may be.

This loads no torch, so that the server can show and check settings without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from tinylm.errors import BadRequest
from tinylm.knobs import TEXT_ROWS, TextConfig
from tinylm.setting import Setting, Stage, Value

CONFIG_VERSION = 1
ELSEWHERE = "elsewhere"  # the kind of a run whose model was not trained here, but imported


class ModelConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The shape of the GPT."""

    n_layer: int = 2
    n_head: int = 2
    n_embd: int = 128
    block_size: int = 128  # context length in tokens
    vocab_size: int = 2048

    @property
    def head_size(self) -> int:
        return self.n_embd // self.n_head


class TrainConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How the model is trained."""

    steps: int = 1000
    batch_size: int = 8  # rows of block_size tokens in one step
    micro_batch_size: int = 0  # rows whose gradient is computed together; 0: all of the batch
    learning_rate: float = 0.014
    muon_lr: float = 0.011
    weight_decay: float = 0.0
    warmup: float = 0.02
    cooldown: float = 0.8
    grad_clip: float = 1.0
    eval_interval: int = 100
    checkpoint_interval: int = 250
    patience: int = 0  # validations in a row that are not better, after which training ends; 0: off
    seed: int = 1
    threads: int = 0
    precision: str = "auto"
    device: str = "auto"
    activation_checkpointing: str = "off"
    compile: str = "off"


class RunConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that determines a run, apart from the machine; SETTINGS explains each field."""

    corpus: str = "world"
    documents: int = 0
    model: ModelConfig = msgspec.field(default_factory=ModelConfig)
    train: TrainConfig = msgspec.field(default_factory=TrainConfig)
    text: TextConfig = msgspec.field(default_factory=TextConfig)
    kind: str = "pretrain"
    preset: str = ""
    parent: str = ""
    parent_step: int = -1
    init: str = "random"
    task: str = ""
    num_examples: int = 0
    method: str = "full"
    lora_rank: int = 8
    lora_matrices: str = "all"
    replay: float = 0.0
    num_generations: int = 8
    temperature: float = 1.0
    sample_prompt: str = ""
    experiment: str = ""

    def to_dict(self) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {"version": CONFIG_VERSION} | plain

    @staticmethod
    def from_dict(data: object) -> RunConfig:
        """Rebuild and check a configuration.

        Raises BadRequest for an unknown version, an unknown key, a wrong type or a value
        out of range.
        """
        version = data.get("version", CONFIG_VERSION) if isinstance(data, dict) else CONFIG_VERSION
        if version != CONFIG_VERSION:
            raise BadRequest(
                f"These settings are of version {version!r:.40}, but this program reads version "
                f"{CONFIG_VERSION}: use the tinylm that wrote them."
            )
        if isinstance(data, dict):
            data = {name: value for name, value in data.items() if name != "version"}
        try:
            config = msgspec.convert(data, RunConfig)
        except msgspec.ValidationError as error:
            raise BadRequest(f"These are no settings that tinylm wrote: {error}.") from None
        config.check()
        return config

    def check(self) -> None:
        """Raise BadRequest, with the limits in the sentence, where a value makes no sense."""
        elsewhere = self.kind == ELSEWHERE  # its shape is not ours to judge
        for setting in SETTINGS.values():
            if not (elsewhere and setting.part == "model"):
                setting.check(setting.of(self))
        self.text.check()
        if not elsewhere and self.model.n_embd % (2 * self.model.n_head):
            raise BadRequest(
                f"n_embd ({self.model.n_embd}) must be a multiple of twice n_head "
                f"({2 * self.model.n_head}): rotary positions turn pairs of numbers in each head."
            )
        if self.train.warmup + self.train.cooldown > 1:
            raise BadRequest("warmup and cooldown are shares of one run: together at most 1.")
        if self.kind == "finetune" and not (self.parent and self.task):
            raise BadRequest("Fine-tuning needs a run to take the model from, and a task.")
        if self.kind == "finetune" and self.train.patience:
            raise BadRequest("Patience belongs to pre-training: fine-tune without it.")
        if self.kind != "finetune" and (self.method != "full" or self.replay):
            raise BadRequest("LoRA, rewards and replay belong to fine-tuning: pre-train without.")
        if self.method == "reward" and self.replay:
            raise BadRequest(
                "Replay stands between updates on labelled examples, and rewards need no labels: "
                'choose replay 0, or the method "full".'
            )
        if self.method == "lora" and self.init != "base":
            raise BadRequest(
                "LoRA adapts a pre-trained model, and random weights have nothing to adapt: begin "
                'with a base, or choose the method "full".'
            )

    @property
    def tokens_per_step(self) -> int:
        return self.train.batch_size * self.model.block_size


# The numbers of `model` and `train` stand in the order of the form on the page Pre-train.
_ROWS = {
    "n_layer": Setting(
        "Layers", "Blocks of attention and MLP, one after the other.", 1, 48, 1, page_high=12
    ),
    "n_head": Setting("Heads", "Attention heads in each layer.", 1, 32, 1, page_high=16),
    "n_embd": Setting(
        "Width", "Numbers that stand for one token inside the model.", 16, 2048, 16, page_high=512
    ),
    "block_size": Setting(
        "Context length", "How many tokens the model can see at once.", 16, 2048, 16, page_high=512
    ),
    "vocab_size": Setting(
        "Vocabulary",
        "Kinds of tokens; 256 means single bytes, with no merges.",
        256,
        16_384,
        256,
        page_high=4096,
    ),
    "steps": Setting("Steps", "Optimizer updates.", 1, 100_000, 1),
    "batch_size": Setting(
        "Batch size",
        "Rows of text that one update learns from; with rewards, questions that it asks.",
        1,
        1024,
        1,
        page_high=256,
    ),
    "micro_batch_size": Setting(
        "Micro-batch",
        "Rows of a batch whose gradient is computed together, to save memory; 0: all of them.",
        0,
        1024,
        1,
        terminal=True,
    ),
    "learning_rate": Setting("Learning rate (AdamW)", "For embeddings and norms.", 1e-6, 0.1),
    "muon_lr": Setting(
        "Learning rate (Muon)", "For the matrices of the blocks; 0 gives them to AdamW.", 0, 0.2
    ),
    "weight_decay": Setting("Weight decay", "How strongly weights are pulled towards zero.", 0, 1),
    "warmup": Setting("Warm-up", "Share of the steps in which the learning rate rises.", 0, 0.5),
    "cooldown": Setting(
        "Cool-down", "Share of the steps, at the end, in which it falls to zero.", 0, 1
    ),
    "grad_clip": Setting("Gradient clipping", "Largest norm of the gradient; 0 is off.", 0, 100),
    "eval_interval": Setting(
        "Validate every",
        "Steps between two validations. Before the first one there are quick looks, at 5, 10, 20, "
        "40 and 90 steps.",
        1,
        100_000,
        1,
    ),
    "checkpoint_interval": Setting("Checkpoint every", "Steps between two saves.", 1, 100_000, 1),
    "patience": Setting(
        "Patience",
        "Training ends early after so many validations in a row that are no better than the best "
        "one; 0: it never does.",
        0,
        1_000,
        1,
        applies="pretrain",
    ),
    "seed": Setting(
        "Seed", "Same seed, same settings, same thread count: same curve.", 0, 2**31, 1
    ),
    "threads": Setting("Threads", "0 lets the worker choose.", 0, 64, 1),
    "precision": Setting("Precision", "Of products.", choices=("auto", "fp32", "bf16")),
    "activation_checkpointing": Setting(
        "Activation checkpointing",
        "Whether each layer is computed again for its gradient, instead of kept: less memory, more "
        "time.",
        choices=("off", "on"),
    ),
    "compile": Setting(
        "Compile",
        "Whether torch.compile makes the loops, in the place of those that are there. It takes "
        "long at first; whether it pays was not measured.",
        choices=("off", "on"),
    ),
    "device": Setting("Device", "Where to compute.", choices=("auto", "cpu", "cuda", "mps")),
    "corpus": Setting("Corpus", "The text to read.", high=200, instead="choose it with --corpus"),
    "documents": Setting(
        "Documents", "To take or to make; 0: all.", 0, 1_000_000, 1, applies="pretrain"
    ),
    "sample_prompt": Setting(
        "Prompt",
        "What the samples continue; empty: chosen by corpus.",
        high=1000,
        applies="pretrain",
    ),
    "preset": Setting("Preset", "Where these settings began.", instead="choose it with --preset"),
    "kind": Setting(
        "Kind",
        "What the model learns from: text, or labelled examples; or elsewhere, if it was imported.",
        choices=("pretrain", "finetune", ELSEWHERE),
        instead="the commands train and finetune decide it, and import",
    ),
    "parent": Setting(
        "Parent", "The run it begins from.", instead="name the run after the command finetune"
    ),
    "parent_step": Setting(
        "Checkpoint of the parent", "-1: its best.", -1, 100_000, 1, applies="base"
    ),
    "init": Setting(
        "Weights at the start",
        "Those of the parent, or random ones in its shape.",
        choices=("random", "base"),
        instead="name a run, or scratch, after the command finetune",
    ),
    "task": Setting("Task", "What it is trained to answer.", instead="choose it with --task"),
    "num_examples": Setting(
        "Examples",
        "Labelled ones, to learn from; with rewards, questions to try.",
        0,
        1_000_000,
        1,
        instead="choose it with --examples",
    ),
    "method": Setting(
        "Method",
        "Move all weights, or low-rank adapters, by right answers; or all weights, by rewards for "
        "answers that the model tries.",
        choices=("full", "lora", "reward"),
        applies="finetune",
    ),
    "lora_rank": Setting(
        "LoRA rank", "Rank of the change that each matrix may take.", 1, 64, 1, applies="lora"
    ),
    "lora_matrices": Setting(
        "LoRA matrices",
        "Which matrices of the blocks get an adapter.",
        choices=("all", "attention", "mlp"),
        applies="lora",
    ),
    "num_generations": Setting(
        "Answers a question",
        "How often the model tries each question of an update; only the differences teach.",
        2,
        64,
        1,
        applies="reward",
    ),
    "temperature": Setting(
        "Temperature",
        "How freely these answers are drawn; 1: as the model's probabilities say.",
        0.1,
        2,
        applies="reward",
    ),
    "replay": Setting(
        "Replay",
        "Share of the updates that read pre-training text, against forgetting.",
        0,
        0.9,
        applies="finetune",
    ),
    "experiment": Setting(
        "Experiment",
        "The experiment and the condition that it belongs to, as NAME/CONDITION.",
        high=80,
        instead="only an experiment gives its runs this label",
    ),
    **TEXT_ROWS,
}
_PARTS: tuple[tuple[str, type, Stage], ...] = (
    ("", RunConfig, ""),
    ("model", ModelConfig, "pretrain"),  # fine-tuning has the shape of its parent
    ("train", TrainConfig, ""),
    ("text", TextConfig, "pretrain"),
)
# All settings by name; a test finds fields without a row.
SETTINGS: dict[str, Setting] = {
    name: row._replace(name=name, part=part, kind=kind, applies=row.applies or applies)
    for part, fields, applies in _PARTS
    for name, kind in get_type_hints(fields).items()
    if (row := _ROWS.get(name))
}
_APPLIES = {
    "pretrain": "pre-training",
    "finetune": "fine-tuning",
    "base": "fine-tuning from a base",
    "lora": "LoRA (method=lora)",
    "reward": "fine-tuning by rewards (method=reward)",
}


def setting(name: str) -> Setting:
    """The row of this name. Raises BadRequest where there is none."""
    if name not in SETTINGS:
        near = get_close_matches(name, SETTINGS, 3) or ["n_layer", "steps", "seed"]
        raise BadRequest(
            f"There is no setting {name!r:.40}: others are {', '.join(near)}, and "
            "`python -m tinylm settings` lists all."
        )
    return SETTINGS[name]


def parse_setting(text: str) -> tuple[str, Value]:
    """`"n_layer=2"` -> `("n_layer", 2)`, for `--set`. Raises BadRequest."""
    name, equals, value = text.partition("=")
    if not equals:
        raise BadRequest(
            f"A setting is written key=value, for example n_layer=2; got {text!r:.40}."
        )
    row = setting(name.strip())
    if row.instead:
        raise BadRequest(f"{row.name} is no setting for --set: {row.instead}.")
    return row.name, row.parse(value.strip())


def check_applies(config: RunConfig, names: Iterable[str]) -> None:
    """Raise BadRequest for a setting of these that a run with this configuration never reads."""
    stages = {"", config.kind}
    if config.kind == "finetune":
        stages |= {config.init, config.method}
    for name in names:
        if (only := setting(name).applies) not in stages:
            of = _APPLIES[only]
            raise BadRequest(f"{name} would change nothing here: it is a setting of {of}.")


def with_changes(config: RunConfig, changes: Mapping[str, Value]) -> RunConfig:
    """`config` with fields of any of its parts changed by name, checked."""
    data = config.to_dict()
    for name, value in changes.items():
        part = setting(name).part
        (data[part] if part else data)[name] = value
    return RunConfig.from_dict(data)
