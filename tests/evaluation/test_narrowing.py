"""Sentences in which grammar, meaning or a fact alone narrows the next word."""

from __future__ import annotations

import pytest

from tinylm.corpora.world.reviews import MOODS
from tinylm.corpora.world.world import default_world
from tinylm.evaluation.narrowing import KINDS, beginnings

WORLD = default_world()


@pytest.mark.parametrize("kind", KINDS)
def test_beginnings_differ_and_follow_from_the_seed(kind: str) -> None:
    found = beginnings(WORLD, kind, 40, 1)
    assert len({one.text for one in found}) == 40
    assert found == beginnings(WORLD, kind, 40, 1) != beginnings(WORLD, kind, 40, 2)
    assert all(one.text.strip() == one.text and all(one.fitting) for one in found)


def test_a_verb_fits_in_the_form_of_its_subject() -> None:
    fitting = {one.text: one.fitting for one in beginnings(WORLD, "grammar", 500, 1)}
    several = [text for text in fitting if text.startswith(("two ", "many "))]
    one = [text for text in fitting if text.startswith(("a ", "an "))]
    assert several and one
    assert all("see" in fitting[text] and "sees" not in fitting[text] for text in several)
    assert all("sees" in fitting[text] and "see" not in fitting[text] for text in one)
    assert all("saw" in words for words in fitting.values())


def test_joy_asks_for_praise_and_regret_for_blame() -> None:
    assert WORLD.reviews is not None
    for begun in beginnings(WORLD, "meaning", 500, 1):
        mood = MOODS[begun.text.startswith(("sadly", "to our dismay"))]
        other = MOODS[mood == MOODS[0]]
        assert set(WORLD.reviews.any_topic[mood]) <= set(begun.fitting)
        assert not set(WORLD.reviews.any_topic[other]) & set(begun.fitting)


def test_one_word_is_the_fact() -> None:
    facts = {one.text: one.fitting for one in beginnings(WORLD, "facts", 500, 1)}
    assert facts["The capital of France is"] == ("Paris",)
    assert facts["The currency of Japan is the"] == ("yen",)
