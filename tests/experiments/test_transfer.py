"""The transfer experiment: what is measured, in which order, and what follows from it."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tinylm.answers import models as engine
from tinylm.errors import BadRequest, NotFound
from tinylm.experiments.transfer import Point, in_words, labels_saved, questions, summary
from tinylm.presets import preset_config
from tinylm.runs.cleaning import remove_folder
from tinylm.training.checkpoints import CheckpointFolder

BASE = "world-tiny-base"


def rows(**curves: Mapping[int, float]) -> list[dict[str, Any]]:
    """Rows of a summary: accuracy by number of labels, a curve a start."""
    return [
        {"init": init, "labels": labels, "accuracy": accuracy}
        for init, curve in curves.items()
        for labels, accuracy in curve.items()
    ]


def needed(**curves: Mapping[int, float]) -> dict[int, int | None]:
    return {row["labels"]: row["needed"] for row in labels_saved(rows(**curves))}


# What is measured ----------------------------------------------------------------------------


def test_every_start_gets_every_number_of_labels_with_every_seed() -> None:
    asked = questions("a-run", 400)
    assert len(asked) == 3 * 5 * 3
    assert {p.seed for p in asked} == {1, 2, 3}
    params = [params for _, params in asked.values()]
    assert len({tuple(sorted(one.items())) for one in params}) == len(asked)  # none asked twice
    for point, (kind, one) in asked.items():
        assert kind == "transfer"
        assert one == {"run": "a-run", "step": 400, "task": "questions"} | point._asdict()


def test_the_shorter_base_is_trained_meanwhile_and_cheap_points_come_first() -> None:
    order = list(questions("a-run", 400))
    assert order[0].init == "tenth"  # it trains the shorter base, which the others then find
    others = [p for p in order if p.init != "tenth"]
    assert [p.labels for p in others] == sorted(p.labels for p in others)
    assert {p.init for p in order[1:5]} == {"base", "scratch"}  # both sides of the comparison
    assert all(p.init == "tenth" for p in order[-14:])


def test_without_the_shorter_base_nothing_is_lost() -> None:
    chosen = {"inits": ("base", "scratch"), "sizes": (0, 8), "seeds": (1, 2)}
    assert len(questions("a-run", 400, **chosen)) == 8  # type: ignore[arg-type]


# What follows from it ------------------------------------------------------------------------


def test_the_summary_has_the_mean_and_the_band_of_the_seeds() -> None:
    results = {Point("base", 8, seed): {"accuracy": seed / 10, "n": 593} for seed in (1, 2, 6)}
    results[Point("scratch", 8, 1)] = {"accuracy": 0.5, "n": 593}
    base, scratch = summary(results)
    assert base["accuracy"] == pytest.approx(0.3)
    assert (base["lowest"], base["highest"], base["seeds"], base["n"]) == (0.1, 0.6, 3, 593)
    assert (scratch["init"], scratch["lowest"], scratch["highest"]) == ("scratch", 0.5, 0.5)


def test_labels_needed_are_read_off_the_line_over_the_logarithm() -> None:
    # Halfway up between 7 and 31 labels is halfway between log2 8 and log2 32: 15 labels.
    found = needed(base={7: 0.2}, scratch={7: 0.0, 31: 0.4})
    assert found == {7: 15}
    assert needed(base={8: 0.4}, scratch={8: 0.1, 32: 0.4}) == {8: 32}  # exactly at a point


def test_the_first_time_counts_where_the_curve_falls_again() -> None:
    assert needed(base={8: 0.2}, scratch={8: 0.0, 32: 0.3, 128: 0.1, 512: 0.4})[8] < 32  # type: ignore[operator]


def test_never_is_said_with_how_far_was_tried() -> None:
    (row,) = labels_saved(rows(base={8: 0.5}, scratch={0: 0.0, 512: 0.49}))
    assert row["needed"] is None
    assert in_words(row) == (
        "The base with 8 labels reaches 50%; scratch never gets there with up to 512."
    )


def test_where_both_start_alike_nothing_is_saved() -> None:
    assert needed(base={0: 0.0, 8: 0.0}, scratch={0: 0.0, 8: 0.3}) == {0: 0, 8: 0}
    (row,) = labels_saved(rows(base={0: 0.0}, scratch={0: 0.0}))
    assert in_words(row).endswith("scratch needs 0.")


def test_the_other_start_may_be_the_shorter_base() -> None:
    (row,) = labels_saved(rows(base={8: 0.5}, tenth={8: 0.0, 32: 0.6}), "tenth")
    assert (row["other"], row["tried"]) == ("tenth", 32)
    assert 8 < row["needed"] < 32
    assert labels_saved(rows(base={8: 0.5}), "tenth") == []  # not measured yet: nothing is said


# One point, measured -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one tiny pre-trained run."""
    home = tmp_path_factory.mktemp("home")
    config = preset_config("tiny", documents=100, steps=20)
    deque(engine.run(config, home / "runs" / BASE, home, threads=lambda: 1), maxlen=0)
    return home


def point(home: Path, **changes: Any) -> dict[str, Any]:
    params = {"run": BASE, "step": 20, "task": "kinds", "init": "base", "labels": 8, "seed": 1}
    found = engine.perform("transfer", params | changes, home)
    assert found.pop("seconds") > 0
    return found


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_same_point_gives_the_same_figures_and_leaves_nothing(trained_home: Path) -> None:
    before = files(trained_home)
    once = point(trained_home)
    assert point(trained_home) == once
    assert files(trained_home) == before
    assert once["n"] > 100
    assert 0 <= once["low"] <= once["accuracy"] <= once["high"] <= 1


def test_without_labels_the_model_is_the_base_itself(trained_home: Path) -> None:
    base = {"run": BASE, "step": 20, "task": "kinds", "num_fewshot": 0}
    scored = engine.perform("score", base, trained_home)
    assert point(trained_home, labels=0)["accuracy"] == scored["accuracy"]


def test_the_shorter_base_is_trained_once_and_goes_with_the_run(
    trained_home: Path, home: Path
) -> None:
    shutil.copytree(trained_home, home, dirs_exist_ok=True)
    folder = home / "runs" / BASE
    shorter = CheckpointFolder(str(folder / "tenth" / "checkpoints"))
    point(home, init="tenth", labels=0)
    assert shorter.steps() == [2]  # a tenth of 20
    made = (folder / "tenth" / "tokenizer.json").stat().st_mtime_ns
    point(home, init="tenth", labels=0, seed=2)
    assert (folder / "tenth" / "tokenizer.json").stat().st_mtime_ns == made
    assert not list((home / "cache").glob("transfer-*"))
    remove_folder(folder)
    assert not folder.exists()
    with pytest.raises(NotFound, match="train it first"):
        point(home)


def test_an_unknown_start_is_refused_in_words(home: Path) -> None:
    with pytest.raises(BadRequest, match="base, tenth, scratch"):
        point(home, init="elsewhere")
