"""One text in tokens of many vocabularies: what perplexity is counted in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from tinylm.batches import validation_set
from tinylm.config import MODEL_KNOBS
from tinylm.corpora.corpus import Corpus
from tinylm.errors import CheckpointError, StorageError
from tinylm.tokenizer import MAX_VOCAB, Tokenizer, train_tokenizer

SIZES = (
    *(256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048),
    *(2560, 3072, 3584, MAX_VOCAB),
)
MAX_BLOCK = int(MODEL_KNOBS["block_size"].high)


def widest_vocabulary(corpus: Corpus, characters: int, home: Path) -> Tokenizer:
    """The vocabulary of up to 4,096 tokens learned on the beginning of `corpus`.

    Learned once and kept in `home`; smaller ones are its prefixes. Raises StorageError.
    """
    kept = home / "cache" / f"tokenizer-{corpus.fingerprint[:24]}-{MAX_VOCAB}.json"
    try:
        return Tokenizer.load(kept)
    except CheckpointError:  # not there yet, or damaged
        tokenizer = train_tokenizer(_beginning(corpus, characters), MAX_VOCAB)
    try:
        os.makedirs(kept.parent, exist_ok=True)
        tokenizer.save(kept)
    except OSError as error:
        raise StorageError(
            f"The vocabulary cannot be kept ({error.strerror or error}): free some space."
        ) from error
    return tokenizer


def count_in_vocabularies(
    corpus: Corpus, own: Tokenizer, widest: Tokenizer, max_tokens: int
) -> dict[str, Any]:
    """Tokens of a run's final validation documents in each of many vocabularies.

    The documents are the first ones up to about `max_tokens` of the run's `own` tokens, and
    every document ends with a separator that counts as a token: as in the run's loss. `sizes`
    has the smallest vocabulary first; 256 is single bytes. `bytes` and `words` (what spaces
    separate) leave the separators out.
    """
    ids = own.encode_batch([document.text for document in corpus.val])
    byte_counts = [len(document.text.encode("utf-8")) for document in corpus.val]
    # The set that a run is measured on, for its choice of documents; how it cuts them is no matter.
    chosen = validation_set(ids, byte_counts, MAX_BLOCK, own.separator, max_tokens)
    number = list(accumulate(len(one) + 1 for one in ids)).index(chosen.num_tokens) + 1
    texts = [document.text for document in corpus.val[:number]]
    sizes = {*(size for size in SIZES if size < widest.vocab_size), widest.vocab_size}
    # As far as they go, its own merges: a corpus that has changed since would teach others.
    tokens = {
        size: _count((own if size <= own.vocab_size else widest).truncated(size), texts)
        for size in sizes
    }
    tokens[own.vocab_size] = chosen.num_tokens
    return {
        "vocab_size": own.vocab_size,
        "tokens": chosen.num_tokens,
        "bytes": chosen.num_bytes,
        "words": sum(len(text.split()) for text in texts),
        "documents": number,
        "sizes": [{"vocab_size": size, "tokens": tokens[size]} for size in sorted(tokens)],
    }


def _count(tokenizer: Tokenizer, texts: Sequence[str]) -> int:
    return sum(len(ids) + 1 for ids in tokenizer.encode_batch(texts))


def _beginning(corpus: Corpus, characters: int) -> Iterator[str]:
    """The first training documents, as runs learn their vocabulary from: the merges agree."""
    for document in corpus.train:
        yield document.text
        characters -= len(document.text)
        if characters < 0:
            return
