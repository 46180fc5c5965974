"""Trainings without checkpoints or looks, for benchmarks that try many texts and settings.

The vocabulary is always learned on the made world's own text, so that only what is tried differs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

import torch

from tinylm.config import RunConfig
from tinylm.corpora.sources.world import WORLD_SEED
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.stock import USUAL
from tinylm.corpora.world.world import default_world
from tinylm.evaluation.measure import measure
from tinylm.evaluation.tasks import Item, Task
from tinylm.knobs import TextConfig
from tinylm.model.gpt import GPT
from tinylm.questions.models import Measurement
from tinylm.speed import compile_once, fastest
from tinylm.text.batches import DocumentBatches
from tinylm.text.tokenizer import Tokenizer, train_tokenizer
from tinylm.training.device import choose_precision, use_threads
from tinylm.training.optimizer import Optimizer
from tinylm.training.prepare import TOKENIZER_CHARACTERS
from tinylm.training.update import update

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Bare:
    """A model that was trained, and the processor seconds that its updates took."""

    model: GPT
    tokenizer: Tokenizer
    seconds: float

    def answers(self, task: Task, examples: int, items: Sequence[Item]) -> Measurement:
        """How many of `items` it answers after so many examples of the task."""
        asked = replace(task, test=tuple(items))
        return measure(self.model, self.tokenizer, asked, num_fewshot=examples, ranked=False)


@cache
def world_texts(count: int, text: TextConfig = USUAL) -> tuple[str, ...]:
    """The first documents of the made world, told by these settings of the text."""
    documents = Writer(default_world(), text).documents(WORLD_SEED, "train")
    return tuple(document.text for document in islice(documents, count))


@cache
def world_tokenizer(size: int) -> Tokenizer:
    """The vocabulary of this size that the made world's usual text gives."""
    texts: list[str] = []
    characters = 0
    for text in world_texts(11_000):
        texts.append(text)
        characters += len(text)
        if characters > TOKENIZER_CHARACTERS:
            break
    return train_tokenizer(texts, size)


def train_bare(
    texts: Sequence[str],
    config: RunConfig,
    tokenizer: Tokenizer,
    look: Callable[[int, GPT], None] = lambda step, model: None,
) -> Bare:
    """Train on one thread; `look` is called after every update and does not count as time."""
    use_threads(1)
    compile_once()
    model = fastest(GPT)(config.model, seed=config.train.seed)
    optimizer = Optimizer(model, config.train)
    size, rows = config.model.block_size, config.train.batch_size
    ids = tokenizer.encode_batch(list(texts))
    batches = DocumentBatches(ids, rows, size, tokenizer.separator, config.train.seed)
    precision = choose_precision(config.train.precision, CPU, config.model.n_embd)
    seconds = 0.0
    for step in range(config.train.steps):
        began = time.process_time()
        update(model, optimizer, batches.batch(step), step, config.train, precision)
        seconds += time.process_time() - began
        look(step + 1, model)
    model.eval()
    return Bare(model, tokenizer, seconds)
