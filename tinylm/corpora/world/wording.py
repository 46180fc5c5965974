"""English for the made world: articles, plurals, and filling in the blanks of sentence patterns.

A pattern is a clause that begins in lower case and has no full stop. Its blanks:

    {s}    the subject as it stands in running text ("the Netherlands", "cow")
    {a s}  the subject with its article, if it takes one ("a cow", "bread")
    {s+}   the subject's plural ("cows", "mice")
    {o}    the answer as it stands in the table
    {a o}  the answer with a or an
    {p}    the answer as a phrase ("on a farm"): from the relation's `phrases`, or by its `phrase`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

BLANKS = ("{s}", "{a s}", "{s+}", "{o}", "{a o}", "{p}")
SUBJECT_BLANKS = ("{s}", "{a s}", "{s+}")
ANSWER_BLANKS = ("{o}", "{a o}", "{p}")

_SOUNDS_LIKE_CONSONANT = re.compile(r"(?i)(eu|uni[^nm]|unique|use|usu|one\b|once)")
_SILENT_H = re.compile(r"(?i)(hour|honest|honou?r|heir)")


def with_article(noun: str) -> str:
    """`noun` with a or an before it: "a cow", "an owl", "a unicorn", "an hour"."""
    if _SILENT_H.match(noun):
        return f"an {noun}"
    vowel = noun[:1].lower() in "aeiou" and not _SOUNDS_LIKE_CONSONANT.match(noun)
    return f"{'an' if vowel else 'a'} {noun}"


def plural(noun: str) -> str:
    """The regular plural: cows, foxes, butterflies. Irregular plurals are in the tables."""
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + "s"


def sentence(clause: str) -> str:
    """The clause with a capital letter and a full stop."""
    return clause[:1].upper() + clause[1:] + "."


def fill(pattern: str, blanks: dict[str, str]) -> str:
    """`pattern` with every blank filled that is a key of `blanks`; keys include their braces."""
    for blank, words in blanks.items():
        if blank in pattern:
            pattern = pattern.replace(blank, words)
    return pattern


def leads_with_subject(pattern: str) -> bool:
    """Whether "it" or "they" in the next sentence clearly means the subject of this pattern."""
    return pattern.startswith(("{s}", "{a s}", "{s+}", "the {s}"))


def inner_pairs(name: str, answer: str) -> Iterator[tuple[str, str]]:
    """The pairs that stand in a line of `name` and `answer`, in whole words: itself and shorter.

    In the line "polar bear -> growl" stands "bear -> growl" as well, in "ox -> wild ox" also
    "ox -> wild".
    """
    ends = {name, *(name[match.start() :] for match in re.finditer(r"(?<!\w)(?=\w)", name))}
    starts = {answer, *(answer[: match.end()] for match in re.finditer(r"\w(?!\w)", answer))}
    return product(ends, starts)
