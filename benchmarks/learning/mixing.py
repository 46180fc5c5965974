"""What it costs and gains to mix an own text with the made world.

    python -m benchmarks.learning.mixing [--text FILE] [--shares 0,10,25,50,100] [--seeds 1,2,3]
        [--preset glance]

Trains a preset on mixtures in which so many percent of the characters come from the own
text (0: the world alone, 100: the text alone), in a home that is removed again. Without a FILE
the text is docs/lab-log.md. Prints a Markdown table with, for each share and as means over the
seeds: how often the text is read, accuracy on held-out facts of the world with 0, 4 and 8
examples, and bits per byte on held-out text of both. For the own text the best checkpoint counts
beside the last one, because a text that is read often is learned by heart.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import tempfile
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

from tinylm.answers import engine, loading
from tinylm.config import RunConfig
from tinylm.corpora import load
from tinylm.corpora.sources.mixtures import save_mixture, weights_for
from tinylm.corpora.sources.uploads import save_upload
from tinylm.evaluation.loss import corpus_loss
from tinylm.evaluation.measure import measure
from tinylm.evaluation.tasks import task
from tinylm.presets import preset_config
from tinylm.training.checkpoints import CheckpointFolder

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = (0, 4, 8)
VALIDATION = 40_000  # tokens of held-out text of each of the two


class Trained(NamedTuple):
    """What one training led to."""

    read: float  # how often the own text was read
    facts: tuple[float, ...]  # accuracy for each number of EXAMPLES
    own: float  # bits per byte on held-out own text, at the end
    best: float  # the lowest of its checkpoints
    world: float  # bits per byte on held-out text of the world, at the end


def corpus_of(own: str, share: float, home: Path) -> str:
    """The corpus in which `share` of the characters are those of the own text."""
    if share in (0.0, 1.0):
        return own if share else "world"
    return save_mixture(weights_for({own: share, "world": 1 - share}, home), {}, home).name


def times_read(config: RunConfig, own: str, run: str, home: Path) -> float:
    """How often a training read the own text: its tokens that were read, over those it has."""
    tokenizer = loading.load_tokenizer(home, run)
    mine = {document.text for document in load(own, 0, home).train}
    count = {text: len(tokenizer.encode(text)) for text in mine}
    train = load(config.corpus, config.documents, home).train
    lengths = tokenizer.encode_batch([document.text for document in train])
    total = sum(map(len, lengths))
    own_tokens = sum(count[document.text] for document in train if document.text in count)
    read = config.train.steps * config.tokens_per_step
    return read * own_tokens / total / sum(count.values())


def trained(own: str, preset: str, share: float, seed: int, home: Path) -> Trained:
    config = preset_config(preset, corpus=corpus_of(own, share, home), seed=seed)
    run = f"{config.corpus}-{seed}"
    folder = home / "runs" / run
    deque(engine.run(config, folder, home, threads=lambda: 1), maxlen=0)
    steps = CheckpointFolder(str(folder / "checkpoints")).steps()
    held_out = load(own, 1, home)
    bits = []
    for step in steps:
        model, tokenizer, _ = loading.load_model(home, run, step)
        bits.append(corpus_loss(model, tokenizer, held_out, VALIDATION).bits_per_byte)
    facts = task("world", "facts", home)
    accuracy = (measure(model, tokenizer, facts, num_fewshot=k, ranked=False) for k in EXAMPLES)
    return Trained(
        times_read(config, own, run, home),
        tuple(one.accuracy for one in accuracy),
        bits[-1],
        min(bits),
        corpus_loss(model, tokenizer, load("world", 1, home), VALIDATION).bits_per_byte,
    )


def told(numbers: Sequence[float]) -> str:
    spread = f" ± {stdev(numbers):.2f}" if len(numbers) > 1 else ""
    return f"{mean(numbers):.2f}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, default=ROOT / "docs" / "lab-log.md")
    parser.add_argument("--shares", default="0,10,25,50,100")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--preset", default="glance")
    options = parser.parse_args()
    data = options.text.read_bytes()
    seeds = [int(one) for one in options.seeds.split(",")]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    print(f"{options.text.name}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    print(f"commit {commit}, preset {options.preset}, seeds {options.seeds}")
    print("means ± standard deviations over the seeds\n")
    head = ["own text", "read", *(f"facts k={k}" for k in EXAMPLES)]
    print(f"| {' | '.join([*head, 'own, at its best', 'own, at the end', 'world'])} |")
    print("|---" * (len(head) + 3) + "|")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        own = save_upload(data, options.text.name, home).name
        for percent in map(float, options.shares.split(",")):
            found = [trained(own, options.preset, percent / 100, seed, home) for seed in seeds]
            row = [f"{percent:g} %", f"{mean(one.read for one in found):.1f}"]
            row += [told([one.facts[place] for one in found]) for place in range(len(EXAMPLES))]
            row += [
                told([getattr(one, what) for one in found]) for what in ("best", "own", "world")
            ]
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
