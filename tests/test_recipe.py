"""The settings that fit a text, and the sentences that say why."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading import grade
from tinylm.config import RunConfig
from tinylm.presets import PRESETS, preset_config
from tinylm.recipe import SECONDS, Recipe, TextSize, about, count, passes, recipe

PROSE = ((256, 1.0), (512, 2.1), (1024, 2.7), (2048, 3.2))


def fitted(characters: int, preset: str = "quick") -> Recipe:
    return recipe(TextSize(characters, PROSE), "upload-0123456789ab", preset)


def read(config: RunConfig) -> int:
    return config.train.steps * config.tokens_per_step


def test_tokens_are_interpolated_between_the_vocabularies_that_were_measured() -> None:
    size = TextSize(21_000, PROSE)
    assert size.tokens(256) == 21_000 and size.tokens(512) == 10_000
    assert size.tokens(1024) < size.tokens(768) < size.tokens(512)
    assert size.tokens(4096) == size.tokens(2048)


@pytest.mark.parametrize("preset", ["glance", "quick"])
def test_a_short_text_is_read_about_fifteen_times_and_slowly(preset: str) -> None:
    found, before = fitted(20_000, preset), preset_config(preset)
    config = found.config
    tokens = TextSize(20_000, PROSE).tokens(config.model.vocab_size)
    assert read(config) / tokens == pytest.approx(passes(20_000), rel=0.1)
    assert config.model.vocab_size < before.model.vocab_size
    assert config.train.learning_rate < 0.5 * before.train.learning_rate
    assert config.train.patience and config.train.eval_interval == config.train.checkpoint_interval
    assert found.fits_the_text and found.seconds < SECONDS[preset]


def test_the_reasons_say_what_the_preset_would_do_and_what_happens_here() -> None:
    found = fitted(20_000)
    first, second, *_ = found.reasons
    preset, tokens = preset_config("quick"), TextSize(20_000, PROSE).tokens(2048)
    assert first.startswith(f"20,000 characters are about {about(tokens)} tokens.")
    assert f"{about(round(read(preset) / tokens))} times" in first and "by heart" in first
    assert f"{found.config.train.steps} updates" in second
    assert all(re.search(r"\d", reason) for reason in found.reasons)


@pytest.mark.parametrize("characters", [2_000, 20_000, 400_000, 20_000_000])
def test_the_reasons_can_be_read_once(characters: int) -> None:
    assert grade(" ".join(fitted(characters).reasons)) <= 9


def test_a_long_text_keeps_the_settings_of_the_preset() -> None:
    found = fitted(20_000_000)
    assert found.config == preset_config("quick", corpus="upload-0123456789ab")
    assert not found.fits_the_text
    assert len(found.reasons) == 1 and "29% of it" in found.reasons[0]


@given(st.integers(300, 50_000_000), st.sampled_from(list(PRESETS)))
def test_any_size_gives_settings_that_can_be_trained_within_the_time(
    characters: int, preset: str
) -> None:
    found = fitted(characters, preset)
    found.config.check()
    assert read(found.config) <= read(preset_config(preset))
    assert found.seconds <= SECONDS[preset]
    assert found.reasons and all(reason.endswith(".") for reason in found.reasons)


def test_more_text_is_read_less_often_with_more_tokens_and_larger_steps() -> None:
    configs = [fitted(n).config for n in (6_000, 20_000, 50_000, 250_000)]
    sizes = [config.model.vocab_size for config in configs]
    rates = [config.train.learning_rate for config in configs]
    steps = [read(config) for config in configs]
    assert sizes == sorted(sizes) and rates == sorted(rates) and steps == sorted(steps)


def test_numbers_are_said_as_a_person_says_them() -> None:
    assert [count(n) for n in (1.0, 1.34, 2.96, 370.4)] == ["1", "1.3", "3", "370"]
    assert [about(n) for n in (7, 5_122, 6_512_345)] == ["7", "5,100", "6,500,000"]
