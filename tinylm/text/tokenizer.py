"""Byte-level byte-pair encoding: the merges are learned on the corpus, and tiktoken encodes.

The vocabulary is the 256 single bytes followed by one token for each merge, in the order in
which the merges were learned. So every smaller vocabulary is a prefix of a larger one. Byte 0
never occurs in a corpus, so its token separates documents.
"""

from __future__ import annotations

import heapq
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import regex
import tiktoken

from tinylm.errors import BadRequest, CheckpointError
from tinylm.files import write_whole

# GPT-2's pattern cuts text into pieces: words with the space before them, numbers, punctuation,
# white space. A merge never joins tokens of two pieces.
PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
SEPARATOR = 0  # the token of byte 0
MIN_VOCAB, MAX_VOCAB = 256, 4096
FORMAT_VERSION = 1

Pair = tuple[int, int]


class Tokenizer:
    """Turns text into token ids (from 0 to `vocab_size - 1`) and back."""

    separator = SEPARATOR

    def __init__(self, merges: Sequence[Pair]):
        """`merges[i]` holds the ids of the two tokens that token `256 + i` joins.

        Raises BadRequest if an id is not known yet, or if two tokens would be the same bytes.
        """
        self.merges = tuple((int(a), int(b)) for a, b in merges)
        self._bytes = [bytes([i]) for i in range(256)]
        for left, right in self.merges:
            if not 0 <= min(left, right) <= max(left, right) < len(self._bytes):
                raise BadRequest("A merge names a token that does not exist before it.")
            self._bytes.append(self._bytes[left] + self._bytes[right])
        ranks = {token: rank for rank, token in enumerate(self._bytes)}
        if len(ranks) != len(self._bytes):
            raise BadRequest("Two merges make the same token.")
        self._encoding = tiktoken.Encoding(
            "tinylm", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}
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

    def truncated(self, vocab_size: int) -> Tokenizer:
        """The tokenizer of the first `vocab_size` tokens. Raises BadRequest out of range."""
        _check_vocab_size(vocab_size)
        return Tokenizer(self.merges[: vocab_size - 256])

    def to_json(self) -> str:
        return json.dumps({"version": FORMAT_VERSION, "pattern": PATTERN, "merges": self.merges})

    @staticmethod
    def from_json(text: str) -> Tokenizer:
        """The tokenizer that `to_json` wrote.

        Raises CheckpointError if `text` is damaged or from another version of tinylm.
        """
        try:
            data = json.loads(text)
            if data["version"] != FORMAT_VERSION or data["pattern"] != PATTERN:
                raise CheckpointError(
                    "This tokenizer was written by another version of tinylm: use that version."
                )
            return Tokenizer(data["merges"])
        except (ValueError, KeyError, TypeError, BadRequest):
            raise CheckpointError("The tokenizer's file is damaged: train the run anew.") from None

    def save(self, path: Path) -> None:
        write_whole(path, self.to_json().encode())

    @staticmethod
    def load(path: Path) -> Tokenizer:
        try:
            return Tokenizer.from_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            raise CheckpointError("The tokenizer's file is missing: train the run anew.") from None


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Learn `vocab_size - 256` merges, each of the most frequent pair of neighbouring tokens.

    This is byte-pair encoding after Sennrich et al. 2016 (https://aclanthology.org/P16-1162), on
    bytes as in GPT-2. Of two equally frequent pairs, the one with the smaller ids is merged
    first. Fewer merges are learned if the texts contain no further pair. Raises BadRequest for a
    `vocab_size` out of range.
    """
    _check_vocab_size(vocab_size)
    pieces: Counter[str] = Counter()
    for text in texts:
        pieces.update(regex.findall(PATTERN, text))
    return Tokenizer(_learn_merges(pieces, vocab_size - 256))


def _learn_merges(pieces: Counter[str], num_merges: int) -> list[Pair]:
    words = [list(piece.encode("utf-8")) for piece in pieces]
    counts = list(pieces.values())
    pair_counts: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)  # pair -> words that contain it
    for index, word in enumerate(words):
        for pair in pairwise(word):
            pair_counts[pair] += counts[index]
            where[pair].add(index)
    # The heap may hold outdated counts: an entry is valid only if its count is still the same.
    heap = [(-count, pair) for pair, count in pair_counts.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    seen = {bytes([i]) for i in range(256)}
    spelled = [bytes([i]) for i in range(256)]
    while heap and len(merges) < num_merges:
        negative, pair = heapq.heappop(heap)
        if -negative != pair_counts[pair] or negative == 0:
            continue
        joined = spelled[pair[0]] + spelled[pair[1]]
        if joined in seen:  # another pair of tokens already spells these bytes
            continue
        seen.add(joined)
        spelled.append(joined)
        token = 256 + len(merges)
        merges.append(pair)
        changed: set[Pair] = set()
        for index in where.pop(pair):
            changed |= _replace(words, index, pair, token, counts[index], pair_counts, where)
        changed.discard(pair)
        del pair_counts[pair]
        for other in changed:
            if pair_counts[other] > 0:
                heapq.heappush(heap, (-pair_counts[other], other))
    return merges


def _replace(
    words: list[list[int]],
    index: int,
    pair: Pair,
    token: int,
    count: int,
    pair_counts: Counter[Pair],
    where: defaultdict[Pair, set[int]],
) -> set[Pair]:
    """Replace `pair` by `token` in one word, and return the pairs whose counts changed."""
    old = words[index]
    new: list[int] = []
    position = 0
    while position < len(old):
        if position + 1 < len(old) and (old[position], old[position + 1]) == pair:
            new.append(token)
            position += 2
        else:
            new.append(old[position])
            position += 1
    words[index] = new
    before, after = Counter(pairwise(old)), Counter(pairwise(new))
    changed = {p for p in before.keys() | after.keys() if before[p] != after[p]}
    for p in changed:
        pair_counts[p] += count * (after[p] - before[p])
        if after[p]:
            where[p].add(index)
    return changed


def _check_vocab_size(vocab_size: int) -> None:
    if not MIN_VOCAB <= vocab_size <= MAX_VOCAB:
        raise BadRequest(
            f"A vocabulary has between {MIN_VOCAB} and {MAX_VOCAB:,} tokens; got {vocab_size:,}."
        )
