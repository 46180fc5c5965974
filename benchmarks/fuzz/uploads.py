"""Files of every kind that has a reader: made at random, or known ones with damage."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.faults.__main__ import FOLDER
from benchmarks.fuzz.target import Target
from tinylm.corpora.files.child import extract, kind_of, readers
from tinylm.corpora.files.report import Brought
from tinylm.corpora.sources.uploads import check_text
from tinylm.errors import BadRequest

MOST = 60_000  # bytes of a known file that is damaged here: larger ones only take longer

_SIGNS = "\",;\t|\n\r \\{}[]:<>&%()/='“é中ا\ufeff\x00\x01"
_TAGS = ["p", "r", "t", "tbl", "tr", "tc", "ins", "del", "sdt", "sdtContent", "txbxContent", "br"]
_SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@cache
def _known() -> dict[str, list[bytes]]:
    """Known files by their ending."""
    found: dict[str, list[bytes]] = {ending: [] for ending in readers()}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix[1:] in found and path.stat().st_size <= MOST:
            found[path.suffix[1:]].append(path.read_bytes())
    return found


def _damaged(random: Random, data: bytes) -> bytes:
    """These bytes with a few changes, each of another kind."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        place = random.randrange(len(changed) + 1)
        length = random.choice((1, 1, 2, 8, 100))
        match random.randrange(6):
            case 0:
                changed[place : place + length] = random.randbytes(length)
            case 1:
                del changed[place : place + length]
            case 2:
                changed[place:place] = random.choice(_SIGNS).encode() * length
            case 3:
                changed[place:place] = changed[place : place + 50 * length]
            case 4:
                changed[place : place + length] = b"%d" % random.choice((0, -1, 2**31, 10**20))
            case _:
                if random.random() < 0.1:
                    del changed[place:]
    return bytes(changed)


def _table(random: Random) -> bytes:
    signs = random.choice(('a,"\n', "ab,;\t| \"\n'", _SIGNS))
    return "".join(random.choices(signs, k=random.randrange(2_000))).encode()


def _lines(random: Random) -> bytes:
    values = ["text", 1, None, ["a"], {"text": "b"}, "\ud800", 10**400, 1e300]
    lines = (
        json.dumps({random.choice("abcde"): random.choice(values) for _ in range(3)})
        for _ in range(random.randrange(50))
    )
    return _damaged(random, "\n".join(lines).encode())


def _body(random: Random) -> bytes:
    """Random tags of Word, now and then not closed."""
    parts, opened = [f"<w:document {_SPACE}><w:body>"], []
    for _ in range(random.randrange(300)):
        if opened and random.random() < 0.4:
            parts.append(f"</w:{opened.pop()}>")
        else:
            opened.append(random.choice(_TAGS))
            parts.append(f'<w:{opened[-1]} w:val="{random.choice((0, "a", 10**9))}">')
            parts.append("word &amp; more" if random.random() < 0.3 else "")
    parts += [f"</w:{tag}>" for tag in reversed(opened)]
    return "".join([*parts, "</w:body></w:document>"]).encode()


def _word(random: Random, data: bytes) -> bytes:
    """A Word file whose parts are damaged, and not only its packing."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/document.xml" and random.random() < 0.5:
                part = _body(random)
            elif len(part) < MOST and random.random() < 0.5:
                part = _damaged(random, part)
            if len(part) < MOST:  # the styles are large, and nobody reads them
                new.writestr(name, part)
    return file.getvalue()


def make(random: Random) -> tuple[str, bytes]:
    """The name and the bytes of a random file."""
    ending = random.choice(sorted(readers()))
    known = _known()[ending] or [_table(random), _lines(random)]
    data = random.choice(known)
    if random.random() < 0.1:
        data = random.randbytes(random.randrange(3_000))
    elif ending in ("csv", "tsv") and random.random() < 0.5:
        data = _table(random)
    elif ending == "jsonl":
        data = _lines(random)
    elif ending == "docx" and random.random() < 0.7:
        return f"a.{ending}", _word(random, data)
    elif ending in ("txt", "md") and random.random() < 0.3:
        text = "".join(random.choices("größe 中文 текст\n", k=random.randrange(500)))
        data = text.encode(random.choice(("cp1251", "gb18030", "utf-16", "cp1252")), "replace")
    if random.random() < 0.7:
        data = _damaged(random, data)
    return f"a.{ending}", data


def _try_one(random: Random, folder: Path) -> str:
    name, data = make(random)
    path = folder / name
    path.write_bytes(data)
    column = random.choice(("", "", "", "text", "column 1"))
    header = random.choice((None, None, True, False))
    kind = kind_of(name)
    try:
        text, report = extract(Brought(name, str(path), column, header), lambda share: None)
        assert report.kept <= report.characters + 4 * report.units + 4 or kind == "docx", report
        assert 0 <= report.units_kept <= report.units, report
        assert report.summary.endswith(".") and all(note.endswith(".") for note in report.notes)
    except BadRequest as error:
        assert str(error).endswith("."), error
        return "refused"
    try:
        check_text(text.encode("utf-8"))
    except BadRequest as error:
        assert str(error).endswith("."), error
        return "read, too little to train on"
    return "read"


TARGET = Target("uploads", _try_one)
