"""What is measured and shown of a model while it trains."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tinylm.evaluation.metrics import perplexity
from tinylm.evaluation.probes import count_right
from tinylm.evaluation.validation import validate
from tinylm.events import EvalDone, Event, NextTokenOdds, NextWordOdds, Probed, Sampled
from tinylm.model.generate import generate, next_token_odds
from tinylm.model.words import LONGEST, next_whole
from tinylm.text.batches import ValidationSet
from tinylm.training.job import TrainingJob
from tinylm.training.update import autocast, diverged

# Steps at which a run is looked at before its first regular validation, because that is where
# most of what a sample shows happens.
EARLY_LOOKS = (5, 10, 20, 40, 90)
SAMPLE_TOKENS = 60
WORDS = 6  # whole next words in a look
SAMPLE_TEMPERATURE = 0.8


def data_for_look(job: TrainingJob, step: int) -> ValidationSet | None:
    """The text that the model is measured on after `step` updates; None: no look at this step."""
    every = job.config.train.eval_interval
    if step % every == 0:
        return job.validation
    return job.early_validation if step in EARLY_LOOKS and step < every else None


def look(job: TrainingJob, step: int, tokens_seen: int, data: ValidationSet) -> Iterator[Event]:
    """Look at the model as it is now; yields its loss, a sample, odds of what is next, probes.

    A look at the early validation text leaves out the probes, which take longer than all else.
    """
    with autocast(job.device, job.precision):
        loss, bits = validate(job.model, data)
    if not math.isfinite(loss):
        raise diverged(step)
    yield EvalDone(step, tokens_seen, loss, perplexity(loss), bits, data.num_tokens)
    seed = job.config.train.seed
    ids = generate(
        job.model,
        [job.tokenizer.separator, *job.tokenizer.encode(job.sample_prompt)],
        SAMPLE_TOKENS,
        temperature=SAMPLE_TEMPERATURE,
        stop={job.tokenizer.separator},
        seed=seed,
    )
    text = job.tokenizer.decode(ids)
    yield Sampled(step, job.sample_prompt, text, seed, SAMPLE_TEMPERATURE)
    if job.odds_prompt:
        yield from _expected(job, step)
    for probe in () if data is job.early_validation else job.probes:
        right = count_right(job.model, job.tokenizer, probe)
        yield Probed(step, probe.name, right, len(probe.pairs))


def _expected(job: TrainingJob, step: int) -> Iterator[Event]:
    """What the model expects after the job's sentence: pieces of words, and whole words.

    There are no whole words where the context has no room for one behind the sentence.
    """
    prompt = [job.tokenizer.separator, *job.tokenizer.encode(job.odds_prompt)]
    odds = next_token_odds(job.model, prompt, top=8)
    tokens = tuple(job.tokenizer.token_text(token) for token, _ in odds)
    yield NextTokenOdds(step, job.odds_prompt, tokens, tuple(p for _, p in odds))
    if len(prompt) + LONGEST <= job.model.config.block_size:
        found = next_whole(job.model, job.tokenizer, prompt, top=WORDS)
        words = tuple(word for word, _ in found.likely)
        chances = tuple(chance for _, chance in found.likely)
        yield NextWordOdds(step, job.odds_prompt, words, chances, found.rest)
