"""Counts one text in the tokens of many vocabularies, since perplexity depends on the unit."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.config import SETTINGS
from tinylm.corpora.corpus import Corpus
from tinylm.questions.models import InVocabulary, VocabularyCounts
from tinylm.text.batches import validation_set
from tinylm.text.tokenizer import WIDEST, Tokenizer

SIZES = (
    *(256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048),
    *(2560, 3072, 3584, WIDEST),
)
MAX_BLOCK = int(SETTINGS["block_size"].high)


def count_in_vocabularies(
    corpus: Corpus, own: Tokenizer, widest: Tokenizer, max_tokens: int
) -> VocabularyCounts:
    """Tokens of a run's final validation documents in each of many vocabularies.

    The documents are the first ones up to about `max_tokens` of the run's `own` tokens, and
    every document ends with a separator that counts as a token: as in the run's loss. `sizes`
    has the smallest vocabulary first; 256 is single bytes. `bytes` and `words` (what spaces
    separate) leave the separators out.
    """
    ids = own.encode_batch([document.text for document in corpus.val])
    byte_counts = [len(document.text.encode("utf-8")) for document in corpus.val]
    # The set that a run is measured on. Only its choice of documents matters here, not its pieces.
    chosen = validation_set(ids, byte_counts, MAX_BLOCK, own.separator, max_tokens)
    texts = [document.text for document in corpus.val[: chosen.num_documents]]
    sizes = {*(size for size in SIZES if size < widest.vocab_size), widest.vocab_size}
    # Use the run's own merges as far as they go: if the corpus has changed, it would give others.
    tokens = {
        size: _count((own if size <= own.vocab_size else widest).truncated(size), texts)
        for size in sizes
    }
    tokens[own.vocab_size] = chosen.num_tokens
    return VocabularyCounts(
        vocab_size=own.vocab_size,
        tokens=chosen.num_tokens,
        bytes=chosen.num_bytes,
        words=sum(len(text.split()) for text in texts),
        documents=chosen.num_documents,
        sizes=tuple(InVocabulary(size, tokens[size]) for size in sorted(tokens)),
    )


def _count(tokenizer: Tokenizer, texts: Sequence[str]) -> int:
    return sum(len(ids) + 1 for ids in tokenizer.encode_batch(texts))
