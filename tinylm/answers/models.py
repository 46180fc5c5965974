"""What a worker or the terminal asks for: a whole run, or one short piece of work.

The only doors through which the rest of the program reaches torch.
"""

from __future__ import annotations

import math
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinylm.answers.inside import Load, copying, draw, embedding_map, look_inside, reading_examples
from tinylm.answers.tokens import compression, merges, size, tokens_of
from tinylm.answers.transfer import measure_point
from tinylm.config import RunConfig
from tinylm.corpora import load as load_corpus
from tinylm.corpora.explore import explore, search
from tinylm.corpora.sources.own_worlds import world_of
from tinylm.corpora.statistics import corpus_statistics
from tinylm.errors import BadRequest, NotFound
from tinylm.evaluation.bleu_traps import bleu_cases
from tinylm.evaluation.ladder import ladder
from tinylm.evaluation.loss import corpus_loss
from tinylm.evaluation.measure import measure
from tinylm.evaluation.scoring import Question, prompt_ids, score
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.vocabularies import count_in_vocabularies
from tinylm.events import Event, Preparing
from tinylm.fast import warm
from tinylm.home import run_dir as folder_of_run
from tinylm.model.generate import generate, next_token_odds
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import MAX_VOCAB, Tokenizer
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.device import use_threads
from tinylm.training.loop import train
from tinylm.training.prepare import (
    FINAL_VALIDATION_TOKENS,
    learned_tokenizer,
    prepare_finetuning,
    prepare_pretraining,
)
from tinylm.training.stored_model import read_model

WARM_MODELS = 48  # kept in memory between short jobs: some MB each, and scrubbing is quick
MAX_SAMPLE = 500
MAX_PROMPT = 10_000  # characters


def run(
    config: RunConfig,
    run_dir: Path,
    home: Path,
    *,
    resume: bool = False,
    control: Callable[[], str] = lambda: "run",
    threads: Callable[[], int] | None = None,
    lr_factor: Callable[[], float] = lambda: 1.0,
) -> Iterator[Event]:
    """Prepare and train a run in its folder, yielding events until RunEnded.

    `control` is asked before every step and answers "run", "pause" or "stop"; `threads` says
    how many threads to use at the moment, `lr_factor` what to multiply the learning rates of
    the schedule by. With `resume`, goes on from the last checkpoint
    that can be read, or begins anew where there is none. Raises TinylmError.
    """
    config.check()
    chosen = config.train.threads

    def count() -> int:
        return chosen or (threads() if threads is not None else default_threads())

    use_threads(count())
    if not warm.is_ready():
        yield Preparing(0, "Compiling for this processor, once: about half a minute")
        warm.compile_once(give_up=lambda: control() != "run")
    for prepared in (
        prepare_finetuning(config, run_dir, home, resume)
        if config.kind == "finetune"
        else prepare_pretraining(config, run_dir, home, resume)
    ):
        if isinstance(prepared, Preparing):
            yield prepared
            continue
        prepared.threads, prepared.lr_factor = count, lr_factor
        yield from train(prepared, control=control)


def default_threads() -> int:
    """Half of the logical processors where there are many, all where there are few."""
    count = os.cpu_count() or 1
    return count if count <= 4 else count // 2


def perform(kind: str, params: dict[str, Any], home: Path, *, threads: int = 1) -> dict[str, Any]:
    """Do one short job; the answer depends on `params` and the files in `home` alone.

    One thread by default: short jobs are done while runs have the other cores.
    """
    if kind not in JOBS:
        raise BadRequest(f"There is no job {kind!r}; there are: {', '.join(JOBS)}.")
    use_threads(threads)
    return JOBS[kind](params, home)


def load_model(home: Path, run_id: str, step: int = -1) -> tuple[GPT, Tokenizer, RunConfig]:
    """A run's model at a checkpoint (-1: the last; 0: untrained, if never saved), for reading.

    Raises NotFound for a run that does not exist or has no checkpoint.
    """
    folder = folder_of_run(home, run_id)
    if not (folder / "tokenizer.json").exists():
        raise NotFound(f"There is no model of run {run_id!r} yet: train it first.")
    steps = CheckpointFolder(str(folder / "checkpoints")).steps()
    wanted = steps[-1] if step < 0 and steps else step
    key = (str(folder), wanted)
    with _lock:
        if key in _warm:
            _warm.move_to_end(key)
            return _warm[key]
    loaded = read_model(folder, wanted)
    with _lock:
        _warm[key] = loaded
        while len(_warm) > WARM_MODELS:
            _warm.popitem(last=False)
    return loaded


_warm: OrderedDict[tuple[str, int], tuple[GPT, Tokenizer, RunConfig]] = OrderedDict()
_lock = threading.Lock()


def _score(params: dict[str, Any], home: Path) -> dict[str, Any]:
    model, tokenizer, config = load_model(home, params["run"], int(params.get("step", -1)))
    task = find_task(config.corpus, params["task"], home)
    return measure(
        model,
        tokenizer,
        task,
        num_fewshot=int(params.get("num_fewshot", 0)),
        group=str(params.get("group", "")),
        limit=int(params.get("limit", 0)),
        seed=int(params.get("seed", 1)),
        control=str(params.get("control", "")),
    )


def _odds(params: dict[str, Any], home: Path) -> dict[str, Any]:
    model, tokenizer, _ = load_model(home, params["run"], int(params.get("step", -1)))
    prompt = _checked_prompt(params)
    ids = prompt_ids(tokenizer, prompt)
    tokens = [
        {"text": tokenizer.token_text(token), "probability": probability}
        for token, probability in next_token_odds(model, ids, int(params.get("top", 10)))
    ]
    choices = tuple(str(c) for c in params.get("choices", ()))
    answer: dict[str, Any] = {"tokens": tokens, "num_tokens": len(ids)}
    if choices:
        (scores,) = score(model, tokenizer, [Question(prompt, choices, params.get("end", "\n"))])
        answer["greedy"] = scores.greedy
        answer["choices"] = [
            {"text": c, "probability": math.exp(p)}
            for c, p in zip(choices, scores.log_probabilities, strict=True)
        ]
    return answer


def _sample(params: dict[str, Any], home: Path) -> dict[str, Any]:
    model, tokenizer, _ = load_model(home, params["run"], int(params.get("step", -1)))
    number = int(params.get("num_tokens", 100))
    if not 1 <= number <= MAX_SAMPLE:
        raise BadRequest(f"num_tokens must be between 1 and {MAX_SAMPLE}; got {number}.")
    ids = generate(
        model,
        prompt_ids(tokenizer, _checked_prompt(params)),
        number,
        temperature=float(params.get("temperature", 0.8)),
        top_k=int(params.get("top_k", 0)),
        top_p=float(params.get("top_p", 1.0)),
        stop={tokenizer.separator},
        seed=int(params.get("seed", 1)),
    )
    return {"text": tokenizer.decode(ids), "num_tokens": len(ids)}


def _corpus(params: dict[str, Any], home: Path) -> dict[str, Any]:
    corpus = load_corpus(params["corpus"], int(params.get("documents", 0)), home)
    return corpus_statistics(corpus)


def _explore(params: dict[str, Any], home: Path) -> dict[str, Any]:
    return explore(load_corpus(params["corpus"], int(params.get("documents", 0)), home))


def _search(params: dict[str, Any], home: Path) -> dict[str, Any]:
    corpus = load_corpus(params["corpus"], int(params.get("documents", 0)), home)
    return search(corpus, str(params["query"]), str(params["split"]))


def _ladder(params: dict[str, Any], home: Path) -> dict[str, Any]:
    """For a run without a checkpoint yet, `corpus` and `documents` say what it reads."""
    run = params["run"]
    config = params if "corpus" in params else load_model(home, run)[2].to_dict()
    tokenizer = Tokenizer.load(folder_of_run(home, run) / "tokenizer.json")
    corpus = load_corpus(config["corpus"], int(config.get("documents", 0)), home)
    return ladder(corpus, tokenizer, FINAL_VALIDATION_TOKENS)


def _checked_prompt(params: dict[str, Any]) -> str:
    prompt = str(params.get("prompt", ""))
    if len(prompt) > MAX_PROMPT:
        raise BadRequest(f"The prompt has {len(prompt):,} characters: at most {MAX_PROMPT:,}.")
    return prompt


def _loss(params: dict[str, Any], home: Path) -> dict[str, Any]:
    model, tokenizer, config = load_model(home, params["run"], int(params.get("step", -1)))
    # The validation split is the same for any number of training documents: make only one.
    corpus = load_corpus(config.corpus, 1, home)
    number = int(params.get("documents", 0))
    return corpus_loss(model, tokenizer, corpus, FINAL_VALIDATION_TOKENS, number)


def _vocabulary(params: dict[str, Any], home: Path) -> dict[str, Any]:
    _, tokenizer, config = load_model(home, params["run"])
    corpus = load_corpus(config.corpus, config.documents, home)
    widest = learned_tokenizer(corpus, MAX_VOCAB, home)
    return count_in_vocabularies(corpus, tokenizer, widest, FINAL_VALIDATION_TOKENS)


def _bleu(params: dict[str, Any], home: Path) -> dict[str, Any]:
    gold, predicted = (list(map(str, params[name])) for name in ("gold", "predicted"))
    return {"cases": bleu_cases(gold, predicted)}


def _of_run(
    answer: Callable[[dict[str, Any], Load], dict[str, Any]],
) -> Callable[[dict[str, Any], Path], dict[str, Any]]:
    """A job about one run, whose checkpoints `answer` loads by their step."""

    def job(params: dict[str, Any], home: Path) -> dict[str, Any]:
        return answer(params, lambda step: load_model(home, params["run"], step))

    return job


def _reading(params: dict[str, Any], home: Path) -> dict[str, Any]:
    return reading_examples(params, lambda step: load_model(home, params["run"], step), home)


def _map(params: dict[str, Any], home: Path) -> dict[str, Any]:
    world = world_of(load_model(home, params["run"], int(params["last"]))[2].corpus, home)
    if world is None:
        raise NotFound("The world that this run read was deleted: choose another run.")
    return embedding_map(params, lambda step: load_model(home, params["run"], step), world)


JOBS: dict[str, Callable[[dict[str, Any], Path], dict[str, Any]]] = {
    "score": _score,
    "transfer": measure_point,
    "odds": _odds,
    "sample": _sample,
    "corpus": _corpus,
    "explore": _explore,
    "search": _search,
    "loss": _loss,
    "ladder": _ladder,
    "vocabulary": _vocabulary,
    "bleu": _bleu,
    "inside": _of_run(look_inside),
    "copying": _of_run(copying),
    "reading": _reading,
    "map": _map,
    "draw": _of_run(draw),
    "merges": merges,
    "compression": compression,
    "tokens": tokens_of,
    "size": size,
}
