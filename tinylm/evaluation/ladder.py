"""What to compare a model's loss with: n-gram models above it, the true entropy below it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinylm.config import SETTINGS
from tinylm.corpora.corpus import Corpus, Document
from tinylm.evaluation.metrics import bits_per_byte, perplexity
from tinylm.evaluation.ngram import ORDERS, NGram
from tinylm.questions.models import KindOfText, Ladder, Rung
from tinylm.text.batches import validation_set
from tinylm.text.tokenizer import Tokenizer

MAX_BLOCK = int(SETTINGS["block_size"].high)


def ladder(corpus: Corpus, tokenizer: Tokenizer, max_tokens: int) -> Ladder:
    """Loss, perplexity and bits per byte of each rung on a run's final validation documents.

    The n-gram models are fitted on the training split of `corpus` and measured on the first
    validation documents up to about `max_tokens`, on the same targets as val/loss: all tokens
    and the separator that ends each document. The n-gram models and the generator see each
    document from its start. The GPT sees a document that is longer than its context in separate
    pieces, so part of its distance to them comes from the context that it lacks.

    `entropy` comes from the probabilities that the generator of a made corpus gives the same
    documents: the loss of a perfect model (`Ladder` says why it is a bound). It is None if these
    probabilities are unknown.
    """
    train = tokenizer.encode_batch([d.text for d in corpus.train])
    texts = [d.text for d in corpus.val]
    val = tokenizer.encode_batch(texts)
    sizes = [len(text.encode("utf-8")) for text in texts]
    # The set that a run is measured on. Only its choice of documents matters here, not its pieces.
    chosen = validation_set(val, sizes, MAX_BLOCK, tokenizer.separator, max_tokens)
    number = chosen.num_documents
    documents, ids = corpus.val[:number], val[:number]
    models = {}
    for name, order in ORDERS.items():
        model = NGram.fit(train, order, tokenizer.vocab_size, tokenizer.separator)
        nats = float(model.losses(ids).sum())
        models[name] = _measures(nats, chosen.num_tokens, chosen.num_bytes)
    return Ladder(
        tokens=chosen.num_tokens,
        bytes=chosen.num_bytes,
        documents=number,
        train_tokens=sum(len(d) + 1 for d in train),
        models=models,
        entropy=_entropy(documents, chosen.num_tokens, chosen.num_bytes),
        kinds={
            kind: _of_kind([i for i, d in enumerate(documents) if d.kind == kind], documents, ids)
            for kind in sorted({d.kind for d in documents})
        },
    )


def _measures(nats: float, tokens: int, num_bytes: int) -> Rung:
    return Rung(nats / tokens, perplexity(nats / tokens), bits_per_byte(nats, num_bytes))


def _entropy(documents: Sequence[Document], tokens: int, num_bytes: int) -> Rung | None:
    """The rung that the generator's log-probabilities give; None if one of them is unknown."""
    known = [d.log_probability for d in documents if d.log_probability is not None]
    if len(known) < len(documents):
        return None
    return _measures(-math.fsum(known), tokens, num_bytes)


def _of_kind(
    places: Sequence[int], documents: Sequence[Document], ids: Sequence[Sequence[int]]
) -> KindOfText:
    """Documents, targets and entropy of one kind of text; `places` are its documents' indices."""
    mine = [documents[i] for i in places]
    tokens = sum(len(ids[i]) + 1 for i in places)
    num_bytes = sum(len(d.text.encode("utf-8")) for d in mine)
    return KindOfText(len(mine), tokens, _entropy(mine, tokens, num_bytes))
