"""No figure in a lesson is typed in: it is computed, recorded, or stands beside its source.

Numbers that measure nothing may be typed: names, units, limits of a scale, and counts of what
stands in the same sentence. They are listed here by kind.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pages.explain.content import questions, sources
from tests.lesson_text import BLANK, ROOT, literals
from ui.real import real

WORDS = (
    "five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety|"
    "hundred|thousand|million|billion|trillion|dozen|third|quarter|fifth|tenth"
)
NUMBER = re.compile(rf"(?<![\w%{{])\d[\d,.]*|\b(?:{WORDS})s?\b", re.IGNORECASE)
# By what each kind of number is; what matches is left out of the search.
ALLOWED = {
    "a name": r"(?:macro-)?F1|GPT-\d|SHA-256|\bA4\b|\bp1 to p4\b|UTF-8",
    "the address for all networks": r"--server\.address 0\.0\.0\.0",
    "a setting that the line of a chart is named after": r"\bk = \d\b",
    "the level of intervals": r"95 %",
    "nothing": r"step 0|0 \(untrained\)|0 is zero-shot|\(0: all\)|leaves out 0|for 0 |one 0 "
    r"|\(0: as they choose\)|mean 0\.|mean is 0;|give it 0\.",
    "the ends of a scale": r"\b100 %|of 100$|in 0 to 100|from 0 to 100|at 1 it is sure"
    r"|cannot reach 1:|under 0\.1%|> 99\.9 %",
    "a fair coin": r"odds of 1 in 2\.",
    "one of a unit": r"\b1 (?:bit|kWh|core|run|in)\b|no more than 1 / |before step 1$",
    "a place in a list": r"(?m)^\d\. ",
    "a format or a formula": r"%\{[^}]*\}|\{[^}]*\}|2 TP|6 ×",
    "powers of ten, and words for them": r"powers of ten: 6 is a million, 12 a trillion"
    rf"|^{BLANK} (?:million|billion|trillion)$|from 1,000 to 500 is as much as from 10 to 5"
    r"|^ × 10$",
    "an answer to choose from": r"^a (?:thousand|million|billion) times more$",
    "a law": r"half as frequent as the first, the tenth a tenth",
    "a model that is defined so": r"a tenth of the training|last nine tenths of the pre-training",
    "the values of a byte": r"the 256 bytes|256 is single bytes",
    "an example": r"sieht 3 Äpfel",
    "what a button draws": r"^Ten more$|Pull the five points",
}


def rest(text: str) -> str:
    """The text without the numbers that may be typed."""
    for pattern in ALLOWED.values():
        text = re.sub(pattern, "", text)
    return text


def prose(path: Path) -> list[tuple[str, str]]:
    """The literals with more than one word, which are no HTML and no pattern."""
    return [
        one
        for one in literals(path)
        if " " in one.text.strip() and not one.text.lstrip().startswith(("<", "[", "("))
    ]


FILES = sorted([*(ROOT / "pages").rglob("*.py"), *(ROOT / "ui").rglob("*.py")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_figure_is_typed_into_a_lessons_text(path: Path) -> None:
    typed = [
        f"{place}: {match[0]!r} in {text!r}"
        for place, text in prose(path)
        for match in NUMBER.finditer(rest(text))
    ]
    assert not typed, "\n".join(typed)


def test_a_question_whose_answer_has_a_figure_names_its_sources() -> None:
    for one in questions():
        if re.search(r"\d{2,}", one.answer) and "perplexity of 10" not in one.ask:
            assert one.sources, one.ask
            assert set(one.sources) <= set(sources())


def test_every_fact_of_a_real_model_has_its_source() -> None:
    found = real()
    for facts in found.facts.values():
        assert all(found.sources[fact.source].address.startswith("https://") for fact in facts)
    assert all(model.source in found.sources for model in found.models)


def test_the_search_finds_what_was_typed() -> None:
    for text in (
        "About 4 % of them",
        "It took seven minutes",
        "a million times",
        "a quarter of it",
    ):
        assert NUMBER.search(rest(text))
