"""Byte-level byte-pair encoding: the merges are learned on the corpus, and tiktoken encodes.

The vocabulary is the 256 single bytes followed by one token for each merge, in the order in
which the merges were learned. So every smaller vocabulary is a prefix of a larger one. Byte 0
never occurs in a corpus, so its token separates documents.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import regex
import tiktoken

from tinylm.errors import BadRequest, CheckpointError
from tinylm.files import write_whole
from tinylm.text.merges import LONGEST, Pair, learn_merges

# GPT-2's pattern cuts text into pieces: words with the space before them, numbers, punctuation,
# white space. A merge never joins tokens of two pieces.
GPT2_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# Ours keeps the marks that combine with letters, such as vowel signs, in the word.
PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}[\p{L}\p{M}]*| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
PATTERNS = {1: GPT2_PATTERN, 2: PATTERN}  # by the version of a tokenizer's file
FORMAT_VERSION = 2
MAX_FILE = 1_000_000  # bytes; the largest vocabulary needs less than a third of it
SEPARATOR = 0  # the token of byte 0
MIN_VOCAB, MAX_VOCAB = 256, 16_384
WIDEST = 4096  # tokens, in the lessons that compare vocabularies

_Id = Annotated[int, msgspec.Meta(ge=0, lt=MAX_VOCAB)]


class _Stored(msgspec.Struct):
    """A tokenizer's file."""

    version: int
    pattern: str
    merges: Annotated[list[tuple[_Id, _Id]], msgspec.Meta(max_length=MAX_VOCAB - MIN_VOCAB)]


class Tokenizer:
    """Turns text into token ids (from 0 to `vocab_size - 1`) and back."""

    separator: int = SEPARATOR

    def __init__(self, merges: Sequence[Pair], version: int = FORMAT_VERSION):
        """`merges[i]` holds the ids of the two tokens that token `256 + i` joins.

        `version` says by which of PATTERNS text is cut into pieces. Raises BadRequest if an id is
        not known yet, if two tokens would be the same bytes, or if one would be too long.
        """
        self.version, self.pattern = version, PATTERNS[version]
        self.merges = tuple(merges)
        self._bytes = [bytes([i]) for i in range(256)]
        for left, right in self.merges:
            if not 0 <= min(left, right) <= max(left, right) < len(self._bytes):
                raise BadRequest("A merge names a token that does not exist before it.")
            if len(self._bytes[left]) + len(self._bytes[right]) > LONGEST:
                raise BadRequest(f"A merge makes a token of more than {LONGEST:,} bytes.")
            self._bytes.append(self._bytes[left] + self._bytes[right])
        ranks = {token: rank for rank, token in enumerate(self._bytes)}
        if len(ranks) != len(self._bytes):
            raise BadRequest("Two merges make the same token.")
        self._encoding = tiktoken.Encoding(
            "tinylm", pat_str=self.pattern, mergeable_ranks=ranks, special_tokens={}
        )

    @property
    def vocab_size(self) -> int:
        return len(self._bytes)

    def encode(self, text: str) -> list[int]:
        """The token ids of `text`; `decode` turns them back into exactly `text`.

        Raises BadRequest for text that UTF-8 cannot encode (lone surrogates).
        """
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise BadRequest("The text holds half a character: type or paste it again.") from None
        return self._encoding.encode_ordinary(text)

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of many texts, encoded on all cores."""
        return self._encoding.encode_ordinary_batch(list(texts), num_threads=os.cpu_count() or 1)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`; bytes that are not valid UTF-8 become U+FFFD."""
        return b"".join(self._bytes[i] for i in ids).decode("utf-8", errors="replace")

    def token_bytes(self, token: int) -> bytes:
        return self._bytes[token]

    def token_text(self, token: int) -> str:
        """The text of one token, for a person to read; incomplete characters become U+FFFD."""
        return self.decode([token])

    def num_bytes(self, ids: Iterable[int]) -> int:
        """The length in bytes of the text that `ids` stand for; separators do not count."""
        return sum(len(self._bytes[i]) for i in ids if i != SEPARATOR)

    def stops(self, end: str) -> frozenset[int]:
        """The tokens that end an answer which `end` follows."""
        return frozenset((*self.encode(end)[:1], self.separator))

    def answer(self, ids: Iterable[int], end: str) -> str:
        """The text of an answer whose tokens end before one of `stops(end)`."""
        return self.decode(ids).strip()

    def truncated(self, vocab_size: int) -> Tokenizer:
        """The tokenizer of the first `vocab_size` tokens. Raises BadRequest out of range."""
        _check_vocab_size(vocab_size)
        return Tokenizer(self.merges[: vocab_size - 256], self.version)

    def to_json(self) -> str:
        stored = _Stored(self.version, self.pattern, list(self.merges))
        return msgspec.json.encode(stored).decode("utf-8")

    @staticmethod
    def from_json(text: str | bytes) -> Tokenizer:
        """The tokenizer that `to_json` wrote; raises CheckpointError if that is impossible."""
        try:
            stored = msgspec.json.decode(text, type=_Stored)
            if PATTERNS.get(stored.version) != stored.pattern:
                raise CheckpointError(
                    "This tokenizer was written by another version of tinylm: use that version."
                )
            return Tokenizer(stored.merges, stored.version)
        except (msgspec.MsgspecError, ValueError, RecursionError, BadRequest):
            raise CheckpointError("The tokenizer's file is damaged: train the run anew.") from None

    def save(self, path: Path) -> None:
        write_whole(path, self.to_json().encode())

    @staticmethod
    def load(path: Path) -> Tokenizer:
        """The tokenizer that `save` wrote; raises CheckpointError if that is impossible."""
        try:
            with path.open("rb") as file:
                data = file.read(MAX_FILE)
        except OSError:
            raise CheckpointError("The tokenizer's file is missing: train the run anew.") from None
        return Tokenizer.from_json(data)


def train_tokenizer(
    texts: Iterable[str],
    vocab_size: int,
    report: Callable[[int], object] = lambda merges: None,
) -> Tokenizer:
    """Learn the `vocab_size - 256` merges that join the most frequent pair, one after the other.

    Fewer merges are learned if the texts contain no further pair. `report` is called often, with
    the number of merges so far.
    """
    _check_vocab_size(vocab_size)
    pieces: Counter[str] = Counter()
    for text in texts:
        pieces.update(regex.findall(PATTERN, text))
        report(0)
    return Tokenizer(learn_merges(pieces, vocab_size - 256, report))


def _check_vocab_size(vocab_size: int) -> None:
    if not MIN_VOCAB <= vocab_size <= MAX_VOCAB:
        raise BadRequest(
            f"A vocabulary has between {MIN_VOCAB} and {MAX_VOCAB:,} tokens; got {vocab_size:,}."
        )
