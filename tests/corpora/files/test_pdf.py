"""PDF: letters in reading order, words in one piece, and a word on what is missing."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest

from tinylm.corpora.files.child import extract
from tinylm.corpora.files.pdf import in_reading_order, join_words
from tinylm.corpora.files.report import Brought
from tinylm.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("extra-\nordinary", "extraordinary"),
        ("extra\u2010\nordinary and self-\nmade", "extraordinary and self-made"),
        ("self-made, self-\nmade, ex-\ntra", "self-made, self-made, extra"),
        ("cooperate, co-operate, co-\noperate", "cooperate, co-operate, cooperate"),
        ("Jean-\nPaul, pages 10-\n20", "Jean-Paul, pages 10-20"),
        ("of\ufffefice", "office"),
        ("a dash -\nand text", "a dash -\nand text"),
    ],
)
def test_words_cut_at_a_lines_end_are_joined(text: str, joined: str) -> None:
    assert join_words(text)[0] == joined


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        ("plain text", "plain text"),
        (".םולש", "שלום."),
        (".2026 תנשב ונמיא tinylm", "tinylm אימנו בשנת 2026."),
        ("the word םולש here", "the word שלום here"),
    ],
)
def test_letters_are_read_from_where_they_stand(seen: str, read: str) -> None:
    """`seen` is what stands on the page from left to right."""
    line = [(letter, float(place)) for place, letter in enumerate(seen)]
    assert in_reading_order(line) == read


def blank(pages: int = 1) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(100, 100)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"no PDF at all", "damaged"),
        (b"%PDF-1.7\n" + b"\xff" * 500, "damaged"),
        (blank(), "no text"),
        (blank(2_001), "2,001 pages"),
    ],
    ids=["none", "garbage", "blank", "many"],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    with pytest.raises(BadRequest, match=says):
        extract(Brought("a.pdf", str(path)), lambda share: None)
