"""What stands in the files to take home: the weights, commands, tables, and nobody else's tasks."""

from __future__ import annotations

import base64
import shlex
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests import tiny
from tests.own_rows import review_rows
from tinylm.config import RunConfig, parse_setting, with_changes
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.store import save_task
from tinylm.evaluation.tasks.own.template import Template
from tinylm.export import ExportedRun, kept
from tinylm.export.page import model_page
from tinylm.export.takehome import again
from tinylm.export.takehome.curves import curve, ticks
from tinylm.export.takehome.packing import packed
from tinylm.export.takehome.scores import tables
from tinylm.export.tasks_of import tasks_of
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.questions.exports import Result


def test_weights_are_packed_with_sixteen_bits_of_their_digits() -> None:
    model = tiny.awake()
    text, sizes = packed(model)
    first, second, third = np.split(
        np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).astype(np.uint32), 3
    )
    found = (first << 24 | second << 16 | third << 8).view(np.float32)
    whole = torch.cat([one.flatten() for one in model.parameters()]).detach().numpy()
    assert sizes[0] == ("embedding.weight", model.embedding.weight.numel())
    assert np.abs(found - whole).max() <= 2.0**-16 * np.abs(whole).max()
    assert (np.abs(found - whole) <= 2.0**-16 * np.abs(whole)).all()


def test_a_model_that_is_too_large_or_broken_is_refused_in_one_sentence() -> None:
    run = ExportedRun(Path("home/runs/one-run"), 1, [], [])
    large = tiny.model(n_embd=512, vocab_size=8192)
    with pytest.raises(BadRequest, match=r"a page of about \d+\.\d MB, and a phone gets at most 3"):
        model_page(run, large, tiny.tokenizer(), RunConfig())
    broken = tiny.awake()
    with torch.no_grad():
        broken.norm.weight[0] = torch.nan
    with pytest.raises(BadRequest, match="weights that are no numbers"):
        model_page(run, broken, tiny.tokenizer(), RunConfig())


def changed(usual: RunConfig, command: str) -> RunConfig:
    """The settings of a command of the terminal that begins with `usual`."""
    words = shlex.split(command)
    given = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
    return with_changes(usual, dict(map(parse_setting, given)))


@pytest.mark.parametrize(
    "changes",
    [{}, {"n_layer": 3, "steps": 7, "corpus": "my text"}, {"tables": "half", "zipf": 0.5}],
)
def test_the_command_trains_with_the_same_settings(changes: dict[str, Any]) -> None:
    config = preset_config("quick", seed=7, **changes)
    found = again.command(config)
    assert found.startswith("python -m tinylm train --corpus ") and "--seed 7" in found
    usual = preset_config("quick", seed=7, corpus=config.corpus)
    assert changed(usual, found) == config


@pytest.mark.parametrize("init", ["base", "scratch"])
def test_the_command_of_a_fine_tuning_has_its_own_seed(init: str) -> None:
    base = preset_config("tiny", seed=3)
    config = finetune_config(base, "the-base", "questions", 16, init, seed=5, steps=9)
    found = again.command(config)
    start = "finetune BASE" if init == "base" else "finetune scratch --like BASE"
    assert f"{start} --task questions --examples 16" in found
    assert changed(finetune_config(base, "the-base", "questions", 16, init), found) == config


def test_a_curve_has_round_numbers_and_leaves_out_what_is_none() -> None:
    assert ticks(0, 900) == [0, 200, 400, 600, 800]
    assert ticks(1.2, 1.9) == [1.2, 1.4, 1.6, 1.8]
    drawn = curve([(1, 7.0), (2, float("nan")), (3, 5.0)], [(0, 8.0), (3, 4.0)])
    assert drawn is not None and len(drawn.train.split()) == 2 and len(drawn.dots) == 2
    (_, first), (_, last) = drawn.dots
    assert first < last  # further down in a drawing is lower
    assert curve([(1, float("inf"))], [(0, 7.0)]) is None
    flat = curve([(1, 2.0), (2, 2.0)], [])
    assert flat is not None and len(flat.up) > 1
    long = curve([(n, 1.0 + n % 2) for n in range(9_000)], [])
    assert long is not None and len(long.train.split()) <= 300


def test_results_stand_beside_their_controls() -> None:
    def one(k: int, share: float, control: str = "", task: str = "facts") -> Result:
        return Result(task, k, 200, share, share - 0.05, share + 0.05, 0.04, control)

    results = [one(0, 0.1), one(4, 0.88), one(4, 0.15, "shuffled"), one(4, 0.06, "untrained")]
    (table,) = tables([*results, one(1, 0.5, "shuffled", "alone")], str.title)
    assert table.title == "Facts"
    assert [(row.result.num_fewshot, row.asked, row.span) for row in table.rows] == [
        (0, "this model", 1),
        (4, "this model", 3),
        (4, "with wrong answers in the examples", 0),
        (4, "the untrained model", 0),
    ]
    assert table.said == (
        "With 4 examples it got 88 % (95 % interval: 83 to 93 %, n = 200) right, and without any "
        "example 10 %."
    )


def test_tasks_that_others_brought_stay_here(home: Path) -> None:
    mine, theirs = (
        save_task(check_rows(rows), "classification", Template(), title, home).name
        for title, rows in (("Mine", review_rows()), ("Theirs", review_rows(150)))
    )
    config = preset_config("tiny")
    folder = home / "runs" / "one-run"
    for allowed, wanted in (((), set()), ((mine,), {mine}), (None, {mine, theirs})):
        run = ExportedRun(folder, 1, [], [], own_tasks=allowed)
        names = {one.name for one in tasks_of(run, config.corpus)}
        assert "facts" in names and {mine, theirs} & names == wanted


def test_the_newest_file_of_each_format_is_kept_here_and_where_all_can_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_STORAGE", f"file://{tmp_path / 'place'}")
    one, two, pages = (tmp_path / name / "runs/a-run/exports" for name in ("1", "2", "pages"))
    kept.keep(one / "a-run-hf-11111111.zip", b"old")
    kept.keep(one / "a-run-page-22222222.html", b"page")
    assert kept.is_here(pages / "a-run-hf-11111111.zip")
    kept.keep(two / "a-run-hf-33333333.zip", b"new")  # another machine makes the next one
    assert kept.is_here(pages / "a-run-hf-33333333.zip")
    assert kept.is_here(pages / "a-run-page-22222222.html")
    names = ["a-run-hf-33333333.zip", "a-run-page-22222222.html"]
    assert sorted(path.name for path in pages.iterdir()) == names
    assert not kept.is_here(two / "a-run-hf-11111111.zip")
    shared = (tmp_path / "place/runs/a-run/exports").iterdir()
    assert sorted(path.name.partition("@")[0] for path in shared) == names
