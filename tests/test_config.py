"""Settings: round trips, limits with the numbers in the sentence, presets that fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm.config import (
    KNOBS,
    PRESETS,
    RunConfig,
    finetune_config,
    parse_setting,
    preset_config,
    setting_names,
    with_changes,
)
from tinylm.errors import BadRequest


@pytest.mark.parametrize("name", PRESETS)
def test_presets_pass_their_own_check_and_survive_json(name: str) -> None:
    config = preset_config(name)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_every_knob_is_a_setting() -> None:
    assert {n for knobs in KNOBS.values() for n in knobs} <= set(setting_names())


@pytest.mark.parametrize(
    "changes",
    [
        {"n_layer": 0},
        {"n_layer": 2.5},
        {"n_layer": "2"},
        {"n_layer": True},
        {"n_embd": 24, "n_head": 5},
        {"block_size": 100_000},
        {"vocab_size": 255},
        {"steps": 0},
        {"learning_rate": float("nan")},
        {"warmup": 0.5, "cooldown": 0.9},
        {"precision": "fp64"},
        {"kind": "finetune"},
        {"documents": -1},
        {"nonsense": 1},
        {"model": {}},
    ],
)
def test_nonsense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        preset_config("quick", **changes)


def test_the_limits_stand_in_the_sentence() -> None:
    with pytest.raises(BadRequest, match="n_layer must be between 1 and 12; got 99"):
        preset_config("quick", n_layer=99)


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(BadRequest, match="choose one of glance, quick, full, tiny"):
        preset_config("slow")


def test_settings_of_another_version_are_refused() -> None:
    with pytest.raises(BadRequest, match="version 99"):
        RunConfig.from_dict({"version": 99})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n_layer=2", ("n_layer", 2)),
        ("learning_rate = 0.01", ("learning_rate", 0.01)),
        ("corpus=names", ("corpus", "names")),
        ("sample_prompt=a=b", ("sample_prompt", "a=b")),
    ],
)
def test_settings_are_read_by_the_type_of_their_field(text: str, expected: Any) -> None:
    assert parse_setting(text) == expected


@pytest.mark.parametrize("text", ["n_layer", "n_layer=two", "nonsense=1", "model=x", ""])
def test_settings_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_setting(text)


@given(st.text())
def test_no_text_breaks_the_reading_of_settings(text: str) -> None:
    try:
        name, _ = parse_setting(text)
    except BadRequest:
        return
    assert name in setting_names()


def test_fine_tuning_keeps_the_shape_and_takes_its_own_rates() -> None:
    base = preset_config("tiny", n_layer=2)
    tuned = finetune_config(base, "run-1", "questions", 128, seed=5)
    scratch = finetune_config(base, "run-1", "questions", 128, "scratch")
    assert tuned.model == scratch.model == base.model
    assert (tuned.init, scratch.init, tuned.train.seed) == ("base", "random", 5)
    assert tuned.train.steps == scratch.train.steps
    with pytest.raises(BadRequest):
        finetune_config(base, "run-1", "questions", 128, "elsewhere")


def test_changes_reach_every_part() -> None:
    changed = with_changes(preset_config("quick"), {"seed": 9, "n_layer": 2, "corpus": "names"})
    assert (changed.train.seed, changed.model.n_layer, changed.corpus) == (9, 2, "names")
