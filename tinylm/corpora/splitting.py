"""Cuts a text into documents, and decides which of them are held out for validation.

There are two ways. `hold_out_places` is for texts that people bring. `split_text`, which holds out
the end, is what such texts had before; those that were kept then still have it, so that their runs
can be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from tinylm.corpora.corpus import Document
from tinylm.errors import BadRequest

DOCUMENT_CHARACTERS = 1_500  # paragraphs are joined into documents of at most this length
VAL_PERCENT = 10
PLACES = 10  # in a text, from which held-out passages come
HELD_OUT = (2_000, 400_000)  # characters to hold out: the least and the most
MOST_HELD_OUT = 0.2  # of a text that is too short for the least
SHORTEST_PASSAGE = 100  # characters, where a paragraph has to be cut

Split = tuple[tuple[Document, ...], tuple[Document, ...]]  # for training, and for validation
_SENTENCE_END = re.compile(
    r"[.!?\u0964\u061f\u3002\uff01\uff1f\u2026][\"')\]\u00bb\u201d\u300d]*\s*"
)
_NO_SPACE = re.compile(r"\S")


def split_text(text: str) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """Training and validation documents; the last tenth of the text is for validation."""
    return last_tenth(group_paragraphs(text))


def last_tenth(texts: Sequence[str]) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """Training and validation documents: the last ones, about a tenth of all characters, validate.

    A validation document that also stands in training is left out; if that would leave none, the
    last one stays. Raises BadRequest for fewer than two texts.
    """
    if len(texts) < 2:
        raise BadRequest("This text cannot be cut in two: it needs more words or lines.")
    limit = sum(map(len, texts)) * VAL_PERCENT / 100
    num_val, length = 0, 0
    while num_val < len(texts) - 1 and (num_val == 0 or length + len(texts[-1 - num_val]) <= limit):
        length += len(texts[-1 - num_val])
        num_val += 1
    train, val = texts[:-num_val], texts[-num_val:]
    seen = set(train)
    val = [one for one in val if one not in seen] or val[-1:]
    return tuple(map(Document, train)), tuple(map(Document, val))


def group_paragraphs(text: str) -> list[str]:
    """The text as documents of up to DOCUMENT_CHARACTERS, cut at blank lines where possible.

    A longer paragraph is cut at the end of a line, or else at a space, or else anywhere.
    """
    documents: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        paragraph = paragraph.strip("\n")
        if not paragraph.strip():
            continue
        for piece in _cut(paragraph):
            joined = f"{documents[-1]}\n\n{piece}" if documents else piece
            if documents and len(joined) <= DOCUMENT_CHARACTERS:
                documents[-1] = joined
            else:
                documents.append(piece)
    return documents


def _cut(paragraph: str) -> list[str]:
    pieces, start = [], 0
    while len(paragraph) - start > DOCUMENT_CHARACTERS:
        end = start + DOCUMENT_CHARACTERS
        half = start + DOCUMENT_CHARACTERS // 2  # an earlier cut would make tiny documents
        place = paragraph.rfind("\n", half, end)
        if place < 0:
            place = paragraph.rfind(" ", half, end)
        if place < 0:
            place = end
        pieces.append(paragraph[start:place])
        start = place + paragraph.startswith("\n", place)
        start += paragraph.startswith(" ", start)
    return [piece for piece in [*pieces, paragraph[start:]] if piece.strip()]


class Passage(NamedTuple):
    """A part of a text that is read or held out as a whole."""

    text: str
    glue: str  # what stands between the passage before it and this one


def held_out_characters(characters: int) -> int:
    """How many characters of a text of this length are held out, as nearly as its passages allow.

    A tenth; of a short text up to a fifth, because a loss over a few sentences is mere chance; and
    of a long one no more than one ever measures.
    """
    least, most = HELD_OUT
    short = min(least, MOST_HELD_OUT * characters)
    return round(min(most, max(short, characters * VAL_PERCENT / 100)))


def hold_out_places(text: str) -> Split:
    """Training and validation documents; what is held out comes from PLACES parts of the text.

    Passages are paragraphs, or pieces of long ones. None is in both parts: a held-out passage that
    also stands in training is left out, and where none would be left, its copies leave training.
    Raises BadRequest for a text that cannot be cut in two.
    """
    goal = held_out_characters(len(text))
    longest = max(SHORTEST_PASSAGE, min(DOCUMENT_CHARACTERS, goal // 4))
    passages = list(_passages(text, longest))
    chosen = _chosen([len(one.text) for one in passages], goal)
    read = {one.text for one, held in zip(passages, chosen, strict=True) if not held}
    new = {one.text for one, held in zip(passages, chosen, strict=True) if held} - read
    if not new:
        new = {one.text for one, held in zip(passages, chosen, strict=True) if held}
        read -= new
    if not (new and read):
        raise BadRequest("This text cannot be cut in two: it needs more words or lines.")
    train = _joined(passages, [one.text in read for one in passages])
    held_out = [held and one.text in new for one, held in zip(passages, chosen, strict=True)]
    return train, _joined(passages, held_out)


def documents_of(text: str, wanted: Container[str] | None = None) -> list[str]:
    """A part of a text as documents of up to DOCUMENT_CHARACTERS; None: all passages are wanted."""
    passages = list(_passages(text, DOCUMENT_CHARACTERS))
    chosen = [wanted is None or one.text in wanted for one in passages]
    return [one.text for one in _joined(passages, chosen)]


def passages_of(text: str) -> set[str]:
    """The passages that the documents of a part of a text are made of."""
    return {one.text for one in _passages(text, DOCUMENT_CHARACTERS)}


def _chosen(lengths: Sequence[int], goal: int) -> list[bool]:
    """Which passages are held out: in each part of the text, those from its middle on.

    A passage is taken while less than half of it is more than what is due by then; the first one
    that is due is taken in any case.
    """
    part = sum(lengths) / PLACES
    chosen, seen, held = [], 0, 0
    for length in lengths:
        seen += length
        due = goal * int(seen / part + 0.5) / PLACES  # a tenth more from the middle of each part on
        taken = held + length / 2 <= due
        chosen.append(taken)
        held += length * taken
    if not held and len(lengths) > 1:
        chosen[len(lengths) // 2] = True
    return chosen


def _passages(text: str, longest: int) -> Iterator[Passage]:
    """The paragraphs of a text; one that is longer is cut at the best place in its second half.

    The best place is the end of a line, then that of a sentence, then a space, then anywhere.
    """
    for whole in re.split(r"\n\s*\n", text):
        paragraph, glue = whole.strip("\n"), "\n\n"
        start = 0 if _NO_SPACE.search(paragraph) else len(paragraph)
        while start < len(paragraph):
            end = _place(paragraph, start, longest)
            piece = paragraph[start:end].rstrip()
            if piece:
                yield Passage(piece, glue)
            found = _NO_SPACE.search(paragraph, end)
            after = found.start() if found else len(paragraph)
            glue = paragraph[start + len(piece) : after]
            start = after


def _place(text: str, start: int, longest: int) -> int:
    """Where to cut so that the piece from `start` on has at most `longest` characters."""
    half, end = start + longest // 2, start + longest
    if end >= len(text):
        return len(text)
    line = text.rfind("\n", half, end)
    if line >= 0:
        return line
    ends = [match.end() for match in _SENTENCE_END.finditer(text, half, end)]
    if ends:
        return ends[-1]
    space = text.rfind(" ", half, end)
    return space if space >= 0 else end


def _joined(passages: Sequence[Passage], wanted: Sequence[bool]) -> tuple[Document, ...]:
    """The wanted passages as documents; neighbours are joined up to DOCUMENT_CHARACTERS."""
    documents: list[str] = []
    before = False
    for passage, taken in zip(passages, wanted, strict=True):
        if taken:
            longer = f"{documents[-1]}{passage.glue}{passage.text}" if before else ""
            if before and len(longer) <= DOCUMENT_CHARACTERS:
                documents[-1] = longer
            else:
                documents.append(passage.text)
        before = taken
    return tuple(map(Document, documents))
