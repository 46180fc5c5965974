"""The function that answers what one head carries from one prompt into another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from tinylm.answers.loading import load_model
from tinylm.answers.prompts import checked
from tinylm.errors import BadRequest
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.inside.patching import Head, Heads
from tinylm.inside.reading import Reading
from tinylm.inside.vectors import last_outputs
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
        Reading(heads, prompt),
        Reading(heads, prompt, head, written[head.layer, head.head]),
        Reading(heads, source),
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


def _likeliest(
    readings: Sequence[Reading], tokenizer: Tokenizer, question: asked.PatchHead
) -> list[str]:
    """The `top` choices whose first token is the most probable in any of the readings.

    No whole answer is more probable than its first token.
    """
    best = torch.stack([one.odds() for one in readings]).amax(dim=0).tolist()
    first = {one: tokenizer.encode(one + question.end)[0] for one in question.choices}
    return sorted(first, key=lambda one: best[first[one]], reverse=True)[: question.top]
