"""Windows of token ids: the batches that training learns from, and those for validation.

A batch is a pure function of (documents, seed, step), so a run can continue exactly where it
stopped without any stored position.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tinylm.errors import BadRequest
from tinylm.finetuning import replayed
from tinylm.memory import validation_rows

IGNORE = -100  # a target that does not count in the loss
Ids = NDArray[np.uint16]  # two bytes each, because a whole text is kept so
Document = Sequence[int] | Ids


class Batches(Protocol):
    """Where a training loop gets its batches from."""

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """The inputs and targets of update `step`, counted from 0: both are ids (B, T)."""
        ...


class DocumentBatches:
    """Documents in a new order every epoch, packed one after another into rows.

    A document stands between two separators; the one that ends it also begins the next. A row
    begins with a document, or with a piece of a document that is longer than a row: these are
    cut at other places every epoch. What does not fit at the end of a row is left out of this
    epoch, and the next epoch's order leaves out something else.

    Rows are packed when they are asked for, so that the documents may be those of a text that does
    not fit into memory. An earlier batch than the last one is packed from the beginning.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        batch_size: int,
        block_size: int,
        separator: int,
        seed: int,
    ):
        self.batch_size, self.block_size, self.seed = batch_size, block_size, seed
        self.documents, self.separator = documents, separator
        if not self._fill_a_row():
            raise BadRequest(
                f"The training text is shorter than one context of {block_size} tokens: use more "
                "text or a shorter context (block_size)."
            )
        self._begin()

    def _fill_a_row(self) -> bool:
        """Whether the documents, with a separator on both sides of each, are more than one row."""
        tokens = 0
        return any((tokens := tokens + len(d) + 2) > self.block_size + 1 for d in self.documents)

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        first = step * self.batch_size
        rows = np.stack([self._row(first + i) for i in range(self.batch_size)])
        ids = torch.from_numpy(rows.astype(np.int64))
        return ids[:, :-1], ids[:, 1:].contiguous()

    def _begin(self) -> None:
        self._next = 0  # the number of the row that `_rows` yields next
        self._rows = self._all_rows()

    def _row(self, number: int) -> Ids:
        if number < self._next:
            self._begin()
        while True:
            row = next(self._rows)
            self._next += 1
            if self._next > number:
                return row

    def _all_rows(self) -> Iterator[Ids]:
        for epoch in itertools.count():
            yield from self._pack_epoch(epoch)

    def _pack_epoch(self, epoch: int) -> Iterator[Ids]:
        """The rows of one epoch, at least one, each of `block_size + 1` ids."""
        random = np.random.default_rng([self.seed, epoch])
        length = self.block_size + 1
        packed = False
        row, filled = np.empty(length, dtype=np.uint16), 0
        while not packed:  # a very small corpus may need several rounds to fill one row
            for index in random.permutation(len(self.documents)):
                document = _between(self.separator, self.documents[index])
                for piece in self._pieces(document, random):
                    # A piece begins with the id that ended the piece before it: the separator
                    # between two documents, or the id where a long one was cut. Keep it once.
                    if filled and row[filled - 1] == piece[0]:
                        piece = piece[1:]
                    taken = min(len(piece), length - filled)
                    row[filled : filled + taken] = piece[:taken]
                    filled += taken
                    if filled == length:
                        packed = True
                        yield row
                        row, filled = np.empty(length, dtype=np.uint16), 0

    def _pieces(self, document: Ids, random: np.random.Generator) -> list[Ids]:
        """The document, cut where it is longer than a row.

        Neighbouring pieces share one id, so that each id but the first is once a target.
        """
        if len(document) <= self.block_size + 1:
            return [document]
        cut = int(random.integers(1, self.block_size + 1))
        starts = [0, *range(cut, len(document) - 1, self.block_size)]
        stops = [cut + 1, *(start + self.block_size + 1 for start in starts[1:])]
        return [document[a:b] for a, b in zip(starts, stops, strict=True)]


class ExampleBatches:
    """Solved examples for fine-tuning, one in each row; only the answer's tokens are targets.

    Every epoch goes through all examples in a new order. The last batch of an epoch may also
    contain examples of the next epoch.
    """

    def __init__(
        self, examples: Sequence[tuple[Sequence[int], Sequence[int]]], batch_size: int, seed: int
    ):
        """`examples` are pairs (prompt ids, answer ids). Raises BadRequest without any."""
        if not examples:
            raise BadRequest("Fine-tuning needs at least one labelled example.")
        self.examples, self.batch_size, self.seed = list(examples), batch_size, seed

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        chosen = in_turn(step, self.batch_size, len(self.examples), self.seed)
        return answer_rows([self.examples[i] for i in chosen])


def in_turn(step: int, batch_size: int, count: int, seed: int) -> list[int]:
    """Which of `count` examples the batch of update `step` has, in a new order every epoch."""

    def example(number: int) -> int:
        epoch, place = divmod(number, count)
        return int(np.random.default_rng([seed, epoch]).permutation(count)[place])

    return [example(step * batch_size + i) for i in range(batch_size)]


class ReplayBatches:
    """Labelled examples, with updates on pre-training text in between to reduce forgetting.

    The batches of examples come in the same order as without replay. `share` is the part of all
    updates that replay pre-training text: with 0.5, every second update does.
    """

    def __init__(self, examples: Batches, documents: Batches, share: float):
        self.examples, self.documents, self.share = examples, documents, share

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        earlier = replayed(step, self.share)
        if replayed(step + 1, self.share) > earlier:
            return self.documents.batch(earlier)
        return self.examples.batch(step - earlier)


def answer_rows(
    examples: Sequence[tuple[Sequence[int], Sequence[int]]],
) -> tuple[Tensor, Tensor]:
    """Ids and targets (B, T) of (prompt ids, answer ids).

    Ids are padded with 0 at the right; only the answer's targets count, all others are IGNORE.
    """
    longest = max(len(prompt) + len(answer) for prompt, answer in examples) - 1
    ids = torch.zeros(len(examples), longest, dtype=torch.int64)
    targets = torch.full_like(ids, IGNORE)
    for row, (prompt, answer) in enumerate(examples):
        text = torch.tensor([*prompt, *answer])
        ids[row, : len(text) - 1] = text[:-1]
        targets[row, len(prompt) - 1 : len(text) - 1] = text[len(prompt) :]
    return ids, targets


def _between(separator: int, document: Document) -> Ids:
    return np.concatenate(([separator], document, [separator]), dtype=np.uint16, casting="unsafe")


@dataclass(frozen=True)
class ValidationSet:
    """Whole documents, each read from its start, in batches of rows of similar length."""

    batches: tuple[tuple[Tensor, Tensor], ...]
    num_tokens: int  # number of targets, with the separators that end documents
    num_bytes: int  # length of the documents' text
    num_documents: int  # the documents are the first ones of the split


def validation_set(
    documents: Sequence[Document],
    num_bytes: Sequence[int],
    block_size: int,
    separator: int,
    max_tokens: int = 0,
    rows: int = 0,
) -> ValidationSet:
    """The first documents of a split, up to about `max_tokens` tokens; 0 means all documents.

    `num_bytes[i]` is the length of document i in bytes. Documents longer than the context are
    cut into windows, and a model sees nothing of the window before. A batch has up to `rows` rows;
    0: as many as there is memory for, whatever the model.
    """
    rows = rows or validation_rows(block_size)
    windows: list[Ids] = []
    tokens = total_bytes = number = 0
    for document, size in zip(documents, num_bytes, strict=True):
        if max_tokens and tokens and tokens + len(document) > max_tokens:
            break
        ids = _between(separator, document)
        windows += [ids[i : i + block_size + 1] for i in range(0, len(ids) - 1, block_size)]
        tokens += len(ids) - 1
        total_bytes += size
        number += 1
    windows.sort(key=len)
    batches = [
        answer_rows([(w[:1].tolist(), w[1:].tolist()) for w in windows[i : i + rows]])
        for i in range(0, len(windows), rows)
    ]
    return ValidationSet(tuple(batches), tokens, total_bytes, number)
