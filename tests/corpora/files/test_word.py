"""Word: the body in its order, as a reader sees it, at a cost that follows its length."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest

from tinylm.corpora.files.child import extract
from tinylm.corpora.files.report import Brought, Report
from tinylm.errors import BadRequest

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
RELATIONS = (
    '<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="/word/main.xml"/>'
    "</Relationships>"
)


def part(inner: str, tag: str = "document") -> str:
    return f"<w:{tag} {SPACES}><w:body>{inner}</w:body></w:{tag}>"


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(inner: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def word_file(body: str, **parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("_rels/.rels", RELATIONS)
        packed.writestr("word/main.xml", part(body))
        for name, content in parts.items():
            packed.writestr(f"word/{name}.xml", content)
    return file.getvalue()


def read(folder: Path, data: bytes) -> tuple[list[str], Report]:
    path = folder / "a.docx"
    path.write_bytes(data)
    text, report = extract(Brought("a.docx", str(path)), lambda share: None)
    return text.split("\n\n"), report


def test_the_body_in_its_order_with_each_cell_once(tmp_path: Path) -> None:
    wide, merged = '<w:gridSpan w:val="100000000"/>', "<w:vMerge/>"
    rows = (
        f"<w:tr>{cell(paragraph('wide'), wide)}</w:tr>"
        f"<w:tr>{cell(paragraph('left'))}{cell(paragraph('one') + paragraph('two'))}</w:tr>"
        f"<w:tr>{cell('<w:p/>', merged)}{cell(paragraph('right'))}</w:tr>"
    )
    body = paragraph("before") + f"<w:tbl>{rows}</w:tbl>" + paragraph("after")
    text, report = read(tmp_path, word_file(body))
    assert text == ["before", "wide", "left one\ntwo", "right", "after"]
    assert (report.units, report.notes) == (5, ())


def test_what_a_reader_sees_is_read_and_the_rest_is_told(tmp_path: Path) -> None:
    box = (
        "<mc:AlternateContent><mc:Choice><w:txbxContent>{}</w:txbxContent></mc:Choice>"
        "<mc:Fallback><w:txbxContent>{}</w:txbxContent></mc:Fallback></mc:AlternateContent>"
    ).format(paragraph("box"), paragraph("box"))
    body = (
        "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/></w:r>"
        "<w:ins><w:r><w:t>inserted</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> seen</w:t></w:r>'
        f"<w:r>{box}</w:r><w:r><w:footnoteReference/></w:r>"
        "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        f"<w:sdt><w:sdtPr><w:t>pick</w:t></w:sdtPr><w:sdtContent>{paragraph('control')}"
        "</w:sdtContent></w:sdt><w:sectPr><w:headerReference/></w:sectPr>"
    )
    text, report = read(tmp_path, word_file(body, footnotes=part(paragraph("note"), "footnotes")))
    assert text == ["a\tb\ninserted seenx=1", "box", "control", "note"]
    assert report.notes == (
        "1 footnote stands at the end of the text.",
        "4 deleted characters were left out.",
        "6 hidden characters were left out.",
        "1 page header was left out.",
    )


def test_time_follows_the_length_and_not_the_attributes(tmp_path: Path) -> None:
    merged = f"<w:tr>{cell('<w:p/>', '<w:vMerge/>')}</w:tr>"
    body = f"<w:tbl><w:tr>{cell(paragraph('one'))}</w:tr>{merged * 20_000}</w:tbl>"
    began = time.process_time()
    text, _ = read(tmp_path, word_file(body))
    assert text == ["one"]
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"no zip at all", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "password, or an older .doc"),
        (word_file("<w:p>"), "damaged"),
        (word_file("<w:p/>"), "no text"),
        (word_file("").replace(b"a", b"b"), "damaged"),
        (word_file("<w:a>" * 100_000 + "</w:a>" * 100_000), "damaged"),
        (word_file(paragraph("x" * 20_000_001)), "20 MB"),
        (word_file(paragraph("text"))[:-40], "damaged"),
    ],
    ids=["no zip", "old", "not closed", "empty", "changed", "deep", "large", "cut"],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        read(tmp_path, data)


@pytest.mark.parametrize(
    "document",
    ['<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>', '<?xml version="1.0" encoding="none"?><a/>'],
    ids=["entities", "an encoding that nobody knows"],
)
def test_xml_that_no_word_processor_writes_is_refused(tmp_path: Path, document: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", document)
        packed.writestr("_rels/.rels", "")
    with pytest.raises(BadRequest, match="damaged"):
        read(tmp_path, file.getvalue())


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("word/document.xml", "w", force_zip64=True) as document,
    ):
        for _ in range(201):
            document.write(b"\0" * 1_000_000)
    with pytest.raises(BadRequest, match="unpacks"):
        read(tmp_path, file.getvalue())
