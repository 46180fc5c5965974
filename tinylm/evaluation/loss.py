"""A model's loss on unseen text of its corpus, which shows what fine-tuning made it forget."""

from __future__ import annotations

from tinylm.corpora.corpus import Corpus
from tinylm.errors import BadRequest
from tinylm.evaluation.metrics import perplexity
from tinylm.evaluation.validation import validate
from tinylm.model.gpt import GPT
from tinylm.questions.models import CorpusLoss
from tinylm.text.batches import validation_set
from tinylm.text.tokenizer import Tokenizer


def corpus_loss(
    model: GPT, tokenizer: Tokenizer, corpus: Corpus, max_tokens: int, documents: int = 0
) -> CorpusLoss:
    """Loss in nats per token, perplexity and bits per byte on whole validation documents.

    These are the first documents up to about `max_tokens`, as at the end of pre-training, and at
    most `documents` of them (0: no limit). The loss is computed in fp32, so that models can be
    compared whatever precision they were trained in. Raises BadRequest for negative `documents`.
    """
    if documents < 0:
        raise BadRequest(f"documents must be 0 (all) or more; got {documents}.")
    texts = [document.text for document in corpus.val][: documents or None]
    data = validation_set(
        tokenizer.encode_batch(texts),
        [len(text.encode("utf-8")) for text in texts],
        model.config.block_size,
        tokenizer.separator,
        max_tokens,
    )
    loss, bits = validate(model, data)
    return CorpusLoss(loss, perplexity(loss), bits, data.num_tokens, data.num_bytes)
