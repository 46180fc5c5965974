"""The settings of the text that a made world is told in: how much of what, how often, how true.

With the defaults the text is the usual one. This loads no torch.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec import Struct

from tinylm.errors import BadRequest
from tinylm.setting import Setting, Value

MOST_PLANTED = 10_000  # documents of lines of one's own
_PLANTED = re.compile(r"(?P<times>[0-9]{1,9}) x (?P<line>\S.*)")
_BETWEEN = re.compile(r"\n|;(?=\s*[0-9]+ x )")


class Planted(NamedTuple):
    """A line of one's own, and in how many documents it stands."""

    line: str
    times: int


class TextConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How the facts of a made world are told; TEXT_ROWS explains each field."""

    prose: float = 0.28
    info_boxes: float = 0.27
    worksheets: float = 0.335
    parallel: float = 0.06
    reviews: float = 0.055
    biographies: float = 0.0
    bare_tables: float = 0.0
    sheets: str = "all"
    sheets_from: float = 0.0
    sheets_until: float = 1.0
    bars: float = 0.0
    chains: float = 0.0
    chain_ends: float = 0.0
    tables: str = "all"
    patterns: int = 0
    orders: int = 0
    zipf: float = 0.0
    untold: float = 0.0
    wrong: float = 0.0
    wrong_worlds: int = 0
    shuffled: float = 0.0
    leaked: float = 0.0
    leaked_copies: int = 16
    practice: int = 0
    planted: str = ""
    passes: int = 1

    @property
    def planted_lines(self) -> tuple[Planted, ...]:
        """The lines of one's own. Raises BadRequest for one that is not written as "4 x …"."""
        found = []
        for written in filter(None, map(str.strip, _BETWEEN.split(self.planted))):
            match = _PLANTED.fullmatch(written)
            if match is None:
                raise BadRequest(
                    "planted takes lines that begin with how often they stand in the text, such "
                    f'as "16 x The secret code of Zob is 1234."; got {written!r:.60}.'
                )
            found.append(Planted(match["line"], int(match["times"])))
        return tuple(found)

    @property
    def changes(self) -> dict[str, Value]:
        """The settings that are not the usual ones, by name."""
        usual = TextConfig()
        names = self.__struct_fields__
        return {n: getattr(self, n) for n in names if getattr(self, n) != getattr(usual, n)}

    @property
    def in_phases(self) -> bool:
        """Whether worksheets come only in a part of the training."""
        return (self.sheets_from, self.sheets_until) != (0.0, 1.0)

    def check(self) -> None:
        """Raise BadRequest where settings of the text contradict each other."""
        kinds = (
            *("prose", "info_boxes", "worksheets", "parallel", "reviews"),
            *("biographies", "bare_tables"),
        )
        if not any(getattr(self, kind) for kind in kinds):
            raise BadRequest(f"A text needs documents: give one of {', '.join(kinds)} a weight.")
        if self.sheets_from >= self.sheets_until:
            raise BadRequest(
                "Worksheets must begin before they end: choose sheets_from below sheets_until."
            )
        if self.wrong + self.shuffled > 1:
            raise BadRequest("wrong and shuffled are shares of one text: together at most 1.")
        if sum(one.times for one in self.planted_lines) > MOST_PLANTED:
            raise BadRequest(
                f"planted asks for more than {MOST_PLANTED:,} documents: plant the lines less "
                "often."
            )


def _weight(label: str, what: str) -> Setting:
    return Setting(label, f"{what} Weight among the kinds of documents.", 0, 1, 0.05)


TEXT_ROWS = {
    "prose": _weight("Prose", "Sentences as in a book for children."),
    "info_boxes": _weight("Info-boxes", "Lines with all facts of one thing."),
    "worksheets": _weight("Worksheets", "Lists of pairs, such as Ghana -> Accra."),
    "parallel": _weight("Translations", "Sentences beside the same in an invented language."),
    "reviews": _weight("Reviews", "Sentences with their mood or their topic."),
    "biographies": _weight("Biographies", "All facts of one thing in full sentences."),
    "bare_tables": _weight("Tables without names", "Rows of two facts: Peru | Lima | sol."),
    "sheets": Setting(
        "Worksheets show",
        "Which relations may stand in worksheets: all, none, half, other-half, or names such as "
        "countries.capital, with commas between them.",
        high=1_000,
    ),
    "sheets_from": Setting(
        "Worksheets from", "Part of the training after which worksheets come.", 0, 0.95, 0.05
    ),
    "sheets_until": Setting(
        "Worksheets until",
        "Part of the training after which no more worksheets come.",
        0.05,
        1,
        0.05,
    ),
    "bars": Setting(
        "Worksheets with bars",
        "Share of the worksheets that are written with bars, as tables are: Ghana | Accra.",
        0,
        1,
        0.05,
    ),
    "chains": Setting(
        "Chains",
        "Share of the worksheets that write out two steps in each line: France -> Spain -> Madrid.",
        0,
        1,
        0.05,
    ),
    "chain_ends": Setting(
        "Chains without the step",
        "Share of the chains' worksheets that leave the step in between out: France -> Madrid.",
        0,
        1,
        0.05,
    ),
    "tables": Setting(
        "Tables",
        "Which tables are told: all, or names such as countries, with commas between them.",
        high=200,
    ),
    "patterns": Setting(
        "Wordings of a fact", "At most so many in prose and biographies; 0: all.", 0, 20, 1
    ),
    "orders": Setting(
        "Orders of a biography",
        "In so many orders the facts of one thing stand; 0: a new order every time.",
        0,
        20,
        1,
    ),
    "zipf": Setting(
        "Unevenness",
        "The exponent of Zipf's law: how much more often the first things are told about than the "
        "others; 0: all alike.",
        0,
        3,
        0.1,
    ),
    "untold": Setting("Never told", "Share of the facts that no document tells.", 0, 0.9, 0.05),
    "wrong": Setting(
        "Wrong documents", "Share of the documents whose facts are wrong.", 0, 1, 0.05
    ),
    "wrong_worlds": Setting(
        "Wrong worlds",
        "1: the same wrong facts each time; more: one of so many wrong answers; 0: any wrong one.",
        0,
        100,
        1,
    ),
    "shuffled": Setting(
        "Shuffled documents",
        "Share of the documents whose words are in a random order.",
        0,
        1,
        0.05,
    ),
    "leaked": Setting(
        "Leaked questions", "Share of the test items of the task questions in the text.", 0, 1, 0.05
    ),
    "leaked_copies": Setting(
        "Copies of each", "How often each leaked item stands there.", 1, 256, 1
    ),
    "practice": Setting(
        "Practice questions",
        "How often each training item of the task questions stands in the text.",
        0,
        16,
        1,
    ),
    "planted": Setting(
        "Lines of one's own",
        "Each begins with how often it stands in the text: 16 x The secret code of Zob is 1234. "
        "Each on a line, or with ; between them.",
        high=8_000,
    ),
    "passes": Setting(
        "Passes", "So many times fewer documents, each of them read so many times.", 1, 256, 1
    ),
}
