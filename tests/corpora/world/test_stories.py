"""People in stories: named once, then a pronoun where only one can be meant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.stories import People, Prose
from tinylm.corpora.world.world import default_world
from tinylm.errors import BadRequest

TWO_WOMEN = {"Ann": "she", "Eve": "she"}
COUPLE = {"Ann": "she", "Bob": "he"}


def told(pronouns: dict[str, str], *phrases: str, seed: int = 1) -> list[str]:
    chooser, people = Chooser(seed), People(pronouns)
    return [people.fill(chooser, phrase) for phrase in phrases]


def test_somebody_is_named_first_and_a_pronoun_after() -> None:
    first, second, third = told(COUPLE, "{person} reads", "{person} reads", "tells {person them}")
    assert first in ("Ann reads", "Bob reads")
    assert (second, third) == (
        ("she reads", "tells her") if first == "Ann reads" else ("he reads", "tells him")
    )


def test_two_who_would_share_a_pronoun_keep_their_names() -> None:
    _, alone, named, after = told(
        TWO_WOMEN, "{person}", "{person}", "{person} tells {friend them}", "{person}, {friend}"
    )
    assert alone == "she"
    assert named in ("she tells Ann", "she tells Eve")
    assert sorted(after.split(", ")) == ["Ann", "Eve"]


def test_where_names_allow_it_two_people_have_two_pronouns() -> None:
    for seed in range(20):
        _, _, again = told(
            {**TWO_WOMEN, "Bob": "he"}, "{person}", "{friend}", "{person}, {friend}", seed=seed
        )
        assert set(again.split(", ")) == {"she", "he"}


def test_who_was_not_named_is_in_no_phrase_of_the_known() -> None:
    phrases = ["then {person} left", "{both} left", "{friend} left", "all was said"]
    people = People(COUPLE)
    assert people.known(phrases) == ["all was said"]
    people.fill(Chooser(1), "{person} came")
    assert people.known(phrases) == ["then {person} left", "all was said"]
    people.fill(Chooser(1), "{friend} came")
    assert people.known(phrases) == phrases


@pytest.mark.parametrize("pronouns", [TWO_WOMEN, COUPLE])
def test_both_are_they_once_both_are_known(pronouns: dict[str, str]) -> None:
    first, second, third = told(pronouns, "{both} talk", "{both} talk", "tells {both them}")
    assert re.fullmatch(r"(Ann|Eve|Bob) and (Ann|Eve|Bob) talk", first)
    assert (second, third) == ("they talk", "tells them")


def test_people_without_pronouns_are_named_every_time() -> None:
    plain = {"Ann": "", "Bob": ""}
    first, again, both, objects = told(
        plain, "{person}", "{person}", "{both}", "tells {person them}"
    )
    assert first == again and objects == f"tells {first}"
    assert sorted(both.split(" and ")) == ["Ann", "Bob"]


@given(st.integers(0, 10_000))
def test_in_the_made_world_no_pronoun_is_in_doubt(seed: int) -> None:
    """Where a sentence says she or he, exactly one of those named before is one."""
    prose = default_world().prose
    chooser, people = Chooser(seed), People(prose.people)
    named: list[str] = []
    for _ in range(6):
        phrase = chooser.pick((*prose.frames, *prose.closings))
        text = people.fill(chooser, phrase, **({"clause": "-"} if "{clause}" in phrase else {}))
        for word in re.findall(r"\w+", text):
            if word in prose.people:
                named.append(word)
            pronoun = {"she": "she", "her": "she", "he": "he", "him": "he"}.get(word)
            if pronoun:
                assert len({n for n in named if prose.people[n] == pronoun}) == 1


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"people": {"it": ["Ann", "Bob"]}}, "under she and he"),
        ({"people": ["Ann"]}, "at least two names"),
        ({"people": "Ann"}, "must be a list"),
        (
            {"people": {"she": ["Kim"], "he": ["Kim", "Bob"]}},
            "'Kim' in \"people\" stands there twice",
        ),
        ({"people": ["Ann", "{Bob}"]}, "is no name"),
        ({"closings": ["{both} left}"]}, "needs no blank"),
        ({"frames": []}, "must hold a phrase"),
        ({"frames": ["{person} knows"]}, "needs {clause}"),
        ({"closings": ["{someone} left"]}, "needs no blank"),
        ({"openings": ["{person} reads { {topic}"]}, "needs {topic}"),
    ],
)
def test_a_broken_file_is_named_with_what_to_mend(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    data: dict[str, object] = {
        "people": {"she": ["Ann"], "he": ["Bob"]},
        "openings": ["{person} reads about {topic}"],
        "frames": ["{person} knows that {clause}"],
        "closings": ["{both} left"],
    }
    path = tmp_path / "prose.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert Prose.load(path).people == {"Ann": "she", "Bob": "he"}
    path.write_text(json.dumps(data | change), encoding="utf-8")
    with pytest.raises(BadRequest, match=r"^prose\.json: ") as raised:
        Prose.load(path)
    assert sentence in str(raised.value)
