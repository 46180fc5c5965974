"""The function that answers what one head carries from one prompt into another."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.answers.loading import load_model
from tinylm.answers.prompts import checked
from tinylm.errors import BadRequest
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.forced import forced
from tinylm.inside.patching import Head, Heads, Patch
from tinylm.inside.vectors import last_outputs, with_outputs
from tinylm.questions import inside as asked
from tinylm.questions.models import MAX_PROMPT
from tinylm.text.tokenizer import Tokenizer

MOST_CHOICES = 1_000
LONGEST = 12  # tokens of what the model says


@torch.inference_mode()
def patch_head(question: asked.PatchHead, home: Path) -> asked.PatchedOdds:
    """The odds of whole answers before and after the patch, and in its source.

    Raises NotFound, or BadRequest for a head that the model does not have, for too many answers or
    none, and for a prompt that does not fit into the context with its longest answer.
    """
    model, tokenizer, _ = load_model(home, question.run, question.step)
    head = Head(question.layer, question.head)
    heads = Heads(model)
    if head not in heads.all:
        raise BadRequest(
            f"This model has {model.config.n_layer} layers with {model.config.n_head} heads each: "
            "choose one of them."
        )
    if not 1 <= len(question.choices) <= MOST_CHOICES:
        raise BadRequest(
            f"Give between 1 and {MOST_CHOICES:,} answers; got {len(question.choices)}."
        )
    context = Context(tokenizer, model.config.block_size)
    texts = [checked(one, MAX_PROMPT) for one in (question.prompt, question.source)]
    for text in texts:
        needed = context.tokens_needed(text, question.choices, question.end)
        if needed > context.size:
            raise BadRequest(
                f"A prompt and its longest answer take {needed} tokens, but this model reads at "
                f"most {context.size} at once: take fewer examples."
            )
    prompt, source = (prompt_ids(tokenizer, text) for text in texts)
    written = last_outputs(heads, [source])  # (L, nh, 1, hs)
    readings = [
        _Reading(heads, prompt),
        _Reading(heads, prompt, head, written[head.layer, head.head]),
        _Reading(heads, source),
    ]
    end = tokenizer.encode(question.end)
    stops = {tokenizer.separator, *end[:1]}
    longest = min(context.longest_answer(question.choices, question.end), LONGEST)
    said = [one.greedy(stops, longest) for one in readings]
    answers = {tokenizer.decode(one): (*one, *end) for one in said}
    for choice in _likeliest(readings, tokenizer, question):
        answers.setdefault(choice, tuple(tokenizer.encode(choice + question.end)))
    odds = [one.probabilities(list(answers.values())) for one in readings]
    shown = [
        asked.PatchedAnswer(text, *(round(each, 5) for each in three))
        for text, *three in zip(answers, *odds, strict=True)
    ]
    before, patched, there = (tokenizer.decode(one).strip() for one in said)
    ordered = tuple(sorted(shown, key=lambda one: one.patched, reverse=True))
    return asked.PatchedOdds(before, patched, there, ordered)


@dataclass(frozen=True)
class _Reading:
    """A prompt as a model reads it, with the output of one head replaced at its end, or not."""

    heads: Heads
    prompt: list[int]
    head: Head | None = None
    value: Tensor | None = None  # (1, hs)

    def odds(self, following: Sequence[int] = ()) -> Tensor:
        """The odds (V,) of the token after the prompt and the tokens that follow it."""
        model = self.heads.model
        device = model.embedding.weight.device
        patches = []
        if self.head is not None and self.value is not None:
            last = torch.tensor([len(self.prompt) - 1], device=device)
            patches = [Patch(self.head, self.value, last)]
        ids = torch.tensor([[*self.prompt, *following]], device=device)
        hidden = self.heads.read(ids, patches)
        return F.linear(hidden[0, -1], model.embedding.weight).float().softmax(dim=-1)

    def greedy(self, stops: Container[int], longest: int) -> list[int]:
        """The most probable token at each place, up to a stop."""
        found: list[int] = []
        while len(found) < longest and (best := int(self.odds(found).argmax())) not in stops:
            found.append(best)
        return found

    def probabilities(self, answers: Sequence[Sequence[int]]) -> list[float]:
        """The probability of each of the answers as a whole."""
        rows = [(self.prompt, list(answer)) for answer in answers]
        if self.head is None or self.value is None:
            found = forced(self.heads.model, rows)
        else:
            config = self.heads.model.config
            shape = config.n_layer, config.n_head, len(rows), config.head_size
            found = with_outputs(self.heads, rows, [self.head], self.value.expand(shape))
        return [math.exp(one.log_probability) for one in found]


def _likeliest(
    readings: Sequence[_Reading], tokenizer: Tokenizer, question: asked.PatchHead
) -> list[str]:
    """The `top` choices whose first token is the most probable in any of the readings.

    No whole answer is more probable than its first token.
    """
    best = torch.stack([one.odds() for one in readings]).amax(dim=0).tolist()
    first = {one: tokenizer.encode(one + question.end)[0] for one in question.choices}
    return sorted(first, key=lambda one: best[first[one]], reverse=True)[: question.top]
