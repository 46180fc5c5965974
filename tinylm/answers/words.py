"""Functions that answer which whole words or answers a model expects next."""

from __future__ import annotations

from pathlib import Path

from tinylm.answers.loading import load_model, world_of_run
from tinylm.answers.prompts import checked
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest
from tinylm.evaluation.context import prompt_ids
from tinylm.evaluation.intervals import paired_bootstrap
from tinylm.evaluation.narrowing import KINDS, beginnings
from tinylm.model import words
from tinylm.model.gpt import GPT
from tinylm.questions.models import MAX_PROMPT, Likely
from tinylm.questions.words import KindChance, KindChances, NextByKind, NextWhole, WholeOdds
from tinylm.text.tokenizer import Tokenizer

MOST_SENTENCES = 200  # of a kind


def next_whole(question: NextWhole, home: Path) -> WholeOdds:
    """The odds of whole words or answers after the prompt.

    Raises NotFound, or BadRequest for a prompt that cannot be read whole.
    """
    model, tokenizer, _ = load_model(home, question.run, question.step, elsewhere=True)
    ids = prompt_ids(tokenizer, checked(question.prompt, MAX_PROMPT))
    found = words.next_whole(model, tokenizer, ids, question.top, question.unit)
    return WholeOdds(
        tuple(Likely(text, round(chance, 5)) for text, chance in found.likely),
        round(found.rest, 5),
    )


def next_by_kind(question: NextByKind, home: Path) -> KindChances:
    """The mean probability of fitting words, by what narrows them. Raises NotFound, BadRequest."""
    if not 1 <= question.number <= MOST_SENTENCES:
        raise BadRequest(f"Ask for 1 to {MOST_SENTENCES} sentences of each kind.")
    model, tokenizer, _ = load_model(home, question.run, question.step)
    world = world_of_run(home, question.run, question.step)
    return chances_by_kind(model, tokenizer, world, question.number, question.seed)


def chances_by_kind(
    model: GPT, tokenizer: Tokenizer, world: World, number: int, seed: int
) -> KindChances:
    """The same for a model at hand. A kind of which the world has no sentence is left out."""
    found = []
    for kind in KINDS:
        begun = beginnings(world, kind, number, seed)
        pairs = [(i, word) for i, one in enumerate(begun) for word in one.fitting]
        prompts = [prompt_ids(tokenizer, begun[i].text) for i, _ in pairs]
        each = words.whole_chances(model, tokenizer, prompts, [f" {word}" for _, word in pairs])
        sums = [0.0] * len(begun)
        for (i, _), chance in zip(pairs, each, strict=True):
            sums[i] += chance
        if sums:
            # Over nothing else than the sentences: the interval of their mean.
            mean, low, high = paired_bootstrap(sums, [0.0] * len(sums), seed)
            alone = sum(len(one.fitting) / one.alike for one in begun if one.alike) / len(begun)
            figures = (round(figure, 4) for figure in (mean, low, high, alone))
            found.append(KindChance(kind, len(sums), *figures))
    return KindChances(tuple(found))
