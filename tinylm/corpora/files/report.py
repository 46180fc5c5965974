"""What a person brings, and what a reader tells of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

MAX_BYTES = 20_000_000  # of a file, and of the text in it
_LISTED = 10  # numbers of rows that a sentence names before it says how many more there are


def length(text: str) -> int:
    """The characters of a text that count for a corpus: several spaces or line ends are one."""
    return len(" ".join(text.split()))


class Brought(msgspec.Struct, frozen=True):
    """A file, and what the person said of it."""

    name: str
    path: str
    column: str = ""  # of a table, the one that holds the text; "": the one with most letters
    header: bool | None = None  # whether a table's first row names the columns; None: not said
    whole: bool = False  # whether the text is to be all columns of a table, as `Cells` in JSON


class Table(msgspec.Struct, frozen=True):
    """How a table was understood."""

    columns: tuple[str, ...]
    column: str  # the one that was read
    header: bool  # whether the first row was taken for the names of the columns
    can_choose_header: bool = True


class Cells(msgspec.Struct, frozen=True):
    """All columns of a table, as text; an empty cell is empty text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Report(msgspec.Struct, frozen=True):
    """What came out of a file, compared with what is in it."""

    name: str
    problem: str = ""  # the sentence that says why nothing was read
    encoding: str = ""  # what was assumed where the file does not say it
    characters: int = 0  # in the file, or on its pages
    kept: int = 0  # characters of the text that came out
    length: int = 0  # of this text, by `length`
    unit: str = ""  # "rows", "pages", "paragraphs", "lines"
    units: int = 0
    units_kept: int = 0
    notes: tuple[str, ...] = ()  # sentences: what was assumed, mended, or left out and why
    table: Table | None = None
    beginning: str = ""  # of the text, to be looked at
    seconds: float = 0.0  # of processor
    megabytes: float = 0.0  # the most that the reading process had

    @property
    def summary(self) -> str:
        """How much of the file was read, in one sentence."""
        parts = f"{self.units_kept:,} of {self.units:,} {self.unit}, {self.kept:,} characters"
        if self.table is not None and len(self.table.columns) > 1:
            parts += f" of the column “{self.table.column}”"
        if self.characters != self.kept:
            parts += f"; the file has {self.characters:,}"
        return f"{parts}."


Tell = Callable[[float], None]  # is told the share that is done, 0 to 1


@dataclass(frozen=True)
class Reader:
    """Files with these endings, and the function that reads them.

    `read` raises BadRequest, in a sentence, for a file that cannot be read.
    """

    endings: tuple[str, ...]
    read: Callable[[Brought, Tell], tuple[str, Report]]


def plain_name(name: str) -> str:
    """The name of a file with a question mark for each byte that is no text."""
    return name.encode("utf-8", "replace").decode("utf-8")


def counted(number: int, one: str, many: str = "") -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(numbers: Sequence[int]) -> str:
    """`17, 90, 201`, with the first ten numbers only where there are more."""
    shown = ", ".join(map(str, numbers[:_LISTED]))
    more = len(numbers) - _LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown
