"""The function that answers what one head carries from one prompt into another."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
    likely = _likeliest(heads, tokenizer, [prompt, source], head, written, question)
    answers = [tokenizer.encode(choice + question.end) for choice in likely]
    rows = [(prompt, answer) for answer in answers]
    copies = written.expand(-1, -1, len(rows), -1)
    found = zip(
        likely,
        forced(heads.model, rows),
        with_outputs(heads, rows, [head], copies),
        forced(heads.model, [(source, answer) for answer in answers]),
        strict=True,
    )
    shown = [
        asked.PatchedAnswer(
            text, *(round(math.exp(one.log_probability), 5) for one in (before, patched, there))
        )
        for text, before, patched, there in found
    ]
    return asked.PatchedOdds(tuple(sorted(shown, key=lambda one: one.patched, reverse=True)))


def _likeliest(
    heads: Heads,
    tokenizer: Tokenizer,
    prompts: Sequence[list[int]],
    head: Head,
    written: Tensor,
    question: asked.PatchHead,
) -> list[str]:
    """The `top` choices whose first token is the most probable in any of the three readings.

    No whole answer is more probable than its first token.
    """
    device = heads.model.embedding.weight.device
    readings = []
    for ids, patched in ((prompts[0], False), (prompts[0], True), (prompts[1], False)):
        last = torch.tensor([len(ids) - 1], device=device)
        patch = Patch(head, written[head.layer, head.head], last)
        hidden = heads.read(torch.tensor([ids], device=device), [patch] if patched else [])
        logits = F.linear(hidden[0, -1], heads.model.embedding.weight).float()
        readings.append(logits.softmax(dim=-1))
    best = torch.stack(readings).amax(dim=0).tolist()  # of each token in the vocabulary
    first = {one: tokenizer.encode(one + question.end)[0] for one in question.choices}
    return sorted(first, key=lambda one: best[first[one]], reverse=True)[: question.top]
