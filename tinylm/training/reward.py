"""Reinforcement: the model tries answers, and learns from right and wrong alone.

Nobody shows it an answer. Of each question it writes several, and each gets a reward. Answers that
were better than the others to the same question become more probable, worse ones less. This is the
policy gradient (Williams 1992, https://doi.org/10.1007/BF00992696) with the mean and standard
deviation of the question's own answers (GRPO, Shao et al. 2024, https://arxiv.org/abs/2402.03300);
as each batch of answers is used once, it needs no ratio of probabilities and no clipping of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.config import TrainConfig
from tinylm.model.gpt import GPT
from tinylm.model.tries import tries
from tinylm.text.batches import IGNORE, answer_rows, in_turn
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.optimizer import Optimizer, learning_rate_factor
from tinylm.training.update import autocast, descend

EPSILON = 1e-4  # beside a standard deviation, so that nothing is divided by 0


def exact_match(answer: str, written: str) -> float:
    """The reward: 1 for the right answer, 0 for every other."""
    return float(written.strip() == answer.strip())


@dataclass(frozen=True)
class Trials:
    """Questions to try, and how the answers are drawn and judged."""

    questions: Sequence[tuple[Sequence[int], str]]  # ids of the prompt, and the right answer
    tokenizer: Tokenizer
    stops: frozenset[int]  # ids that end an answer
    limit: int  # ids that an answer may have, with its end
    num_generations: int
    temperature: float
    batch_size: int  # questions in an update
    seed: int

    def at(self, step: int) -> list[tuple[Sequence[int], str]]:
        """The questions of update `step`, counted from 0."""
        turn = in_turn(step, self.batch_size, len(self.questions), self.seed)
        return [self.questions[i] for i in turn]

    def tried(self, model: GPT, step: int) -> list[list[list[int]]]:
        """What the model writes to each of these questions; the same for the same weights."""
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        prompts = [prompt for prompt, _ in self.at(step)]
        return tries(
            model,
            prompts,
            self.num_generations,
            self.limit,
            self.stops,
            temperature=self.temperature,
            random=random,
        )


def answer_of(tokenizer: Tokenizer, written: Sequence[int], stops: frozenset[int]) -> str:
    """A try in letters, without the id that ended it."""
    ended = len(written) > 0 and written[-1] in stops
    return tokenizer.decode(written[:-1] if ended else written)


class Done(NamedTuple):
    """What one update measured.

    With rewards, the loss is that of the answers that the model wrote itself: how surprised it is
    by them, in nats per token.
    """

    loss: float
    lr: float
    grad_norm: float
    tokens: int  # that were read
    reward: float | None = None  # the mean over all answers, where there are rewards


def advantages(rewards: Tensor) -> Tensor:
    """How much better each answer was than the others to its question: (Q, G) -> (Q, G).

    Each row has the mean 0 and the standard deviation 1, or is 0 where all answers are as good.
    """
    spread = rewards.std(dim=1, correction=0, keepdim=True)
    return (rewards - rewards.mean(dim=1, keepdim=True)) / (spread + EPSILON)


def reinforce(
    model: GPT,
    optimizer: Optimizer,
    trials: Trials,
    step: int,
    config: TrainConfig,
    precision: str = "fp32",
    *,
    factor: float = 1.0,
) -> Done:
    """Try the questions of update `step` (from 0) and learn from the rewards.

    Where no question has both better and worse answers, nothing is learned and no weight moves.
    Raises TrainingDiverged as `update` does.
    """
    device = model.embedding.weight.device
    asked = trials.at(step)
    with autocast(device, precision):
        written = trials.tried(model, step)
    judged = [
        [exact_match(answer, answer_of(trials.tokenizer, one, trials.stops)) for one in answers]
        for (_, answer), answers in zip(asked, written, strict=True)
    ]
    rewards = torch.tensor(judged)  # (Q, G)
    prompts = [prompt for prompt, _ in asked for _ in range(trials.num_generations)]
    tried = [one for answers in written for one in answers]
    ids, targets = answer_rows(list(zip(prompts, tried, strict=True)))
    better = advantages(rewards).flatten()  # (B,)
    teaching = better != 0
    mean, lr = rewards.mean().item(), config.learning_rate * learning_rate_factor(step, config)
    if not teaching.any():
        return Done(0.0, lr * factor, 0.0, ids.numel(), mean)
    total = int((targets != IGNORE).sum())
    with autocast(device, precision):
        surprise = surprises(model, ids[teaching].to(device), targets[teaching].to(device))
    counts = targets[teaching] != IGNORE
    weights = better[teaching][:, None].expand_as(counts)[counts].to(device)
    loss = (surprise * weights).sum() / total
    loss.backward()  # type: ignore[no-untyped-call]
    lr, norm = descend(loss.item(), optimizer, step, config, precision, factor=factor)
    return Done(surprise.mean().item(), lr, norm, ids.numel(), mean)


def surprises(model: GPT, ids: Tensor, targets: Tensor) -> Tensor:
    """The loss of each target that counts, one after another, (N,), in nats."""
    counts = targets != IGNORE
    logits = F.linear(model.hidden_states(ids)[counts], model.embedding.weight)  # (N, V)
    return F.cross_entropy(logits.float(), targets[counts], reduction="none")
