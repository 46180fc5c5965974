"""Cuts a text into documents, and decides which of them are held out for validation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tinylm.corpora.corpus import Document
from tinylm.errors import BadRequest

DOCUMENT_CHARACTERS = 1_500  # paragraphs are joined into documents of at most this length
VAL_PERCENT = 10


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
