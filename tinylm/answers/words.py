"""The function that answers which whole words or answers a model expects next."""

from __future__ import annotations

from pathlib import Path

from tinylm.answers.loading import load_model
from tinylm.answers.prompts import checked
from tinylm.evaluation.context import prompt_ids
from tinylm.model import words
from tinylm.questions.models import MAX_PROMPT, Likely
from tinylm.questions.words import NextWhole, WholeOdds


def next_whole(question: NextWhole, home: Path) -> WholeOdds:
    """The odds of whole words or answers after the prompt.

    Raises NotFound, or BadRequest for a prompt that cannot be read whole.
    """
    model, tokenizer, _ = load_model(home, question.run, question.step)
    ids = prompt_ids(tokenizer, checked(question.prompt, MAX_PROMPT))
    found = words.next_whole(model, tokenizer, ids, question.top, question.unit)
    return WholeOdds(
        tuple(Likely(text, round(chance, 5)) for text, chance in found.likely),
        round(found.rest, 5),
    )
