"""Measures how far a run stays above the true entropy of its text, by kind of text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tinylm.answers.experiments.solver import number
from tinylm.answers.loading import load_model
from tinylm.corpora import load as load_corpus
from tinylm.corpora.corpus import Document
from tinylm.errors import BadRequest
from tinylm.evaluation.validation import validate
from tinylm.experiments.scale import ENTROPY, LOSS, PARAMETERS, excess_in
from tinylm.model.gpt import GPT
from tinylm.questions.experiments import Figure, Figures, Look, Measured
from tinylm.text.batches import validation_set
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.prepare import FINAL_VALIDATION_TOKENS, QUICK_VALIDATION_TOKENS


class Part(NamedTuple):
    """What was measured on one kind of text; nats per token."""

    loss: float
    entropy: float | None  # None where no program made the text
    tokens: int


def measure(question: Look | Figures, home: Path) -> Measured:
    """Loss and true entropy of the validation text, and what lies between them in each kind."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    # The validation text is the same for any number of training documents, so one is enough.
    documents = load_corpus(config.corpus, 1, home).val
    limit = QUICK_VALIDATION_TOKENS if isinstance(question, Look) else FINAL_VALIDATION_TOKENS
    return measured(by_kind(model, tokenizer, documents, limit), model.num_parameters)


def by_kind(
    model: GPT, tokenizer: Tokenizer, documents: Sequence[Document], limit: int
) -> dict[str, Part]:
    """Loss and entropy of the first documents, up to about `limit` tokens, for each kind."""
    ids = tokenizer.encode_batch([document.text for document in documents])
    shape = (model.config.block_size, tokenizer.separator)
    chosen = documents[: validation_set(ids, [0] * len(ids), *shape, limit).num_documents]
    found = {}
    for kind in sorted({one.kind for one in chosen}):
        places = [i for i, one in enumerate(chosen) if one.kind == kind]
        data = validation_set([ids[i] for i in places], [1] * len(places), *shape)
        known = [p for i in places if (p := chosen[i].log_probability) is not None]
        entropy = -math.fsum(known) / data.num_tokens if len(known) == len(places) else None
        found[kind] = Part(validate(model, data)[0], entropy, data.num_tokens)
    return found


def measured(parts: Mapping[str, Part], parameters: int) -> Measured:
    """The figures of the experiment. Raises BadRequest where no entropy is known."""
    figures: dict[str, Figure] = {}
    tokens, loss, entropy = 0, 0.0, 0.0
    for kind, part in parts.items():
        if part.entropy is None:
            raise BadRequest("Choose a run of a made world: only there is the true entropy known.")
        figures[excess_in(kind)] = number(part.loss - part.entropy, part.tokens)
        tokens += part.tokens
        loss += part.loss * part.tokens
        entropy += part.entropy * part.tokens
    figures[LOSS] = number(loss / tokens, tokens)
    figures[ENTROPY] = number(entropy / tokens, tokens)
    figures[PARAMETERS] = number(parameters, 1)
    return Measured(figures)
