r"""Which learning rate and how many updates suit fine-tuning, and what each way forgets.

    python -m benchmarks.learning.finetune_rates RUN[,RUN] --method lora --rates 2e-3,4e-3 \
        --steps 128,256
    python -m benchmarks.learning.finetune_rates RUN --method full --rates 7e-4 --labels 512 \
        --replay 0,0.5

RUNs are pre-trained on the world and live in TINYLM_HOME. Each setting is fine-tuned from every
run with every seed, in a folder that is removed again. The table shows the mean accuracy on
held-out items, and the loss on the validation split of the pre-training text before and after.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tinylm.answers import engine, loading
from tinylm.events import StepDone
from tinylm.finetuning import finetune_config
from tinylm.home import home_dir, run_dir
from tinylm.questions.models import Loss, Score
from tinylm.training.checkpoints import CheckpointFolder


def measure(home: Path, base: str, task: str, labels: int, changes: dict[str, Any]) -> list[float]:
    """Fine-tune once: accuracy, ranked accuracy, loss on the text, updates, seconds."""
    config = loading.load_model(home, base, last_step(home, base))[2]
    tuned = finetune_config(config, base, task, labels, **changes)
    with tempfile.TemporaryDirectory(dir=home / "runs", prefix="rates-") as folder:
        started = time.perf_counter()
        steps = sum(
            isinstance(event, StepDone)
            for event in engine.run(tuned, Path(folder), home, threads=lambda: 1)
        )
        seconds = time.perf_counter() - started
        run, last = Path(folder).name, tuned.train.steps
        score = engine.answer(Score(run, last, task), home)
        loss = engine.answer(Loss(run, last), home).loss
    ranked = score.ranked.accuracy if score.ranked else 0.0
    return [score.accuracy, ranked, loss, steps, seconds]


def last_step(home: Path, run: str) -> int:
    """The step of a run's last checkpoint."""
    return CheckpointFolder(str(run_dir(home, run) / "checkpoints")).steps()[-1]


def numbers(text: str) -> list[float]:
    """The numbers of a list like "0,0.5"."""
    return [float(part) for part in text.split(",")]


def settings_of(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Every combination that was asked for, as changes to a fine-tuning's settings."""
    own: dict[str, Any] = (
        {"method": "lora", "lora_rank": options.rank, "lora_matrices": options.matrices}
        if options.method == "lora"
        else {"init": "scratch" if options.method == "scratch" else "base"}
    )
    found = []
    rates = numbers(options.rates) if options.rates else [0.0]
    steps = numbers(options.steps) if options.steps else [0.0]
    for rate, count, replay in itertools.product(rates, steps, numbers(options.replay)):
        changes = own | {"replay": replay}
        changes |= {"learning_rate": rate} if rate else {}
        changes |= {"steps": int(count)} if count else {}
        found.append(changes)
    return found


def main() -> None:
    """Measure every setting and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", help="pre-trained runs, with commas between")
    parser.add_argument("--task", default="questions")
    parser.add_argument("--method", choices=("full", "lora", "scratch"), default="full")
    parser.add_argument("--rates", help="AdamW's; default: the one that is built in")
    parser.add_argument("--steps", help="updates in all; default: as built in")
    parser.add_argument("--labels", type=int, default=128)
    parser.add_argument("--replay", default="0")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--matrices", default="all")
    parser.add_argument("--seeds", default="1,2")
    options = parser.parse_args()

    bases, seeds = options.runs.split(","), [int(s) for s in numbers(options.seeds)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for base in bases:
            shutil.copytree(run_dir(home_dir(), base), run_dir(home, base))
            loss = engine.answer(Loss(base, last_step(home, base)), home).loss
            print(f"{base}: loss on the pre-training text {loss:.3f}", flush=True)
        for changes in settings_of(options):
            rows = [
                measure(home, base, options.task, options.labels, changes | {"seed": seed})
                for base, seed in itertools.product(bases, seeds)
            ]
            means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
            each = " ".join(f"{row[0]:.2f}" for row in rows)
            print(
                f"{changes}, {options.labels} labels: {means[3]:.0f} updates, {means[4]:.1f} s, "
                f"accuracy {means[0]:.3f} ({each}), ranked {means[1]:.3f}, "
                f"loss on the text {means[2]:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
