"""Beginnings of sentences after which one thing alone narrows the next word.

After "two dogs" grammar asks for a verb in the form for several. After "sadly, the soup was" the
meaning asks for a word that blames food. After "The capital of Peru is" only a fact helps. All come
from the tables and word lists of a made world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.reviews import MOODS, Topic
from tinylm.corpora.world.world import World

FACTS = {  # relation -> what stands before the answer
    "countries.capital": "The capital of {s} is",
    "countries.currency": "The currency of {s} is the",
}
SENTENCES = 400  # that are drawn to find beginnings in them


class Beginning(NamedTuple):
    """The beginning of a sentence, and all words that fit as its next word."""

    text: str
    fitting: tuple[str, ...]  # without the space before them
    alike: int = 0  # different words, with these, among which grammar alone cannot choose


def beginnings(world: World, kind: str, number: int, seed: int) -> list[Beginning]:
    """Up to `number` different beginnings of a kind of KINDS, drawn at random with `seed`.

    A world without the word lists that a kind needs has none of it.
    """
    found = sorted(dict.fromkeys(KINDS[kind](world)))
    Random(seed).shuffle(found)
    return found[:number]


def _grammar(world: World) -> Iterator[Beginning]:
    """Someone, or several, after which a verb must stand in the form for one, or for several."""
    if world.languages is None:
        return
    english, chooser = world.languages.english, Chooser(0)
    past = [verb.past for verb in english.verbs]
    for _ in range(SENTENCES):
        subject = english.sentence(chooser).subject
        present = [verb.plural if subject.several else verb.singular for verb in english.verbs]
        yield Beginning(subject.text, (*present, *past))


def _meaning(world: World) -> Iterator[Beginning]:
    """Reviews that begin with joy or regret, after which a thing must be praised or blamed.

    The words that fit are those for this thing and this mood; grammar allows all other ones too.
    """
    if world.reviews is None:
        return
    topics, frames, extra = world.reviews.topics, world.reviews.frames, world.reviews.any_topic
    either = set(frames[MOODS[0]]) & set(frames[MOODS[1]])
    alike = {w for mood in MOODS for w in _firsts(*extra[mood], *(_said(topics, mood)))}
    for mood in MOODS:
        begun = {frame.partition(" {a}")[0] for frame in frames[mood] if frame not in either}
        for text in (one for one in sorted(begun) if not any(f.startswith(one) for f in either)):
            for topic in topics:
                fitting = _firsts(*topic.words[mood], *extra[mood])
                for subject in topic.subjects:
                    was = "was" if subject in topic.one else "were"
                    said = text.replace("{s}", subject).replace("{was}", was)
                    yield Beginning(said, fitting, len(alike))


def _said(topics: Sequence[Topic], mood: str) -> Iterator[str]:
    return (word for topic in topics for word in topic.words[mood])


def _firsts(*phrases: str) -> tuple[str, ...]:
    """The first word of each phrase, each once."""
    return tuple(dict.fromkeys(phrase.partition(" ")[0] for phrase in phrases))


def _facts(world: World) -> Iterator[Beginning]:
    """Countries of which the capital or the currency must follow."""
    for relation in (one for one in world.relations if one.id in FACTS):
        for subject, answer in relation.facts.items():
            if answer.isalpha():
                begun = FACTS[relation.id].replace("{s}", subject.blanks["{s}"])
                yield Beginning(begun, (answer,), len(relation.answers))


KINDS: dict[str, Callable[[World], Iterator[Beginning]]] = {
    "grammar": _grammar,
    "meaning": _meaning,
    "facts": _facts,
}
