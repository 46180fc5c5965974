"""Measures how right and how sure a model is about facts that its text told more or less often."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tinylm.answers.experiments.solver import number, share
from tinylm.answers.loading import load_model, world_of_run
from tinylm.corpora import train_documents
from tinylm.corpora.corpus import Fact, tellings
from tinylm.corpora.world.world import Entity, Relation, World
from tinylm.evaluation.made_up import made_up_names
from tinylm.evaluation.own_words import begun, ending_pattern
from tinylm.evaluation.scoring import Question, Scores, score
from tinylm.evaluation.tasks.base import spread
from tinylm.experiments.often import (
    BINS,
    GAP,
    GUESSED,
    INVENTED,
    INVENTED_SURE,
    LEVELS,
    SURE,
    Answered,
    bin_of,
    calibration_error,
    invented,
    level_of,
    level_right,
    level_sure,
    right,
    sure,
)
from tinylm.knobs import TextConfig
from tinylm.questions.experiments import Figure, Figures, Look, Measured, Shown

PER_BIN = 40  # facts of each bin in a look
SHOWN = 4


@dataclass(frozen=True)
class _Asked:
    """A sentence to finish, the answers that it may have, and which of them is right."""

    relation: str
    subject: str
    question: Question
    gold: int  # -1: nothing is right
    told: int = 0


def measure(question: Look | Figures, home: Path) -> Measured:
    """Accuracy and confidence by number of tellings; at the end calibration and invented names."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    world = world_of_run(home, question.run, question.step)
    asked = _real(world, _tellings(config.corpus, config.documents, config.text, home))
    ends = isinstance(question, Figures)
    if not ends:
        asked = _some_of_each_bin(asked)
    scores = score(model, tokenizer, [one.question for one in asked])
    answered = [_answered(one, found) for one, found in zip(asked, scores, strict=True)]
    figures = by_bin(answered)
    if not ends:
        return Measured(figures)
    figures |= by_level(answered)
    commonest, never = _commonest(asked), [one for one in asked if not one.told]
    guessed = [one.gold == commonest[one.relation] for one in never]
    figures[GUESSED] = share(sum(guessed), len(guessed))
    figures[GAP] = number(calibration_error(answered), len(answered))
    made_up = _invented(world, question.seed)
    found = score(model, tokenizer, [one.question for one in made_up])
    return Measured(figures | _sure_shares(made_up, found), _surest(made_up, found))


def by_bin(answered: Sequence[Answered]) -> dict[str, Figure]:
    """Accuracy and mean confidence of each bin that has facts."""
    figures = {}
    for which in range(len(BINS)):
        mine = [one for one in answered if bin_of(one.told) == which]
        if mine:
            figures[right(which)] = share(sum(one.right for one in mine), len(mine))
            figures[sure(which)] = number(_mean(mine), len(mine))
    return figures


def by_level(answered: Sequence[Answered]) -> dict[str, Figure]:
    """Accuracy and mean confidence of each level of confidence that has answers."""
    figures = {}
    for level in range(LEVELS):
        mine = [one for one in answered if level_of(one.confidence) == level]
        if mine:
            figures[level_right(level)] = share(sum(one.right for one in mine), len(mine))
            figures[level_sure(level)] = number(_mean(mine), len(mine))
    return figures


def _sure_shares(made_up: Sequence[_Asked], scores: Sequence[Scores]) -> dict[str, Figure]:
    """How many answers about countries that do not exist are sure, in all and by relation."""
    sure_of: dict[str, list[bool]] = defaultdict(list)
    for one, found in zip(made_up, scores, strict=True):
        sure_of[one.relation.partition(".")[2]].append(_confidence(found) > SURE)
    every = [one for some in sure_of.values() for one in some]
    figures = {INVENTED_SURE: share(sum(every), len(every))}
    return figures | {invented(name): share(sum(some), len(some)) for name, some in sure_of.items()}


def _surest(made_up: Sequence[_Asked], scores: Sequence[Scores]) -> tuple[Shown, ...]:
    """The surest answer about each country that does not exist, of those with the surest ones."""
    ranked = sorted(zip(made_up, scores, strict=True), key=lambda both: _confidence(both[1]))
    by_subject = {one.subject: (one, found) for one, found in ranked}
    surest = sorted(by_subject.values(), key=lambda both: -_confidence(both[1]))[:SHOWN]
    return tuple(
        Shown(f"{_confidence(found):.0%}", one.question.prompt, _said(one, found), "")
        for one, found in surest
    )


def _said(asked: _Asked, scores: Scores) -> str:
    return asked.question.choices[scores.ranked].strip()


def _mean(answered: Sequence[Answered]) -> float:
    return math.fsum(one.confidence for one in answered) / len(answered)


def _answered(asked: _Asked, scores: Scores) -> Answered:
    return Answered(asked.told, scores.ranked == asked.gold, _confidence(scores))


def _confidence(scores: Scores) -> float:
    """The share of the most probable answer in the probability of all allowed answers."""
    best = max(scores.log_probabilities)
    return 1 / math.fsum(math.exp(one - best) for one in scores.log_probabilities)


def _real(world: World, told: Counter[Fact]) -> list[_Asked]:
    """Every fact as a sentence to finish, for relations with a pattern that its answer ends."""
    found = []
    for relation, pattern, choices in _relations(world):
        places = {answer: place for place, answer in enumerate(relation.answers)}
        for subject, answer in relation.facts.items():
            text = begun(relation, pattern, subject).text
            times = told[Fact(relation.id, subject.name)]
            asked = Question(text, choices, ".")
            found.append(_Asked(relation.id, subject.name, asked, places[answer], times))
    return found


def _invented(world: World, seed: int) -> list[_Asked]:
    """The same sentences about countries that do not exist."""
    names = made_up_names(world, INVENTED, seed)
    return [
        _Asked(relation.id, name, Question(_about(relation, pattern, name), choices, "."), -1)
        for relation, pattern, choices in _relations(world)
        if relation.id.startswith("countries.")
        for name in names
    ]


def _about(relation: Relation, pattern: str, name: str) -> str:
    """The beginning of a sentence about a subject that the relation does not have."""
    subject = Entity(name)
    asked = replace(relation, facts={subject: relation.answers[0]})
    return begun(asked, pattern, subject).text


def _relations(world: World) -> list[tuple[Relation, str, tuple[str, ...]]]:
    """Relations with a pattern that ends with the answer, and all answers as it writes them."""
    found = []
    for relation in world.relations:
        pattern = ending_pattern(relation)
        if pattern and not relation.joins:
            subjects = {Entity(answer): answer for answer in relation.answers}
            each = replace(relation, facts=subjects)
            choices = tuple(f" {begun(each, pattern, one).answer}" for one in subjects)
            found.append((relation, pattern, choices))
    return found


def _commonest(asked: Sequence[_Asked]) -> dict[str, int]:
    """The commonest answer of each relation."""
    golds: dict[str, Counter[int]] = defaultdict(Counter)
    for one in asked:
        golds[one.relation][one.gold] += 1
    return {relation: counts.most_common(1)[0][0] for relation, counts in golds.items()}


def _some_of_each_bin(asked: Sequence[_Asked]) -> list[_Asked]:
    """Up to PER_BIN facts of each bin, evenly spread."""
    found = []
    for which in range(len(BINS)):
        mine = [one for one in asked if bin_of(one.told) == which]
        found += spread(mine, PER_BIN)
    return found


@lru_cache(maxsize=4)
def _tellings(corpus: str, documents: int, text: TextConfig, home: Path) -> Counter[Fact]:
    """How often the text of a run tells each fact; facts that it never tells are missing."""
    return tellings(train_documents(corpus, documents, home, text))
