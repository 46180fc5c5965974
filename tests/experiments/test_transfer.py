"""The transfer experiment: what is measured, in which order, and what follows from it."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.measurements import tuned
from tinylm.answers import engine
from tinylm.config import with_changes
from tinylm.errors import BadRequest, NotFound
from tinylm.experiments.transfer import Mean, Point, in_words, labels_saved, questions, summary
from tinylm.presets import preset_config
from tinylm.questions.models import Score, TransferPoint, Tuned
from tinylm.runs.cleaning import remove_folder
from tinylm.training.checkpoints import CheckpointFolder

BASE = "world-tiny-base"


def rows(**curves: Mapping[int, float]) -> list[Mean]:
    """Rows of a summary: accuracy by number of labels, a curve a start."""
    return [
        Mean(init, labels, accuracy, accuracy, accuracy, seeds=1, n=593)
        for init, curve in curves.items()
        for labels, accuracy in curve.items()
    ]


def needed(**curves: Mapping[int, float]) -> dict[int, int | None]:
    return {saved.labels: saved.needed for saved in labels_saved(rows(**curves))}


# What is measured ----------------------------------------------------------------------------


def test_every_start_gets_every_number_of_labels_with_every_seed() -> None:
    asked = questions("a-run", 400)
    assert len(asked) == 3 * 5 * 3
    assert {p.seed for p in asked} == {1, 2, 3}
    assert len(set(asked.values())) == len(asked)  # none asked twice
    for point, question in asked.items():
        assert question == TransferPoint("a-run", 400, "questions", **point._asdict())


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
    results = {Point("base", 8, seed): tuned(seed / 10, 593) for seed in (1, 2, 6)}
    results[Point("scratch", 8, 1)] = tuned(0.5, 593)
    base, scratch = summary(results)
    assert base.accuracy == pytest.approx(0.3)
    assert (base.lowest, base.highest, base.seeds, base.n) == (0.1, 0.6, 3, 593)
    assert (scratch.init, scratch.lowest, scratch.highest) == ("scratch", 0.5, 0.5)


def test_labels_needed_are_read_off_the_line_over_the_logarithm() -> None:
    # Halfway up between 7 and 31 labels is halfway between log2 8 and log2 32: 15 labels.
    found = needed(base={7: 0.2}, scratch={7: 0.0, 31: 0.4})
    assert found == {7: 15}
    assert needed(base={8: 0.4}, scratch={8: 0.1, 32: 0.4}) == {8: 32}  # exactly at a point


def test_the_first_time_counts_where_the_curve_falls_again() -> None:
    assert needed(base={8: 0.2}, scratch={8: 0.0, 32: 0.3, 128: 0.1, 512: 0.4})[8] < 32  # type: ignore[operator]


def test_never_is_said_with_how_far_was_tried() -> None:
    (saved,) = labels_saved(rows(base={8: 0.5}, scratch={0: 0.0, 512: 0.49}))
    assert saved.needed is None
    assert in_words(saved) == (
        "The base with 8 labels reaches 50%; scratch needs more than 64 times as many: "
        "even 512 are not enough."
    )


def test_where_both_start_alike_nothing_is_saved() -> None:
    assert needed(base={0: 0.0, 8: 0.0}, scratch={0: 0.0, 8: 0.3}) == {0: 0, 8: 0}
    (saved,) = labels_saved(rows(base={0: 0.0}, scratch={0: 0.0}))
    assert in_words(saved).endswith("scratch needs 0.")


def test_the_other_start_may_be_the_shorter_base() -> None:
    (saved,) = labels_saved(rows(base={8: 0.5}, tenth={8: 0.0, 32: 0.6}), "tenth")
    assert (saved.other, saved.tried) == ("tenth", 32)
    assert saved.needed is not None
    assert 8 < saved.needed < 32
    assert labels_saved(rows(base={8: 0.5}), "tenth") == []  # not measured yet: nothing is said


# One point, measured -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one tiny pre-trained run."""
    home = tmp_path_factory.mktemp("home")
    config = preset_config("tiny", documents=100, steps=20)
    deque(engine.run(config, home / "runs" / BASE, home, threads=lambda: 1), maxlen=0)
    return home


def point(home: Path, init: str = "base", labels: int = 8, seed: int = 1) -> Tuned:
    """The answer without the seconds that it took."""
    found = engine.answer(TransferPoint(BASE, 20, "kinds", init, labels, seed), home)
    assert found.seconds > 0
    return replace(found, seconds=0.0)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_same_point_gives_the_same_figures_and_leaves_nothing(trained_home: Path) -> None:
    before = files(trained_home)
    once = point(trained_home)
    assert point(trained_home) == once
    assert files(trained_home) == before
    assert once.n > 100
    assert 0 <= once.low <= once.accuracy <= once.high <= 1


def test_without_labels_the_model_is_the_base_itself(trained_home: Path) -> None:
    scored = engine.answer(Score(BASE, 20, "kinds"), trained_home)
    assert point(trained_home, labels=0).accuracy == scored.accuracy


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


def test_a_base_that_was_best_early_has_a_shorter_one_of_a_tenth_of_its_own_steps(
    trained_home: Path, home: Path
) -> None:
    """Before, "a tenth of the training" of all steps could be more than this base had."""
    shutil.copytree(trained_home, home, dirs_exist_ok=True)
    folder = home / "runs" / BASE
    early = CheckpointFolder(str(folder / "checkpoints"))
    loaded = early.load(20)
    longer = with_changes(loaded.config, {"steps": 200})  # of which training ended after 20
    early.save(20, loaded.tokens_seen, longer, loaded.model_config, loaded.model, {})
    point(home, init="tenth", labels=0)
    assert CheckpointFolder(str(folder / "tenth-2" / "checkpoints")).steps() == [2]
    assert not (folder / "tenth").exists()


def test_an_unknown_start_is_refused_in_words(home: Path) -> None:
    with pytest.raises(BadRequest, match="base, tenth, scratch"):
        point(home, init="elsewhere")
