"""Records the model that the program brings along, and its training: data/recorded.

    python -m benchmarks.record [--preset full] [--seed 1]

Trains the preset once, as the pages do, and looks at the model at LOOKS: what it writes, and what
it answers with and without examples. Writes the last weights in bf16 and the looks as JSON. The
seed is the first one, not the best of several.
"""

from __future__ import annotations

import argparse
import math
import platform
import re
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import torch

from tinylm import recorded
from tinylm.codec import encode
from tinylm.config import RunConfig
from tinylm.corpora import load as load_corpus
from tinylm.corpora.statistics import corpus_statistics
from tinylm.evaluation.measure import measure
from tinylm.evaluation.ngram import NGram
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.validation import validate
from tinylm.events import Preparing, StepDone
from tinylm.model.generate import generate
from tinylm.model.gpt import GPT
from tinylm.model.lora import plain_weights
from tinylm.model.words import next_whole
from tinylm.presets import preset_config
from tinylm.process import usable_cores
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.job import TrainingJob
from tinylm.training.loop import train
from tinylm.training.prepare import prepare_pretraining
from tinylm.training.stored_model import read_model

LOOKS = (0, 5, 10, 20, 40, 90, 180, 360, 600, 1000, 1800, 3000, 4800)
PROMPT = "The capital of"
TOKENS = 50  # of a sample
TASK, SHOTS = "facts", 4
PROSE = "prose"
TRIED = 400  # sentences in which a word is covered
ROUNDS = 4  # of an easy, a middling and a hard one


def look(job: TrainingJob, step: int) -> recorded.Look:
    """The model as it is after `step` updates."""
    loss, _ = validate(job.model, job.validation)
    ids = [job.tokenizer.separator, *job.tokenizer.encode(PROMPT)]
    text = job.tokenizer.decode(
        generate(job.model, ids, TOKENS, temperature=0.8, stop={job.tokenizer.separator}, seed=1)
    )
    task = find_task(job.config.corpus, TASK)
    zero, few = (
        measure(job.model, job.tokenizer, task, num_fewshot=k, ranked=False).accuracy
        for k in (0, SHOTS)
    )
    return recorded.Look(
        step, step * job.config.tokens_per_step, round(loss, 4), text, round(zero, 4), round(few, 4)
    )


def record(config: RunConfig, home: Path) -> tuple[TrainingJob, list[recorded.Look], float]:
    """Train once; returns the trained job, the looks, and the seconds of training alone."""
    stages = prepare_pretraining(config, home / "runs" / "recorded", home, resume=False)
    job = next(stage for stage in stages if not isinstance(stage, Preparing))
    job.threads = usable_cores
    looks, looking, began = [look(job, 0)], 0.0, time.perf_counter()
    for event in train(job):
        if isinstance(event, StepDone) and event.step in (*LOOKS, config.train.steps):
            start = time.perf_counter()
            looks.append(look(job, event.step))
            looking += time.perf_counter() - start
            print(looks[-1], flush=True)
    return job, looks, time.perf_counter() - began - looking


def bets_on(home: Path) -> recorded.Bets:
    """Sentences of the validation text with a word covered: easy, middling and hard ones in turn.

    How hard one is, the recorded model says. Which sentences and words are tried is random; the
    words to bet on are the most probable ones that stand in the training text.
    """
    model, coder, config = read_model(recorded.FOLDER, -1)
    untrained = read_model(recorded.FOLDER, 0)[0]
    corpus = load_corpus(config.corpus, config.documents, home)
    known = {word for d in corpus.train for word in re.findall(r"[A-Za-z]+", d.text)}
    counted = NGram.fit([coder.encode(d.text) for d in corpus.train], 2, coder.vocab_size)
    random = Random(1)
    sentences = [d.text.partition("\n")[0] for d in corpus.val if d.kind == PROSE]
    random.shuffle(sentences)
    bins: list[list[recorded.Bet]] = [[], [], []]
    for sentence in sentences[:TRIED]:
        sentence = re.match(r"[^.!?]*[.!?]?", sentence)[0]  # type: ignore[index]
        places = list(re.finditer(r" [A-Za-z]+", sentence))
        if not 4 <= len(places) <= 14:
            continue
        place = random.choice(places[1:])
        ids = [coder.separator, *coder.encode(sentence[: place.start()])]
        found = dict(next_whole(model, coder, ids, top=60).likely)
        words = [word for word in found if word.strip() in known]
        options = sorted({place[0], *words[:4]})
        if len(options) < 4 or place[0] not in found:
            continue
        bet = recorded.Bet(
            sentence[: place.start()],
            sentence[place.end() :],
            tuple(option.strip() for option in options),
            options.index(place[0]),
            tuple(_digits(found[option]) for option in options),
            tuple(_digits(_counted(counted, ids[-1], coder.encode(o))) for o in options),
            tuple(_digits(_spelled(untrained, ids, coder.encode(o))) for o in options),
        )
        chance = bet.trained[bet.right]
        bins[0 if chance > 0.8 else 1 if chance > 0.2 else 2].append(bet)
    kept = [bin[i] for i in range(ROUNDS) for bin in bins if i < len(bin)]
    return recorded.Bets(corpus_statistics(corpus).distinct_words, tuple(kept))


def _digits(chance: float) -> float:
    """Three digits of a probability that may be very small."""
    return float(f"{chance:.3g}")


def _counted(model: NGram, before: int, word: list[int]) -> float:
    """The probability of a word's tokens after the token before it, by counting pairs."""
    losses = model.losses([[before, *word]])
    return math.exp(-float(losses[1 : 1 + len(word)].sum()))


@torch.inference_mode()
def _spelled(model: GPT, ids: list[int], word: list[int]) -> float:
    """The probability of a word's tokens after `ids`."""
    logits = model(torch.tensor([[*ids, *word]]))[0, len(ids) - 1 : -1].float()
    return float(logits.log_softmax(-1)[range(len(word)), word].sum().exp())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.record", description=__doc__)
    parser.add_argument("--preset", default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bets", action="store_true", help="only the sentences to bet on")
    options = parser.parse_args()
    if not options.bets:
        record_training(options.preset, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        _write("bets", bets_on(Path(folder)))


def record_training(preset: str, seed: int) -> None:
    """Train, and write the weights and the looks."""
    config = preset_config(preset, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        job, looks, seconds = record(config, home)
        shutil.rmtree(recorded.FOLDER, ignore_errors=True)
        recorded.FOLDER.mkdir(parents=True)
        job.tokenizer.save(recorded.FOLDER / "tokenizer.json")
    weights = {name: w.to(torch.bfloat16) for name, w in plain_weights(job.model).items()}
    CheckpointFolder(str(recorded.FOLDER / "checkpoints")).save(
        config.train.steps,
        looks[-1].tokens_seen,
        msgspec.structs.replace(config, model=job.model.config),
        job.model.config,
        weights,
        {},
    )
    found = recorded.Recording(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{usable_cores()} cores, {platform.machine()}, {job.precision}",
        commit=subprocess.check_output(("git", "rev-parse", "--short", "HEAD"), text=True).strip(),
        preset=preset,
        seed=seed,
        seconds=round(seconds, 1),
        parameters=job.model.num_parameters,
        prompt=PROMPT,
        task=TASK,
        shots=SHOTS,
        items=len(find_task(config.corpus, TASK).test),
        looks=tuple(looks),
    )
    _write("training", found)


def _write(name: str, found: recorded.Recording | recorded.Bets) -> None:
    (recorded.FOLDER / f"{name}.json").write_text(encode(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
