"""Reviews: English that agrees, two labels that the words decide, held-out reviews unseen."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.broken_file import REMOVED, with_change, write
from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.lines import held_out
from tinylm.corpora.world.reviews import FILE, MOODS, Review, Reviews, Topic, review_items, reviews
from tinylm.errors import BadRequest

SEPARATORS = (" -> ", ": ", " = ")
MADE_UP = {
    "the soup was cold and burnt": ("bad", "food"),
    "happily, the noodles were fresh and tasty": ("good", "food"),
    "our friends said the acting was superb": ("good", "film"),
    "the beds were shabby, which annoyed us": ("bad", "hotel"),
    "on the whole, the novel was wonderful": ("good", "book"),
    "we found the cashier rude and careless": ("bad", "shop"),
    "to our dismay, the flight was terrible": ("bad", "trip"),
}


@pytest.fixture(scope="module")
def made_of() -> Reviews:
    return Reviews.load()


@pytest.fixture(scope="module")
def documents(made_of: Reviews) -> list[str]:
    return [reviews(made_of, Chooser(seed), SEPARATORS) for seed in range(300)]


@pytest.fixture(scope="module")
def everything(made_of: Reviews) -> dict[str, Review]:
    """Every review, put together here from the file without the generator."""
    found = {}
    for topic in made_of.topics:
        for mood in MOODS:
            for frame in made_of.frames[mood]:
                for subject in topic.subjects:
                    verb = "was" if subject in topic.one else "were"
                    for a, b in word_pairs(made_of, topic, mood, frame):
                        text = frame.replace("{s}", subject).replace("{was}", verb)
                        text = text.replace("{a}", a).replace("{b}", b)
                        assert text not in found
                        found[text] = Review(text, mood, topic.name)
    return found


def word_pairs(made_of: Reviews, topic: Topic, mood: str, frame: str) -> list[tuple[str, str]]:
    own = topic.words[mood]
    if "{b}" in frame:
        return [(a, b) for a in own for b in own if a != b]
    return [(a, "") for a in (*own, *made_of.any_topic[mood])]


def probability(made_of: Reviews, review: Review) -> float:
    """Of one review, by hand: mood, topic, subject, frame, then a word or two."""
    topic = next(topic for topic in made_of.topics if topic.name == review.topic)
    pair = " and " in review.text
    own, extra = len(topic.words[review.mood]), len(made_of.any_topic[review.mood])
    words = own * (own - 1) if pair else own + extra
    frames = len(made_of.frames[review.mood])
    return 1 / (2 * len(made_of.topics) * len(topic.subjects) * frames * words)


def rows_of(document: str) -> list[tuple[str, str]]:
    separator = next(s for s in SEPARATORS if s in document)
    return [(a, b) for a, b in (line.split(separator) for line in document.splitlines())]


def test_reviews_are_enough_and_short(made_of: Reviews, everything: dict[str, Review]) -> None:
    assert len(everything) == made_of.num_reviews > 5_000
    assert {len(text.split()) for text in everything} == {6, 7, 8, 9}
    assert len(made_of.topics) == 6
    assert all(5 <= len(topic.subjects) <= 6 for topic in made_of.topics)
    for text in everything:
        assert re.fullmatch(r"[a-z]+( [a-z]+|, [a-z]+)*", text), text


@pytest.mark.parametrize("text", MADE_UP)
def test_these_can_be_written(everything: dict[str, Review], text: str) -> None:
    assert (everything[text].mood, everything[text].topic) == MADE_UP[text]


def test_verbs_agree_with_their_subjects(everything: dict[str, Review]) -> None:
    """A subject in -s is plural here, and no other is."""
    for text in everything:
        said = re.search(r"the (\w+) (was|were)\b", text)
        if said:
            assert (said[2] == "were") == said[1].endswith("s"), text


def test_both_labels_can_be_told_from_the_words(
    made_of: Reviews, everything: dict[str, Review]
) -> None:
    """A reader with two word lists, and nothing else, is always right."""
    topics = {word: topic.name for topic in made_of.topics for word in topic.subjects}
    moods = {
        word: mood
        for mood in MOODS
        for words in (made_of.any_topic[mood], *(topic.words[mood] for topic in made_of.topics))
        for word in words
    }
    for text, review in everything.items():
        padded = f" {text.replace(',', '')} "
        assert {name for word, name in topics.items() if f" {word} " in padded} == {review.topic}
        assert {name for word, name in moods.items() if f" {word} " in padded} == {review.mood}


def test_labels_do_not_stand_in_the_text(made_of: Reviews, everything: dict[str, Review]) -> None:
    labels = {*MOODS, *made_of.labels}
    assert not any(labels & set(re.findall(r"\w+", text)) for text in everything)


def test_probabilities_of_all_reviews_add_up_to_one(
    made_of: Reviews, everything: dict[str, Review]
) -> None:
    total = sum(probability(made_of, review) for review in everything.values())
    assert total == pytest.approx(1)


def test_a_document_counts_the_reviews_it_kept(
    made_of: Reviews, everything: dict[str, Review]
) -> None:
    """The log-probability, worked out again from the finished text."""
    for seed in range(200):
        chooser = Chooser(seed)
        rows = rows_of(reviews(made_of, chooser, SEPARATORS))
        by_mood = rows[0][1] in MOODS
        expected = math.log(0.4 if by_mood else 0.6) - math.log(3) - math.log(6)
        expected += sum(math.log(probability(made_of, everything[text])) for text, _ in rows)
        assert chooser.log_probability == pytest.approx(expected)


def test_frequencies_are_the_probabilities() -> None:
    """A file so small that every review comes often."""
    small = Reviews(
        (Topic("food", ("soup",), ("beans",), {"good": ("fresh", "hot"), "bad": ("cold", "old")}),),
        {"good": ("great",), "bad": ("awful",)},
        {
            "good": ("the {s} {was} {a}",),
            "bad": ("the {s} {was} {a}", "sadly, the {s} {was} {a} and {b}"),
        },
    )
    chooser, seen, said = Chooser(3), Counter[str](), dict[str, float]()
    for _ in range(20_000):
        chooser.restart()
        text = small.review(chooser).text
        seen[text] += 1
        said[text] = chooser.log_probability
    assert len(seen) == small.num_reviews == 16
    assert sum(map(math.exp, said.values())) == pytest.approx(1)
    for text, count in seen.items():
        assert count / 20_000 == pytest.approx(math.exp(said[text]), abs=0.01)


def test_held_out_reviews_stand_in_no_document(made_of: Reviews, documents: list[str]) -> None:
    seen = {text for document in documents for text, _ in rows_of(document)}
    assert len(seen) > 1_000
    assert not any(held_out(text) for text in seen)
    hidden = review_items(made_of, True, 300, seed=1)
    assert all(held_out(text) for text, _, _ in hidden)
    assert not any(held_out(text) for text, _, _ in review_items(made_of, False, 300, seed=1))


def test_a_document_is_labelled_one_way_and_rightly(
    made_of: Reviews, everything: dict[str, Review], documents: list[str]
) -> None:
    by_mood, lengths, moods = 0, Counter[int](), Counter[str]()
    for document in documents:
        assert document.endswith("\n")
        rows = rows_of(document)
        labels = {label for _, label in rows}
        assert labels <= set(MOODS) or labels <= set(made_of.labels)
        by_mood += labels <= set(MOODS)
        for text, label in rows:
            assert label in (everything[text].mood, everything[text].topic)
            moods[everything[text].mood] += 1
        assert len({text for text, _ in rows}) == len(rows)
        lengths[len(rows)] += 1
    assert by_mood / len(documents) == pytest.approx(0.4, abs=0.08)
    assert set(lengths) == {3, 4, 5, 6, 7, 8}
    assert moods["good"] / moods.total() == pytest.approx(0.5, abs=0.04)


def test_documents_are_a_function_of_the_seed(made_of: Reviews, documents: list[str]) -> None:
    assert [reviews(made_of, Chooser(seed), SEPARATORS) for seed in range(20)] == documents[:20]
    assert len(set(documents)) == len(documents)


def test_items_are_fixed_different_and_right(
    made_of: Reviews, everything: dict[str, Review]
) -> None:
    items = review_items(made_of, True, 250, seed=2)
    assert items == review_items(made_of, True, 250, seed=2)
    assert items != review_items(made_of, True, 250, seed=3)
    assert len({text for text, _, _ in items}) == 250
    for text, mood, topic in items:
        assert everything[text] == Review(text, mood, topic)
    with pytest.raises(BadRequest, match="ask for fewer"):
        review_items(made_of, True, 1_000, seed=2)


# A file that a teacher has edited -----------------------------------------------------------


LONG = "as all of our many friends said, the {s} {was} {a}"
BROKEN = [
    (("topics",), REMOVED, "topics"),
    (("topics", "food"), ["soup"], "food"),
    (("topics", "food", "one"), "soup", "one"),
    (("topics", "food", "good"), REMOVED, "good"),
    (("topics", "food", "good"), ["tasty"], "two words or more"),
    (("topics", "food", "good"), ["tasty", "fresh", "tasty"], "tasty"),
    (("topics", "food", "one"), ["soup", "novel"], "novel"),
    (("topics", "food", "bad"), ["cold", "clean"], "clean"),
    (("topics", "food", "bad"), ["cold", "awful"], "awful"),
    (("topics", "food", "bad"), ["cold", "not: nice"], "not: nice"),
    (("topics", "food", "bad"), ["cold", "not at all fit to eat"], "over 9 words"),
    (("topics", "good"), {"one": ["x"], "good": ["a", "b"], "bad": ["c", "d"]}, "good"),
    (("any topic",), REMOVED, "any topic"),
    (("any topic", "bad"), ["great"], "great"),
    (("frames",), [], "frames"),
    (("frames", "so so"), ["the {s} {was} {a}"], "frames"),
    (("frames", "either"), ["the soup {was} {a}"], "{s}"),
    (("frames", "either"), ["the {s} {was} {a} and {a}"], "{a}"),
    (("frames", "either"), ["the {s} {were} {a}"], "{were}"),
    (("frames", "either"), ["the {s} {was {a}"], "blanks"),
    (("frames", "either"), ["The {s} {was} {a} = {b}"], "small letters"),
    (("frames", "either"), ["the {s} {was} {a}"], "under 6 words"),
    (("frames", "either"), [LONG], "over 9 words"),
    (("frames", "either"), [7], "7"),
    (("frames", "good"), "the {s} {was} {a}", "good"),
]


@pytest.mark.parametrize(("path", "value", "told"), BROKEN)
def test_a_broken_file_is_named_with_what_to_mend(
    path: tuple[Any, ...], value: object, told: str, tmp_path: Path
) -> None:
    spec = with_change(FILE, path, value)
    with pytest.raises(BadRequest, match=rf"^reviews\.json: .*{re.escape(told)}.*\.$"):
        Reviews.load(write(tmp_path / "reviews.json", spec))


def test_a_mood_without_frames_or_a_topic_without_subjects_is_told(tmp_path: Path) -> None:
    spec = json.loads(FILE.read_text(encoding="utf-8"))
    spec["frames"] = {"good": spec["frames"]["good"]}
    with pytest.raises(BadRequest, match="bad reviews"):
        Reviews.load(write(tmp_path / "reviews.json", spec))
    spec = json.loads(FILE.read_text(encoding="utf-8"))
    del spec["topics"]["food"]["one"], spec["topics"]["food"]["many"]
    with pytest.raises(BadRequest, match="needs subjects"):
        Reviews.load(write(tmp_path / "reviews.json", spec))


def test_a_topic_of_ones_own_can_be_added(tmp_path: Path) -> None:
    spec = json.loads(FILE.read_text(encoding="utf-8"))
    spec["topics"]["garden"] = {
        "one": ["lawn"],
        "good": ["green", "lush"],
        "bad": ["bare", "brown"],
    }
    made_of = Reviews.load(write(tmp_path / "reviews.json", spec))
    found = {topic for _, _, topic in review_items(made_of, False, 300, seed=1)}
    assert "garden" in found
    assert made_of.num_reviews > Reviews.load().num_reviews
