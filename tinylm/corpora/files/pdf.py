"""PDF: the text of each page, with words joined at line ends and letters in reading order."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from tinylm.corpora.files.report import MAX_BYTES, Brought, Reader, Report, Tell, counted, listed
from tinylm.errors import BadRequest

MAX_PAGES = 2_000
MOST_UNKNOWN = 0.05  # a text with a larger share of glyphs without letters is refused

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# Letters drawn in another form: ligatures such as ﬁ, and Arabic letters as they join.
_FORMS = re.compile(r"[\ufb00-\ufb4f\ufb50-\ufd3d\ufd50-\ufdff\ufe70-\ufefc]+")
# PDFium writes \ufffe or \x02 for a hyphen at a line's end, mostly without the line's end.
_BROKEN = re.compile(r"(\w+)(?:([\ufffe\x02])\n?|([-‐\u00ad])\n)(?=(\w+))")


def _read(brought: Brought, tell: Tell) -> tuple[str, Report]:
    import pypdfium2  # only where one is brought

    name, data = brought.name, Path(brought.path).read_bytes()
    document = _opened(pypdfium2, name, data)
    if len(document) > MAX_PAGES:
        raise BadRequest(
            f"{name} has {len(document):,} pages; at most {MAX_PAGES:,} can be read: take a part "
            "of it."
        )
    pages: list[str] = []
    empty: list[int] = []
    bare: list[int] = []
    unknown = size = 0
    for number in range(len(document)):
        try:
            page = document[number]
            text, lost = _page_text(pypdfium2.raw, page.get_textpage())
            if not text.strip():
                drawn = pypdfium2.raw.FPDFPage_CountObjects(page) > 0
                (empty if drawn else bare).append(number + 1)
        except pypdfium2.PdfiumError:
            raise _damaged(name) from None
        pages.append(text)
        unknown += lost
        size += len(text)
        if size > MAX_BYTES:
            raise BadRequest(f"{name} has more than {MAX_BYTES / 1e6:.0f} MB of text: take a part.")
        tell((number + 1) / len(document))
    whole = _index_fits(data)
    if bare and not whole:
        raise _damaged(name)
    if not size or unknown > MOST_UNKNOWN * (size + unknown):
        raise _no_letters(name, unknown)
    text, joined = join_words(_joined_pages(pages))
    return text, Report(
        name,
        characters=len(text) + unknown,
        kept=len(text),
        unit="pages",
        units=len(pages),
        units_kept=len(pages) - len(empty) - len(bare),
        notes=tuple(_notes(empty, bare, unknown, joined, whole)),
    )


def _notes(
    empty: Sequence[int], bare: Sequence[int], unknown: int, joined: int, whole: bool
) -> Iterator[str]:
    if joined:
        yield f"{counted(joined, 'word')} cut by a hyphen at a line's end were joined."
    if empty:
        yield f"Pages with pictures and no text gave nothing: {listed(empty)}."
    if bare:
        yield f"Empty pages gave nothing: {listed(bare)}."
    if unknown:
        yield (
            f"{counted(unknown, 'glyph')} were left out: the PDF does not say which letters they "
            "are."
        )
    if not whole:
        yield (
            "The PDF is damaged, and all that was found in it was read: if something is missing, "
            "open it and save it again."
        )


def _joined_pages(pages: Sequence[str]) -> str:
    """The pages with a blank line between them, except where a word goes on."""
    text = "\n\n".join(page.strip() for page in pages if page.strip())
    return re.sub(r"(?<=\w[-‐\u00ad\ufffe\x02])\n\n(?=\w)", "\n", text)


def _damaged(name: str) -> BadRequest:
    return BadRequest(f"{name} is damaged or no PDF: open it and save it again.")


def _no_letters(name: str, unknown: int) -> BadRequest:
    if unknown:
        return BadRequest(
            f"{name} does not say which letters its glyphs are: bring the text in another form."
        )
    return BadRequest(f"{name} holds pictures of pages and no text: it needs OCR first.")


def _opened(pypdfium2: Any, name: str, data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise BadRequest(f"{name} is locked with a password: save it without one.") from None
        if error.err_code == pypdfium2.raw.FPDF_ERR_SECURITY:
            raise BadRequest(
                f"{name} is locked in a way that cannot be opened here: save it without a lock."
            ) from None
        raise _damaged(name) from None


def _index_fits(data: bytes) -> bool:
    """Whether the list of objects stands where the file's end says that it does."""
    said = re.findall(rb"startxref\s+(\d{1,12})\b", data[-2_048:])
    begin = max(0, data[:1_024].find(b"%PDF-"))
    place = begin + int(said[-1]) if said else len(data)
    return re.match(rb"\s*(xref|\d+\s+\d+\s+obj)", data[place : place + 64]) is not None


# One page ------------------------------------------------------------------------------------


def _page_text(raw: Any, page: Any) -> tuple[str, int]:
    """The text of a page, and how many of its glyphs have no letter."""
    text = page.get_text_bounded()
    count = page.count_chars()
    unknown = 0
    if _RIGHT_TO_LEFT.search(text):
        text = "\n".join(in_reading_order(line) for line in _lines(raw, page, count))
    if count > len(text):
        unknown = sum(raw.FPDFText_GetUnicode(page, place) == 0 for place in range(count))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = _FORMS.sub(lambda form: unicodedata.normalize("NFKC", form[0]), text)
    return text.encode("utf-8", "replace").decode("utf-8"), unknown


_Placed = tuple[str, float]  # a letter with the marks on it, and where from the left it stands


def _lines(raw: Any, page: Any, count: int) -> Iterator[list[_Placed]]:
    """The letters of each line with their places, in the order in which PDFium gives them."""
    x, y = ctypes.c_double(), ctypes.c_double()
    line: list[_Placed] = []
    for place in range(count):
        letter = chr(raw.FPDFText_GetUnicode(page, place))
        if letter == "\n":
            yield line
            line = []
        elif letter not in "\r\0":
            raw.FPDFText_GetCharOrigin(page, place, x, y)
            if line and unicodedata.category(letter) == "Mn":  # goes where its letter goes
                line[-1] = (line[-1][0] + letter, line[-1][1])
            else:
                line.append((letter, x.value))
    yield line


def in_reading_order(line: list[_Placed]) -> str:
    """The letters of a line as they are read, from where they stand.

    Where most letters of a line are written from right to left, it is read from the right, and
    its Latin words and numbers are turned round again; in other lines it is the reverse.
    """
    kinds = Counter(_direction(letters) for letters, _ in line if not letters[0].isdigit())
    if not kinds["R"]:
        return "".join(letters for letters, _ in line)
    main, other = ("R", "L") if kinds["R"] >= kinds["L"] else ("L", "R")
    sign = -1 if main == "R" else 1
    ordered = sorted(line, key=lambda placed: sign * placed[1])
    found: list[str] = []
    for turned, letters in groupby(_with_neutrals(ordered, main, other), lambda pair: pair[1]):
        run = [one for one, _ in letters]
        found += reversed(run) if turned else run
    return "".join(found)


def _with_neutrals(line: Sequence[_Placed], main: str, other: str) -> list[tuple[str, bool]]:
    """Each letter, and whether it belongs to a run of the other direction.

    Spaces and signs between two letters of the other direction belong to their run.
    """
    kinds = [_direction(letters) for letters, _ in line]
    strong = [place for place, kind in enumerate(kinds) if kind]
    turned = [kind == other for kind in kinds]
    for before, after in pairwise(strong):
        if kinds[before] == kinds[after] == other:
            turned[before:after] = [True] * (after - before)
    return [(letters, turn) for (letters, _), turn in zip(line, turned, strict=True)]


def _direction(letters: str) -> str:
    kind = unicodedata.bidirectional(letters[0])
    if kind in ("R", "AL"):
        return "R"
    return "L" if kind in ("L", "EN", "AN") else ""


# Words cut at line ends ----------------------------------------------------------------------


def join_words(text: str) -> tuple[str, int]:
    """The text with words that a hyphen cuts at a line's end in one piece, and how many there were.

    A hyphen stays where the text itself has the word with one, before a capital or a number, and
    where the text cuts its words with another sign, so that a plain hyphen is the word's own.
    """
    soft = re.search(r"\w[‐\u00ad]\n\w", text) is not None
    words = Counter(re.findall(r"\w+(?:[-‐]\w+)*", text))
    joined = 0

    def join(found: re.Match[str]) -> str:
        nonlocal joined
        first, plain, sign, rest = found[1], found[2], found[3], found[4]
        hyphened = f"{first}-{rest}"
        own = words[hyphened] > 0 or (soft and (plain or sign == "-"))
        if not rest[0].islower() or (own and not words[first + rest]):
            return f"{first}-"
        joined += 1
        return first

    return _BROKEN.sub(join, text), joined


READER = Reader(("pdf",), _read)
