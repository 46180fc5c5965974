"""The function that answers which whole words or answers a model expects next."""

from __future__ import annotations

from pathlib import Path

from tinylm.answers.loading import load_model
from tinylm.evaluation.context import prompt_ids
from tinylm.model import words
from tinylm.questions.models import Likely
from tinylm.questions.words import NextWhole, WholeOdds

LONGEST = 2_000  # characters of a prompt that are read, from its end


def next_whole(question: NextWhole, home: Path) -> WholeOdds:
    """The odds of whole words or answers after the prompt. Raises NotFound or BadRequest."""
    model, tokenizer, _ = load_model(home, question.run, question.step)
    ids = prompt_ids(tokenizer, question.prompt[-LONGEST:])
    found = words.next_whole(model, tokenizer, ids, question.top, question.unit)
    return WholeOdds(
        tuple(Likely(text, round(chance, 5)) for text, chance in found.likely),
        round(found.rest, 5),
    )
