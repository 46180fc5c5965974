"""What a model's loss stands between: n-gram models above it, the true entropy below."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinylm.config import MODEL_KNOBS
from tinylm.corpora.corpus import Corpus, Document
from tinylm.evaluation.metrics import bits_per_byte, perplexity
from tinylm.evaluation.ngram import ORDERS, NGram
from tinylm.questions.models import KindOfText, Ladder, Rung
from tinylm.text.batches import validation_set
from tinylm.text.tokenizer import Tokenizer

MAX_BLOCK = int(MODEL_KNOBS["block_size"].high)


def ladder(corpus: Corpus, tokenizer: Tokenizer, max_tokens: int) -> Ladder:
    """Loss, perplexity and bits per byte of each rung on a run's final validation documents.

    The n-gram models are fitted on the training split of `corpus` and measured on the first
    validation documents up to about `max_tokens`, on the same targets as val/loss: all tokens
    and the separator that ends each document. They and the generator see a document from its
    start; the GPT sees one longer than its context in pieces, each piece by itself, so a part
    of its distance to them is the context that it lacks there.

    `entropy` is what the generator of a made corpus gives the same documents: the loss of a
    perfect model (`Ladder` says why it is a bound). None where the probabilities are unknown.
    """
    train = tokenizer.encode_batch([d.text for d in corpus.train])
    texts = [d.text for d in corpus.val]
    val = tokenizer.encode_batch(texts)
    sizes = [len(text.encode("utf-8")) for text in texts]
    # The set that a run is measured on, for its choice of documents; how it cuts them is no matter.
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
    """From the generator's log-probability of all documents; None where one is unknown."""
    known = [d.log_probability for d in documents if d.log_probability is not None]
    if len(known) < len(documents):
        return None
    return _measures(-math.fsum(known), tokens, num_bytes)


def _of_kind(
    places: Sequence[int], documents: Sequence[Document], ids: Sequence[Sequence[int]]
) -> KindOfText:
    """Documents, targets and entropy of one kind, whose documents stand in `places`."""
    mine = [documents[i] for i in places]
    tokens = sum(len(ids[i]) + 1 for i in places)
    num_bytes = sum(len(d.text.encode("utf-8")) for d in mine)
    return KindOfText(len(mine), tokens, _entropy(mine, tokens, num_bytes))
