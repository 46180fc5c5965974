"""How many questions are scored in a second: one after the other, and in batches.

    python -m benchmarks.scoring [--steps 100] [--questions 200] [--rounds 3] [--threads 1,2]

The quick preset's model with 2,048 tokens, trained for so many steps on the made world, answers
held-out facts and questions: greedy, and with the odds of every choice. "One by one" reads a
prompt once and its choices as rows behind it; both ways alternate in one process, and each
figure is the best of the rounds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from tinylm.processors import share_processors

share_processors()  # before torch is loaded

import torch  # noqa: E402

from tinylm.batches import IGNORE, DocumentBatches, answer_rows  # noqa: E402
from tinylm.config import PRESETS, ModelConfig, TrainConfig  # noqa: E402
from tinylm.corpora import load  # noqa: E402
from tinylm.device import use_threads  # noqa: E402
from tinylm.evaluation.prompts import few_shot_prompt  # noqa: E402
from tinylm.evaluation.scoring import Question, prompt_ids, score  # noqa: E402
from tinylm.evaluation.tasks import task  # noqa: E402
from tinylm.generate import generate  # noqa: E402
from tinylm.model import GPT, KeyValueCache  # noqa: E402
from tinylm.optimizer import Optimizer  # noqa: E402
from tinylm.tokenizer import Tokenizer, train_tokenizer  # noqa: E402

VOCAB_SIZE = 2048
DOCUMENTS = 4000
FEWSHOT = (0, 1, 2, 4, 8)


def trained(steps: int) -> tuple[GPT, Tokenizer]:
    """The quick preset's model after a few steps."""
    texts = [document.text for document in load("world", DOCUMENTS, Path()).train]
    tokenizer = train_tokenizer(texts, VOCAB_SIZE)
    shape = PRESETS["quick"].model.__dict__ | {"vocab_size": tokenizer.vocab_size}
    model = GPT(ModelConfig(**shape))
    batches = DocumentBatches(
        tokenizer.encode_batch(texts), 8, model.config.block_size, tokenizer.separator, seed=1
    )
    optimizer = Optimizer(model, TrainConfig())
    for step in range(steps):
        model(*batches.batch(step)).backward()
        optimizer.clip_gradient(1.0)
        optimizer.step(1.0)
        optimizer.zero_grad()
    return model.eval(), tokenizer


def questions(name: str, num_fewshot: int, number: int) -> list[Question]:
    """Evenly spread held-out items of a task, as prompts."""
    one = task("world", name)
    items = [one.test[i * len(one.test) // number] for i in range(number)]
    prompts = [few_shot_prompt(one, item, num_fewshot, seed=1) for item in items]
    return [Question(prompt.text, prompt.choices, one.after) for prompt in prompts]


@torch.inference_mode()
def one_by_one(model: GPT, tokenizer: Tokenizer, asked: list[Question]) -> list[list[float]]:
    """The same scores without batches or trees."""
    return [_alone(model, tokenizer, question) for question in asked]


def _alone(model: GPT, tokenizer: Tokenizer, question: Question) -> list[float]:
    choices = [tokenizer.encode(choice + question.end) for choice in question.choices]
    longest = max(map(len, choices))
    prompt = prompt_ids(tokenizer, question.prompt)[-(model.config.block_size - longest) :]
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
    return values.masked_fill(targets == IGNORE, 0).sum(dim=1).tolist()


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", default="1,2")
    options = parser.parse_args()
    model, tokenizer = trained(options.steps)
    print(f"{model.num_parameters:,} parameters, {options.steps} steps, questions a second")
    print("threads  task        k  choices  one by one  batches  ratio")
    for threads in map(int, options.threads.split(",")):
        use_threads(threads)
        total = 0.0
        for name in ("facts", "questions"):
            for k in FEWSHOT:
                asked = questions(name, k, options.questions)
                choices = sum(len(question.choices) for question in asked) / len(asked)
                slow = fast = float("inf")
                for _ in range(options.rounds):
                    slow = min(slow, seconds(lambda q=asked: one_by_one(model, tokenizer, q)))
                    fast = min(fast, seconds(lambda q=asked: score(model, tokenizer, q)))
                total += fast
                print(
                    f"{threads:7}  {name:9} {k:3}  {choices:7.1f}  {len(asked) / slow:10.1f}"
                    f"  {len(asked) / fast:7.1f}  {slow / fast:5.2f}",
                    flush=True,
                )
        number = 2 * len(FEWSHOT) * options.questions
        print(f"{threads:7}  all: {number:,} in {total:.1f} s, {number / total:.0f} a second")


if __name__ == "__main__":
    main()
