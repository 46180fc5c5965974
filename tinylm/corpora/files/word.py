"""Word: .docx, its body in order, as a reader sees it.

The parts of the file are read as a stream of tags: what a table's attributes say costs nothing,
and no tree is built, so that time and memory follow the length of the text.
"""

from __future__ import annotations

import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from xml.parsers import expat

from tinylm.corpora.files.report import MAX_BYTES, Brought, Reader, Report, Tell, counted
from tinylm.errors import BadRequest

MAX_UNPACKED = 200_000_000  # bytes: some files unpack to far more than disks
MAX_DEPTH = 500  # tags inside each other
CHUNK = 1 << 20

_SPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main ",
    "http://purl.oclc.org/ooxml/wordprocessingml/main ",
)
_MATHS = "http://schemas.openxmlformats.org/officeDocument/2006/math "
_OTHER_FORM = "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"
_DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/"
_OTHER_FORM = "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"
# What stands in the file and not on the page, and how it is told: deleted text, the former place
# of moved text, an older form of a drawing, what a content control is, the small signs above
# Chinese and Japanese letters.
_UNSEEN = {"del": "deleted", "rt": "ruby", "moveFrom": "", _OTHER_FORM: "", "sdtPr": ""}
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NO_TEXT = {
    "headerReference": "page header",
    "footerReference": "page footer",
    "commentReference": "comment",
    "altChunk": "inserted file",
    "object": "embedded object",
    "sym": "symbol",
    f"{_DRAWN}picture pic": "picture",
    f"{_DRAWN}chart chart": "chart",
    f"{_DRAWN}diagram relIds": "diagram",
}
_FAULTS = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(expat.ExpatError, ArithmeticError, EOFError, LookupError, OSError, RuntimeError, ValueError),
)


def _read(brought: Brought, tell: Tell) -> tuple[str, Report]:
    name = brought.name
    damaged = BadRequest(f"{name} is damaged or no .docx file: open it and save it again.")
    with open(brought.path, "rb") as file:
        if file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise BadRequest(
                f"{name} is locked with a password, or an older .doc file: save it as .docx, "
                "without a password."
            )
    try:
        with zipfile.ZipFile(brought.path) as packed:
            size = sum(part.file_size for part in packed.infolist())
            if size > MAX_UNPACKED:
                raise BadRequest(f"{name} unpacks to {size / 1e6:,.0f} MB: take a part of it.")
            body = _main_part(packed)
            story = _Story(name)
            story.read(packed, body, tell)
            for part, what in (("footnotes", "footnote"), ("endnotes", "endnote")):
                place = posixpath.join(posixpath.dirname(body), f"{part}.xml")
                if place in packed.namelist():
                    before = len(story.paragraphs)
                    story.read(packed, place, lambda share: None)
                    if found := len(story.paragraphs) - before:
                        stand = "stands" if found == 1 else "stand"
                        story.notes.append(
                            f"{counted(found, what)} {stand} at the end of the text."
                        )
    except _FAULTS:
        raise damaged from None
    text = "\n\n".join(story.paragraphs)
    count = len(story.paragraphs)
    if not count:
        raise BadRequest(f"{name} has no text that could be read.")
    return text, Report(
        name,
        characters=len(text) + story.left_out,
        kept=len(text),
        unit="paragraphs",
        units=count,
        units_kept=count,
        notes=tuple(story.told()),
    )


def _main_part(packed: zipfile.ZipFile) -> str:
    """The place of the document itself, which the file's own list names."""
    listed = packed.read("_rels/.rels")[:CHUNK].decode("utf-8", "replace")
    for entry in re.findall(r"<[^>]*Relationship\s[^>]*>", listed):
        if re.search(r'Type="[^"]*/officeDocument"', entry):
            target = re.search(r'Target="/?([^"]+)"', entry)
            if target:
                return target[1]
    return "word/document.xml"


class _Story:
    """The paragraphs of a document's parts, as the tags go by."""

    def __init__(self, name: str) -> None:
        self.paragraphs: list[str] = []
        self.notes: list[str] = []
        self.left_out = 0  # characters of text
        self._name = name
        self._size = 0  # characters so far
        self._no_text: Counter[str] = Counter()
        self._open: list[str] = []  # tags that are open, innermost last
        self._pieces: list[list[str]] = []  # text of each paragraph that is open
        self._later: list[str] = []  # paragraphs of text boxes, until their own paragraph ends
        self._cells: list[list[str]] = []  # paragraphs of each cell that is open
        self._rows: list[list[str]] = []  # cells of each row that is open
        self._unseen = 0  # tags that are open inside what is not seen, counting its own
        self._why = ""
        self._hidden = False  # whether the text of this run is hidden

    def read(self, packed: zipfile.ZipFile, part: str, tell: Tell) -> None:
        """Add the paragraphs of one part."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = _no_entities
        size, done = packed.getinfo(part).file_size or 1, 0
        with packed.open(part) as stream:
            while piece := stream.read(CHUNK):
                parser.Parse(piece, False)
                done += len(piece)
                tell(done / size)
        parser.Parse(b"", True)

    def told(self) -> Iterator[str]:
        """What was left out, and where else something stands."""
        yield from self.notes
        for what, number in self._no_text.items():
            verb = "was" if number == 1 else "were"
            yield f"{counted(number, what)} {verb} left out."

    # The parser calls what follows ----------------------------------------------------------

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._unseen:
            self._unseen += 1
            return
        tag = _short(tag)
        if tag in _UNSEEN:
            self._unseen, self._why = 1, _UNSEEN[tag]
            return
        if tag == "p":
            self._pieces.append([])
        elif tag == "tc":
            self._cells.append([])
        elif tag == "tr":
            self._rows.append([])
        elif tag == "r":
            self._hidden = False
        elif tag == "vanish" and self._open[-2:] == ["r", "rPr"]:
            self._hidden = not {"0", "false", "off"} & set(attributes.values())
        elif tag in _BREAKS and self._open[-1:] == ["r"]:
            self._add(_BREAKS[tag])
        elif tag in _NO_TEXT:
            self._no_text[_NO_TEXT[tag]] += 1
        self._open.append(tag)
        if len(self._open) > MAX_DEPTH:
            raise ValueError("tags stand in each other too deep")

    def _end(self, _tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        tag = self._open.pop()
        if tag == "p":
            self._paragraph("".join(self._pieces.pop()))
        elif tag == "tc":
            cell = "\n".join(self._cells.pop())
            if self._rows:
                self._rows[-1] += [cell] if cell else []
            else:
                self._paragraph(cell)
        elif tag == "tr":
            self._paragraph(" ".join(self._rows.pop()))

    def _text(self, text: str) -> None:
        if self._unseen:
            if self._why and text.strip():
                self._leave_out(self._why, text)
        elif self._open[-1:] == ["t"]:
            if self._hidden or not self._pieces:
                self._leave_out("hidden", text)
            else:
                self._add(text)

    def _leave_out(self, why: str, text: str) -> None:
        self._no_text[f"{why} character"] += len(text)
        self.left_out += len(text)

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_BYTES:
            raise BadRequest(
                f"{self._name} has more than {MAX_BYTES / 1e6:.0f} MB of text: take a part of it."
            )
        if self._pieces:
            self._pieces[-1].append(text)

    def _paragraph(self, text: str) -> None:
        if text.strip() and self._pieces:
            self._later.append(text)
            return
        found = [text, *self._later]
        self._later = []
        kept = self._cells[-1] if self._cells else self.paragraphs
        kept += [one for one in found if one.strip()]


def _short(tag: str) -> str:
    """A tag of Word's own without its address; those of others with it."""
    for space in (*_SPACES, _MATHS):
        if tag.startswith(space):
            return tag[len(space) :]
    return tag


def _no_entities(*_: object) -> None:
    raise ValueError("a .docx file declares no entities")


READER = Reader(("docx",), _read)
