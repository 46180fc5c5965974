"""Settings: round trips, limits with the numbers in the sentence, presets that fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.pretrain.settings import ASKED, check_asked
from tinylm.config import (
    SETTINGS,
    ModelConfig,
    RunConfig,
    TrainConfig,
    check_applies,
    parse_setting,
    with_changes,
)
from tinylm.errors import BadRequest
from tinylm.finetuning import finetune_config, replayed
from tinylm.knobs import Planted, TextConfig
from tinylm.memory import num_parameters
from tinylm.presets import LARGE, PRESETS, preset_config
from tinylm.recipe import TextSize, recipe


@pytest.mark.parametrize("name", PRESETS)
def test_presets_pass_their_own_check_and_survive_json(name: str) -> None:
    config = preset_config(name)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_every_field_is_a_setting_whose_default_is_allowed() -> None:
    parts = (RunConfig, ModelConfig, TrainConfig, TextConfig)
    fields = [name for part in parts for name in part.__struct_fields__]
    assert sorted({*SETTINGS, "model", "train", "text"}) == sorted(fields)
    RunConfig().check()


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
        {"method": "lora"},
        {"replay": 0.5},
        {"wrong": 1.5},
        {"wrong": 0.6, "shuffled": 0.6},
        {"sheets_from": 0.5, "sheets_until": 0.5},
        {"planted": "a line that does not say how often"},
        {"planted": "6000 x one\n6000 x two"},
        {"planted": "9999999 x one"},
        dict.fromkeys(("prose", "info_boxes", "worksheets", "parallel", "reviews"), 0),
        {"experiment": "e" * 81},
    ],
)
def test_nonsense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        preset_config("quick", **changes)


def test_the_limits_stand_in_the_sentence() -> None:
    with pytest.raises(BadRequest, match="n_layer must be between 1 and 48; got 99"):
        preset_config("quick", n_layer=99)


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(BadRequest, match="choose one of tiny, glance, quick, full"):
        preset_config("slow")


def test_settings_of_another_version_are_refused() -> None:
    with pytest.raises(BadRequest, match="version 99"):
        RunConfig.from_dict({"version": 99})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n_layer=2", ("n_layer", 2)),
        ("learning_rate = 0.01", ("learning_rate", 0.01)),
        ("sample_prompt=a=b", ("sample_prompt", "a=b")),
        ("steps=1e3", ("steps", 1000)),
        ("precision=bf16", ("precision", "bf16")),
    ],
)
def test_settings_are_read_by_the_type_of_their_field(text: str, expected: Any) -> None:
    assert parse_setting(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("n_layer", "n_layer=two", "nonsense=1", "model=x", "", "steps=", "learning_rate="),
        *("steps=1_000", "steps=\u0661\u0662", "steps=2.5", "steps=0x10", "steps=" + "9" * 5000),
        *("learning_rate=nan", "learning_rate=inf", "learning_rate=1e999", "warmup=-inf"),
        *("precision=fp64", "precision=", "device=tpu", "lora_rank=1e400", f"seed={2**63}"),
        *("corpus=names", "task=facts", "kind=finetune", "preset=full", "parent=a-b", "init=base"),
        f"sample_prompt={'a' * 1001}",
    ],
)
def test_settings_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_setting(text)
    assert len(str(refused.value)) < 500


def test_a_setting_with_an_option_of_its_own_names_it() -> None:
    with pytest.raises(BadRequest, match="choose it with --corpus"):
        parse_setting("corpus=names")


def test_settings_from_before_the_text_had_any_are_read_with_its_defaults() -> None:
    stored = preset_config("tiny").to_dict()
    for name in ("text", "experiment"):
        del stored[name]
    assert RunConfig.from_dict(stored) == preset_config("tiny")


def test_planted_lines_stand_one_a_line_or_with_semicolons_between_them() -> None:
    wanted = (Planted("a; b", 2), Planted("3 y", 1))
    for written in ("2 x a; b\n1 x 3 y\n", "2 x a; b;1 x 3 y", "2 x a; b ; 1 x 3 y"):
        assert TextConfig(planted=written).planted_lines == wanted


def test_the_label_of_an_experiment_stays_with_its_run() -> None:
    with pytest.raises(BadRequest, match="only an experiment"):
        parse_setting("experiment=mixture/wrong")
    marked = preset_config("tiny", experiment="mixture/wrong", wrong=0.2)
    tuned = finetune_config(marked, "run-1", "questions", 8)
    assert (tuned.experiment, tuned.text) == ("", marked.text)


TUNED = ("run-1", "questions", 8)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (preset_config("tiny"), "lora_rank"),
        (preset_config("tiny"), "replay"),
        (preset_config("tiny"), "parent_step"),
        (finetune_config(preset_config("tiny"), *TUNED), "n_layer"),
        (finetune_config(preset_config("tiny"), *TUNED), "documents"),
        (finetune_config(preset_config("tiny"), *TUNED), "sample_prompt"),
        (finetune_config(preset_config("tiny"), *TUNED), "lora_rank"),
        (finetune_config(preset_config("tiny"), *TUNED, "scratch"), "parent_step"),
    ],
)
def test_a_setting_that_the_run_never_reads_is_refused(config: RunConfig, name: str) -> None:
    with pytest.raises(BadRequest, match="would change nothing here"):
        check_applies(config, ["seed", name])


def test_a_setting_that_the_run_reads_is_allowed() -> None:
    check_applies(preset_config("tiny"), ["n_layer", "documents", "seed"])
    tuned = finetune_config(preset_config("tiny"), *TUNED, method="lora")
    check_applies(tuned, ["lora_rank", "replay", "parent_step", "steps"])


@pytest.mark.parametrize(
    "data",
    [
        *(None, [], "text", 1, {"model": []}, {"model": {"n_layer": []}}, {"train": None}),
        *({"n_layer": 1}, {"corpus": 1}, {"corpus": "a" * 201}, {"model": {"n_layer": 10**400}}),
        *({"train": {"learning_rate": 10**400}}, {"replay": True}, {"version": []}, {1: 2}),
    ],
)
def test_stored_settings_that_are_none_are_refused(data: object) -> None:
    with pytest.raises(BadRequest):
        RunConfig.from_dict(data)


NAMED = st.builds("{}={}".format, st.sampled_from(sorted(SETTINGS)), st.text() | st.floats())


@given(st.text() | NAMED)
def test_no_text_breaks_the_reading_of_settings(text: str) -> None:
    try:
        name, _ = parse_setting(text)
    except BadRequest:
        return
    assert name in SETTINGS


def test_fine_tuning_keeps_the_shape_and_takes_its_own_rates() -> None:
    base = preset_config("tiny", n_layer=2)
    tuned = finetune_config(base, "run-1", "questions", 128, seed=5)
    scratch = finetune_config(base, "run-1", "questions", 128, "scratch")
    assert tuned.model == scratch.model == base.model
    assert (tuned.init, scratch.init, tuned.train.seed) == ("base", "random", 5)
    assert tuned.train.steps == scratch.train.steps
    with pytest.raises(BadRequest):
        finetune_config(base, "run-1", "questions", 128, "elsewhere")


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "half"},
        {"method": "lora", "lora_rank": 0},
        {"method": "lora", "lora_rank": 65},
        {"method": "lora", "lora_matrices": "norms"},
        {"replay": 0.95},
        {"replay": -0.1},
        {"replay": float("nan")},
        {"replay": "much"},
    ],
)
def test_fine_tuning_nonsense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        finetune_config(preset_config("tiny"), "run-1", "questions", 128, **changes)


def test_adapters_need_a_base() -> None:
    with pytest.raises(BadRequest, match="random weights have nothing to adapt"):
        finetune_config(preset_config("tiny"), "run-1", "questions", 8, "scratch", method="lora")


@pytest.mark.parametrize("share", [0.1, 0.25, 0.3, 0.5, 0.9])
def test_replay_adds_updates_to_the_labelled_ones(share: float) -> None:
    base = preset_config("tiny")
    plain = finetune_config(base, "run-1", "questions", 128)
    mixed = finetune_config(base, "run-1", "questions", 128, replay=share)
    steps = mixed.train.steps
    assert steps - replayed(steps, share) == plain.train.steps
    assert steps - 1 - replayed(steps - 1, share) == plain.train.steps - 1


def test_a_fine_tuning_of_a_fine_tuned_run_chooses_anew() -> None:
    first = finetune_config(preset_config("tiny"), "run-1", "questions", 8, method="lora")
    mixed = with_changes(first, {"replay": 0.5, "lora_rank": 4})
    second = finetune_config(mixed, "run-2", "questions", 8)
    assert (second.method, second.lora_rank, second.replay) == ("full", 8, 0.0)
    assert second == finetune_config(preset_config("tiny"), "run-2", "questions", 8)


def test_settings_from_before_lora_are_read_with_its_defaults() -> None:
    config = finetune_config(preset_config("tiny"), "run-1", "questions", 8)
    stored = config.to_dict()
    for name in ("method", "lora_rank", "lora_matrices", "replay"):
        del stored[name]
    assert RunConfig.from_dict(stored) == config


def test_changes_reach_every_part() -> None:
    changed = with_changes(preset_config("quick"), {"seed": 9, "n_layer": 2, "corpus": "names"})
    assert (changed.train.seed, changed.model.n_layer, changed.corpus) == (9, 2, "names")


@pytest.mark.parametrize("name", PRESETS)
def test_every_checkpoint_of_a_preset_stands_at_a_validation(name: str) -> None:
    """Otherwise the copy of the best weights before each of them would be written too."""
    train = PRESETS[name].train
    assert train.checkpoint_interval % train.eval_interval == 0


@pytest.mark.parametrize("name", LARGE)
def test_the_terminal_has_larger_presets_which_no_page_offers(name: str) -> None:
    config = preset_config(name)
    millions = num_parameters(config.model) / 1e6
    assert name not in PRESETS and millions == pytest.approx(float(name[:-1]), rel=0.01)
    assert config.train.checkpoint_interval % config.train.eval_interval == 0
    assert config.train.batch_size % config.train.micro_batch_size == 0
    with pytest.raises(BadRequest, match="leave --recipe out"):
        recipe(TextSize(1_000_000, ((256, 1.0),)), "upload-000000000000", name)


def test_350_million_parameters_are_reached_by_settings() -> None:
    config = preset_config("124m", n_layer=27, n_embd=1024, n_head=16)
    assert num_parameters(config.model) / 1e6 == pytest.approx(350, rel=0.01)


def test_a_page_takes_smaller_models_than_the_terminal() -> None:
    check_asked({"n_embd": 512, "seed": 3})
    with pytest.raises(BadRequest, match="n_embd must be between 16 and 512; got 1024"):
        check_asked({"n_embd": preset_config("quick", n_embd=1024).model.n_embd})
    assert "micro_batch_size" not in ASKED
