"""Files that a person brings, and what can be found out about a corpus."""

from __future__ import annotations

import io
import zipfile

import docx
import pypdf
import pytest

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.explore import explore, search
from tinylm.corpora.sources.readers import csv_columns, joined, text_of_file
from tinylm.errors import BadRequest
from tinylm.questions.corpora import RankedWord

INFO = CorpusInfo("t", "T", "", "", "")


def word_file(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pdf_file(password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_a_column_of_a_table_becomes_paragraphs() -> None:
    table = b'name;text\n1;"One line"\n2;"Two\nlines"\n3;\n'
    assert csv_columns(table) == ["name", "text"]
    assert text_of_file("a.csv", table, "text") == "One line\n\nTwo\nlines"
    with pytest.raises(BadRequest, match="choose one"):
        text_of_file("a.csv", table, "other")
    with pytest.raises(BadRequest, match="first line"):
        csv_columns(b"")


def test_word_and_plain_text_are_read() -> None:
    assert text_of_file("a.docx", word_file("One", "", "Zwei 🍎")) == "One\n\nZwei 🍎"
    assert text_of_file("a.md", b"\xef\xbb\xbf# One\r\n") == "# One\n"
    assert joined(["a\n", "b"]) == b"a\n\nb"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.pdf", b"no pdf at all", "damaged"),
        ("a.pdf", pdf_file(), "no text"),
        ("a.pdf", pdf_file("secret"), "password"),
        ("a.docx", b"no zip at all", "damaged"),
        ("a.txt", b"\xff\xfe", "UTF-8"),
        ("a.txt", b"x" * 20_000_001, "20 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(name: str, data: bytes, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        text_of_file(name, data)


def test_a_file_that_unpacks_to_too_much_is_not_unpacked() -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("word/document.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(201):
            part.write(b"\0" * 1_000_000)
    with pytest.raises(BadRequest, match="unpacks"):
        text_of_file("bomb.docx", file.getvalue())


def test_search_counts_every_place() -> None:
    corpus = Corpus(INFO, (Document("A cat, a CAT."), Document("dog")), (Document("cat"),))
    found = search(corpus, "cat")
    assert (found.hits, found.documents, found.of) == (2, 1, 2)
    assert search(corpus, "cat", "val").found[0].text == "cat"
    assert search(corpus, "bird").found == ()
    with pytest.raises(BadRequest):
        search(corpus, "  ")


def test_what_is_in_a_corpus() -> None:
    train = (Document("the cat the dog"), Document("The  cat the dog"), Document("a bird"))
    found = explore(Corpus(INFO, train, (Document("THE cat\nthe dog"), Document("a new bird"))))
    assert found.ranks[0] == RankedWord(1, "the", 4)
    assert found.train_repeats == 1 and found.val_in_train == 1
    assert found.unseen == (("new", 1),) and found.unseen_words == 1
    assert sum(row.documents for row in found.lengths) == 3
