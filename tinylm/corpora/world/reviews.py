"""Reviews of one sentence each, which can be labelled by mood (good, bad) or by topic.

A document labels all its reviews the same way, so only the lines before show which label is
wanted. `data/world/reviews.json` holds the topics, their words, and the frames of sentences.
One review in eight is held out: no document shows it with either label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from tinylm.corpora.world import data_files as spec
from tinylm.corpora.world import lines
from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.data_files import DATA, Mistake, check_different, part
from tinylm.corpora.world.wording import fill

FILE = DATA / "reviews.json"
MOODS = ("good", "bad")
BY_MOOD = 0.4  # share of documents that label by mood; the others label by topic
MIN_LINES, MAX_LINES = 3, 8
MIN_WORDS, MAX_WORDS = 6, 9  # of a review: eight reviews must fit into a prompt
_PHRASE = re.compile(r"[a-z]+(?:[ -][a-z]+)*")
_BLANK = re.compile(r"\{[^}]*\}?")


@dataclass(frozen=True)
class Review:
    """A sentence and its two labels."""

    text: str
    mood: str  # of MOODS
    topic: str
    frame: str = field(default="", compare=False)  # the sentence with blanks that it was made of


@dataclass(frozen=True)
class Topic:
    """A topic of reviews: its subjects, and the words that describe them."""

    name: str
    one: tuple[str, ...]  # subjects that take "was"
    many: tuple[str, ...]  # subjects that take "were"
    words: dict[str, tuple[str, ...]]  # mood -> words that fit every subject, and each other

    @property
    def subjects(self) -> tuple[str, ...]:
        return self.one + self.many


@dataclass(frozen=True)
class Reviews:
    """The topics, words and frames from which reviews are made."""

    topics: tuple[Topic, ...]
    any_topic: dict[str, tuple[str, ...]]  # mood -> words for all topics, never used in pairs
    frames: dict[str, tuple[str, ...]]  # mood -> sentences with the blanks {s} {was} {a} {b}

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the topics."""
        return tuple(topic.name for topic in self.topics)

    @property
    def num_reviews(self) -> int:
        """How many different reviews there are."""
        total = 0
        for topic in self.topics:
            for mood in MOODS:
                own, extra = len(topic.words[mood]), len(self.any_topic[mood])
                for frame in self.frames[mood]:
                    ways = own * (own - 1) if "{b}" in frame else own + extra
                    total += ways * len(topic.subjects)
        return total

    def review(self, chooser: Chooser) -> Review:
        """A random review; moods, topics, and the subjects of a topic are equally likely."""
        mood, topic = chooser.pick(MOODS), chooser.pick(self.topics)
        subject, frame = chooser.pick(topic.subjects), chooser.pick(self.frames[mood])
        blanks = {"{s}": subject, "{was}": "was" if subject in topic.one else "were"}
        if "{b}" in frame:
            blanks["{a}"], blanks["{b}"] = chooser.sample(topic.words[mood], 2)
        else:
            blanks["{a}"] = chooser.pick(topic.words[mood] + self.any_topic[mood])
        return Review(fill(frame, blanks), mood, topic.name, frame)

    def given_away(self, review: Review) -> bool:
        """Whether a document may show the review inside a longer one, e.g. after "sadly, "."""
        longer = (frame for frame in self.frames[review.mood] if frame != review.frame)
        parts = (frame.partition(review.frame) for frame in longer if review.frame in frame)
        return any(not lines.held_out(f"{a}{review.text}{z}") for a, _, z in parts)

    @staticmethod
    def load(path: Path = FILE) -> Reviews:
        """Read and check a file. Raises BadRequest, which names it and says what to correct."""
        return spec.read(path, _reviews)


def reviews(made_of: Reviews, chooser: Chooser, separators: Sequence[str]) -> str:
    """A document of reviews, one on each line with its label: all by mood, or all by topic."""
    by_mood = chooser.flag(BY_MOOD)
    separator = chooser.pick(separators)
    count = chooser.pick(range(MIN_LINES, MAX_LINES + 1))
    return "".join(
        f"{review.text}{separator}{review.mood if by_mood else review.topic}\n"
        for review in lines.draw(chooser, made_of.review, count)
    )


def review_items(
    made_of: Reviews, held_out: bool, number: int, seed: int
) -> tuple[tuple[str, str, str], ...]:
    """`number` different triples (review, mood, topic), either all held out or none of them.

    Those that are held out stand in no document, not even as a part of a longer review. Raises
    BadRequest if there are not so many.
    """
    found = lines.items(
        made_of.review,
        held_out,
        number,
        seed,
        usable=lambda review: not (held_out and made_of.given_away(review)),
    )
    return tuple((review.text, review.mood, review.topic) for review in found)


# Reading the file --------------------------------------------------------------------------


def _reviews(data: dict[str, Any]) -> Reviews:
    topics = tuple(_topic(name, one) for name, one in part(data, "topics", dict).items())
    found = Reviews(topics, _moods(data, "any topic"), _frames(data))
    _check_decidable(found)
    for mood in MOODS:
        for frame in found.frames[mood]:
            _check_length(frame, found, mood)
    if found.num_reviews < lines.LEAST:
        raise Mistake(
            f"these words make {found.num_reviews} reviews; at least {lines.LEAST} are needed, "
            "so add subjects, words or frames"
        )
    return found


def _phrase(value: object, where: str) -> str:
    if not isinstance(value, str) or not _PHRASE.fullmatch(value):
        raise Mistake(f"{value!r} in {where} must be words of the letters a to z")
    return value


def _phrases(data: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = tuple(_phrase(one, f'"{key}" of {where}') for one in part(data, key, list, where))
    check_different(found, f'"{key}" of {where}')
    return found


def _topic(name: str, data: object) -> Topic:
    if not isinstance(data, dict):
        raise Mistake(f'{name!r} must be an object with "one", "many", "good" and "bad"')
    one, many = (_phrases(data, key, name) if data.get(key) else () for key in ("one", "many"))
    if not one + many:
        raise Mistake(f'{name!r} needs subjects, in "one" (that was) or in "many" (that were)')
    words = {mood: _phrases(data, mood, name) for mood in MOODS}
    few = next((mood for mood in MOODS if len(words[mood]) < 2), None)
    if few:
        raise Mistake(f'"{few}" of {name} needs two words or more')
    return Topic(_phrase(name, '"topics"'), one, many, words)


def _moods(data: dict[str, Any], key: str) -> dict[str, tuple[str, ...]]:
    words = part(data, key, dict)
    return {mood: _phrases(words, mood, key) for mood in MOODS}


def _frames(data: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The frames of each mood: those for this mood only, and those that fit either mood."""
    frames = part(data, "frames", dict)
    if not set(frames) <= {"either", *MOODS}:
        raise Mistake('"frames" may hold "either", "good" and "bad"')
    lists = {key: part(frames, key, list) if frames.get(key) else [] for key in ("either", *MOODS)}
    for frame in chain(*lists.values()):
        _check_frame(frame)
    check_different(chain(*lists.values()), '"frames"')
    found = {mood: (*lists["either"], *lists[mood]) for mood in MOODS}
    bare = next((mood for mood in MOODS if not found[mood]), None)
    if bare:
        raise Mistake(f'"frames" needs a sentence for {bare} reviews, in "either" or in "{bare}"')
    return found


def _check_frame(frame: object) -> None:
    if not isinstance(frame, str):
        raise Mistake(f'{frame!r} in "frames" must be a sentence')
    blanks = _BLANK.findall(frame)
    once = all(blanks.count(blank) == 1 for blank in ("{s}", "{a}"))
    if not once or not set(blanks) <= {"{s}", "{was}", "{a}", "{b}"} or blanks.count("{b}") > 1:
        raise Mistake(
            f"{frame!r} needs the blanks {{s}} and {{a}} once each, and may have {{was}} and one "
            "{b}, but no other"
        )
    if not re.fullmatch(r"[a-z ,'-]+", _BLANK.sub("", frame)):
        raise Mistake(f"{frame!r} must be small letters, spaces and commas around the blanks")


def _check_length(frame: str, found: Reviews, mood: str) -> None:
    for topic in found.topics:
        size = {text: len(text.split()) for text in (*topic.subjects, *topic.words[mood])}
        subjects = [size[subject] for subject in topic.subjects]
        own = sorted(size[word] for word in topic.words[mood])
        alone = [*own, *(len(word.split()) for word in found.any_topic[mood])]
        words = [own[0] + own[1], own[-1] + own[-2]] if "{b}" in frame else alone
        rest = len(_BLANK.sub("", frame.replace("{was}", "was")).replace(",", " ").split())
        if min(subjects) + min(words) + rest < MIN_WORDS:
            raise Mistake(f"{frame!r} makes reviews of under {MIN_WORDS} words: say more")
        if max(subjects) + max(words) + rest > MAX_WORDS:
            raise Mistake(
                f"{frame!r} makes reviews of over {MAX_WORDS} words about {topic.name}: a prompt "
                "must hold eight, so shorten it or its words"
            )


def _check_decidable(found: Reviews) -> None:
    """Raise Mistake unless each subject belongs to one topic, and each describing word to one mood.

    Otherwise a review could have two correct labels.
    """
    check_different((*MOODS, *found.labels), '"topics"')
    check_different(chain(*(topic.subjects for topic in found.topics)), "the subjects")
    for topic in found.topics:
        check_different(
            chain(*(topic.words[mood] + found.any_topic[mood] for mood in MOODS)),
            f'"any topic" and {topic.name}',
        )
    said = {m: set(chain(*(topic.words[m] for topic in found.topics))) for m in MOODS}
    both = sorted(said["good"] & said["bad"])
    if both:
        raise Mistake(f"{both[0]!r} is good in one topic and bad in another: use another word")
