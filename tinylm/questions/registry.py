"""The list of all kinds of questions, which the store needs to read one back."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from tinylm.codec import decode
from tinylm.questions import (
    corpora,
    experiments,
    exports,
    inside,
    limits,
    models,
    scale,
    tokens,
    words,
)
from tinylm.questions.base import Question

QUESTIONS: tuple[type[Question[Any]], ...] = tuple(
    one
    for module in (corpora, experiments, exports, inside, limits, models, scale, tokens, words)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Question) and one is not Question
)
LONG_KINDS = tuple(str(q.__struct_config__.tag) for q in QUESTIONS if q.queue == "long")
LASTING_KINDS = tuple(str(q.__struct_config__.tag) for q in QUESTIONS if q.lasting)
PRIORITIES = {str(q.__struct_config__.tag): q.priority for q in QUESTIONS}


def read_question(text: str) -> Question[Any]:
    """Read a question from its stored JSON. Raises BadRequest if this version has no such kind."""
    return decode(text, reduce(or_, QUESTIONS), "question")
