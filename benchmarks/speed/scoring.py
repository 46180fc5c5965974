"""Scoring speed: questions per second, in batches and one prompt after another.

The quick preset's model, trained for a few steps so that its answers end, answers held-out
facts: greedy, and with the odds of every choice. "One by one" reads a prompt once and its
choices as rows behind it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from msgspec import structs

from benchmarks.speed.timing import in_turns, ratio
from tinylm.corpora import load
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.scoring import Question, score
from tinylm.evaluation.tasks import task
from tinylm.model.cache import KeyValueCache
from tinylm.model.generate import generate
from tinylm.model.gpt import GPT
from tinylm.presets import PRESETS
from tinylm.speed import fastest
from tinylm.text.batches import IGNORE, DocumentBatches, answer_rows
from tinylm.text.tokenizer import Tokenizer, train_tokenizer
from tinylm.training.optimizer import Optimizer
from tinylm.training.update import update

VOCAB_SIZE = 2048
DOCUMENTS = 4000


def scoring_speed(
    model: GPT, tokenizer: Tokenizer, num_fewshot: int, count: int, rounds: int
) -> dict[str, Any]:
    """Prompts per second over `count` held-out facts."""
    context = Context(tokenizer, model.config.block_size)
    asked = questions(context, "facts", num_fewshot, count)
    times = in_turns(
        {
            "ours": lambda: score(model, tokenizer, asked),
            "one by one": lambda: one_by_one(model, tokenizer, asked),
        },
        rounds,
    )
    return {
        "num_fewshot": num_fewshot,
        "n": len(asked),
        "prompts_per_sec": {name: len(asked) / found.median for name, found in times.items()},
        "times_as_fast": ratio(times["ours"], times["one by one"]),
    }


def trained(steps: int) -> tuple[GPT, Tokenizer]:
    """The quick preset's model after a few steps."""
    texts = [document.text for document in load("world", DOCUMENTS, Path()).train]
    tokenizer = train_tokenizer(texts, VOCAB_SIZE)
    settings = PRESETS["quick"].train
    model = fastest(GPT)(structs.replace(PRESETS["quick"].model, vocab_size=tokenizer.vocab_size))
    shape = (settings.batch_size, model.config.block_size, tokenizer.separator)
    batches = DocumentBatches(tokenizer.encode_batch(texts), *shape, seed=1)
    settings = structs.replace(settings, steps=steps)
    optimizer = Optimizer(model, settings)
    for step in range(steps):
        update(model, optimizer, batches.batch(step), step, settings)
    return model.eval(), tokenizer


def questions(context: Context, name: str, num_fewshot: int, number: int) -> list[Question]:
    """Evenly spread held-out items of a task, as prompts."""
    one = task("world", name)
    items = [one.test[i * len(one.test) // number] for i in range(number)]
    prompts = [context.few_shot_prompt(one, item, num_fewshot, seed=1) for item in items]
    return [Question(prompt.text, prompt.choices, one.after) for prompt in prompts]


@torch.inference_mode()
def one_by_one(model: GPT, tokenizer: Tokenizer, asked: list[Question]) -> list[list[float]]:
    """The same scores without batches or trees."""
    return [_alone(model, tokenizer, question) for question in asked]


def _alone(model: GPT, tokenizer: Tokenizer, question: Question) -> list[float]:
    choices = [tokenizer.encode(choice + question.end) for choice in question.choices]
    longest = max(map(len, choices))
    prompt = prompt_ids(tokenizer, question.prompt)
    stops = {tokenizer.separator, tokenizer.encode(question.end)[0]}
    generate(model, prompt, longest + 2, temperature=0, stop=stops)
    ids, targets = answer_rows([(prompt[-1:], choice) for choice in choices])
    start = len(prompt) - 1
    cache = KeyValueCache(model, 1, start + ids.shape[1])
    model(torch.tensor([prompt[:-1]]), cache=cache, positions=torch.arange(start)[None])
    cache.keys = cache.keys.repeat(1, len(choices), 1, 1, 1)
    cache.values = cache.values.repeat(1, len(choices), 1, 1, 1)
    positions = torch.arange(start, start + ids.shape[1]).expand_as(ids)
    odds = model(ids, cache=cache, positions=positions).log_softmax(dim=-1)
    values = odds.gather(2, targets.clamp(min=0)[:, :, None])[:, :, 0]
    sums: list[float] = values.masked_fill(targets == IGNORE, 0).sum(dim=1).tolist()
    return sums
