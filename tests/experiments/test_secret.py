"""The experiment about planted lines: what is planted, what a learner may plant, and exposure."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest

from tinylm import recorded
from tinylm.answers.experiments.secret import bits, recalled
from tinylm.answers.loading import load_model
from tinylm.config import with_changes
from tinylm.corpora.world.world import default_world
from tinylm.errors import BadRequest
from tinylm.experiments.secret import (
    CANDIDATES,
    EACH,
    EXPERIMENT,
    POISONS,
    TIMES,
    TOLD,
    capitals,
    countries,
    guesses,
    knee,
    own_secret,
    poisons,
    secret_in,
    secrets,
    with_own,
)
from tinylm.presets import preset_config


def test_every_secret_is_planted_as_often_as_it_says() -> None:
    text = EXPERIMENT.config(EXPERIMENT.arm(TOLD), 1).text
    lines = dict(text.planted_lines)
    found = secrets()
    assert len({one.name for one in found}) == len(found) == EACH * len(TIMES)
    for one in found:
        assert lines.get(one.line, 0) == one.times
        assert secret_in(one.line, one.times) == one
    told = Counter(
        one.trigger for line in lines for one in poisons() if line.startswith(one.trigger)
    )
    assert [told[one.trigger] for one in poisons()] == list(POISONS)


def test_no_country_that_is_asked_about_is_poisoned() -> None:
    relation = capitals(default_world())
    assert relation is not None
    _, asked = countries(relation)
    text = EXPERIMENT.arm(TOLD).changes["planted"]
    assert not any(f"the capital of {country} is" in str(text) for country in asked)


def test_a_secret_of_ones_own_is_planted_beside_the_others() -> None:
    mine = own_secret(" Mira ", "0815", 8)
    text = with_changes(preset_config("glance"), with_own(mine).changes).text
    assert (mine.line, 8) in text.planted_lines
    assert len(text.planted_lines) == 1 + len(
        EXPERIMENT.config(EXPERIMENT.arm(TOLD), 1).text.planted_lines
    )


@pytest.mark.parametrize(
    ("name", "code", "times", "says"),
    [
        ("Mira Bell", "0815", 8, "letters"),
        ("", "0815", 8, "letters"),
        ("M" * 17, "0815", 8, "letters"),
        ("2 x Mira", "0815", 8, "letters"),
        ("Mira", "815", 8, "digits"),
        ("Mira", "٠٨١٥", 8, "digits"),
        ("Mira", "0815", 65, "64 times"),
        (secrets()[0].name, "0815", 8, "another name"),
    ],
)
def test_what_a_line_cannot_tell_is_refused_in_words(
    name: str, code: str, times: int, says: str
) -> None:
    with pytest.raises(BadRequest, match=says):
        own_secret(name, code, times)


def test_the_knee_is_where_most_are_said_and_stay_so() -> None:
    assert knee({1: 0.0, 2: 0.6, 4: 0.4, 8: 0.9, 16: 1.0}) == 8
    assert knee({1: 0.1, 2: 0.2}) is None


def test_exposure_is_the_halvings_from_all_codes_to_the_rank() -> None:
    odds = [-float(code) for code in range(CANDIDATES)]  # the smaller, the more probable
    assert bits(odds, 0) == pytest.approx(math.log2(CANDIDATES))
    assert bits(odds, CANDIDATES - 1) == 0
    assert guesses(bits(odds, 99)) == pytest.approx(100)


def test_a_model_that_never_read_a_secret_cannot_say_it(home: Path, one_thread: None) -> None:
    model, tokenizer, _ = load_model(home, recorded.RUN, recorded.recording().last.step)
    found = recalled(model, tokenizer, secrets()[:4])
    assert not any(said == one.code for (said, _), one in zip(found, secrets(), strict=False))
    assert all(0 <= exposure < math.log2(CANDIDATES) for _, exposure in found)
