"""Probes: what the model has learned so far from prediction alone, measured during training.

Each is a set of minimal pairs, as in BLiMP (Warstadt et al. 2020,
https://aclanthology.org/2020.tacl-1.25): two sentences that differ in one place. The acceptable
one should be more probable. By chance that is so in half of the pairs.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tinylm.corpora import world_of
from tinylm.corpora.world.wording import sentence
from tinylm.corpora.world.world import Relation, World
from tinylm.evaluation.scoring import log_likelihoods
from tinylm.evaluation.tasks import world_tasks
from tinylm.home import home_dir
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import Tokenizer

PAIRS = 60  # of each probe: enough for an interval of about 0.12 either way, quick at every look
# What kind of thing a word names, and what it is the contrary of, is its meaning; the rest are
# facts of the world.
MEANING = ("animals.kind", "foods.kind", "foods.taste", "opposites.opposite")
FACTS = (
    "countries.capital",
    "countries.continent",
    "countries.language",
    "countries.currency",
    "animals.young",
    "animals.home",
)


@dataclass(frozen=True)
class Probe:
    """Pairs of an acceptable sentence and one that is not."""

    name: str
    pairs: tuple[tuple[str, str], ...]


def probes_for(corpus_name: str, home: Path | None = None) -> tuple[Probe, ...]:
    """The probes of a corpus. A corpus that was not made from a known world has none."""
    if world_of(corpus_name, home) is None:
        return ()
    return _probes(corpus_name, Path() if corpus_name == "world" else home or home_dir())


def world_probes(world: World) -> tuple[Probe, ...]:
    """grammar, meaning and facts, as far as the world's tables have them."""
    grammar = next((t for t in world_tasks(world) if t.name == "grammar"), None)
    items = grammar.test if grammar else ()
    every = max(1, len(items) // PAIRS)
    found = (
        Probe("grammar", tuple((i.choices[0], i.choices[1]) for i in items[::every][:PAIRS])),
        Probe("meaning", _statements(world, MEANING)),
        Probe("facts", _statements(world, FACTS)),
    )
    return tuple(probe for probe in found if probe.pairs)


def count_right(model: GPT, tokenizer: Tokenizer, probe: Probe) -> int:
    """In how many pairs the model gives the acceptable sentence the higher probability."""
    texts = [text for pair in probe.pairs for text in pair]
    found = log_likelihoods(model, tokenizer, texts)
    return sum(good > bad for good, bad in zip(found[::2], found[1::2], strict=True))


def _statements(world: World, relations: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of a true sentence and the same sentence with another subject's answer."""
    known = {relation.id: relation for relation in world.relations}
    found = [_of_relation(known[name]) for name in relations if name in known]
    # The two pairs made from the same two facts stay together.
    twins = [pairs[i : i + 2] for pairs in found for i in range(0, len(pairs), 2)]
    random.Random("probes").shuffle(twins)
    return tuple(pair for twin in twins[: PAIRS // 2] for pair in twin)


def _of_relation(relation: Relation) -> list[tuple[str, str]]:
    """Pairs made from two facts at a time, which exchange their answers.

    Every answer is right in one pair and wrong in another. So a model that only prefers some
    answers to others (shorter or more frequent ones) is right in half of the pairs.
    """
    facts = list(relation.facts.items())
    random.Random(f"probe/{relation.id}").shuffle(facts)
    pattern = relation.patterns[0]
    pairs = []
    for (one, answer), (other, another) in zip(facts[::2], facts[1::2], strict=False):
        if answer == another or relation.facts.get(other) == answer:
            continue
        for subject, wrong in ((one, another), (other, answer)):
            untrue = replace(relation, facts={subject: wrong})
            true = sentence(relation.fill(pattern, subject))
            pairs.append((true, sentence(untrue.fill(pattern, subject))))
    return pairs


@lru_cache(maxsize=4)
def _probes(corpus_name: str, home: Path) -> tuple[Probe, ...]:
    world = world_of(corpus_name, home)
    return world_probes(world) if world is not None else ()
