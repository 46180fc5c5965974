"""Settings of a fine-tuning, chosen by the run to begin from and the number of examples.

This loads no torch.
"""

from __future__ import annotations

import math

from tinylm.config import RunConfig, with_changes
from tinylm.setting import Value

FINETUNE_BATCH = 8
FINETUNE_EPOCHS = 8
FINETUNE_STEPS = (40, 320)  # the least and the most
# Learning rates (AdamW, Muon) that suit each start. A pre-trained model gets a small one, which
# keeps what it has learned; random weights get larger ones, like those of pre-training. Adapters
# start at zero and bear a larger one too (measured: docs/decisions/fine-tuning.md).
FINETUNE_RATES = {
    "base": (7e-4, 0.0),
    "random": (4e-3, 0.02),
    "lora": (2e-3, 0.0),
    "reward": (4e-4, 0.0),
}
# Rewards: so many questions are asked in an update, and so many updates there are.
REWARD_BATCH, REWARD_STEPS = 16, 80


TASK_TITLE = 30  # characters of a task's title in that of a run


def tuned_title(config: RunConfig, task_title: str) -> str:
    """What a fine-tuned run is called, given what people call its task."""
    start = "base" if config.init == "base" else "scratch"
    return f"{task_title[:TASK_TITLE]}, {config.num_examples} examples, from {start}"


def finetune_config(
    base: RunConfig, run_id: str, task: str, num_examples: int, init: str = "base", **changes: Value
) -> RunConfig:
    """Settings to fine-tune run `run_id`, trained with `base`, on `num_examples` of a task.

    With `init` "scratch", only the run's shape and tokenizer are taken, and the weights are random.
    Replay adds updates; the number of those that learn from the examples stays the same.
    `changes` are those of `preset_config`. Raises BadRequest.
    """
    own: dict[str, Value] = {
        "method": "full",
        "lora_matrices": "all",
        "lora_rank": 8,
        "replay": 0.0,
        "num_generations": 8,
        "temperature": 1.0,
    }
    own |= {
        "kind": "finetune",
        "parent": run_id,
        "parent_step": -1,
        "init": {"scratch": "random"}.get(init, init),
        "task": task,
        "num_examples": num_examples,
        "preset": "",
        "sample_prompt": "",
        "experiment": "",
        "patience": 0,
    }
    config = with_changes(base, own | changes)
    least, most = FINETUNE_STEPS
    labelled = min(most, max(least, math.ceil(FINETUNE_EPOCHS * num_examples / FINETUNE_BATCH)))
    steps = steps_with_replay(labelled, config.replay)
    rates = FINETUNE_RATES[config.init if config.method == "full" else config.method]
    schedule: dict[str, Value] = {
        "steps": steps,
        "batch_size": FINETUNE_BATCH,
        "learning_rate": rates[0],
        "muon_lr": rates[1],
        "warmup": 0.1,
        "cooldown": 0.8,
        "eval_interval": max(1, steps // 8),
        "checkpoint_interval": max(1, steps // 8),  # so that what is lost can be seen on the way
    }
    if config.method == "reward":
        every = REWARD_STEPS // 8
        schedule |= {"steps": REWARD_STEPS, "batch_size": REWARD_BATCH, "cooldown": 0.3}
        schedule |= {"eval_interval": every, "checkpoint_interval": every}
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
