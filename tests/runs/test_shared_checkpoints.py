"""Checkpoints that several machines share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.machines import homes
from tests.runs_fakes import CountingEngine, tiny
from tinylm.events import CheckpointSaved
from tinylm.home import database_url
from tinylm.runs.cleaning import purge, share_runs
from tinylm.runs.store import Store
from tinylm.runs.work.execute import Context, execute_run
from tinylm.training.checkpoints import CheckpointFolder


@pytest.fixture
def trained(tmp_path: Path, place: Path, one_thread: None) -> tuple[Path, Path]:
    """The checkpoints of a run as the home that trained it has them, and as another one sees them.

    There are those of steps 3, 6 and 9.
    """
    from tests import tiny as tinies
    from tinylm.training.loop import train

    one, two = homes(tmp_path, 2)
    folder = one / "runs" / "world-tiny-aaaaaa"
    folder.mkdir()
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    list(train(tinies.job(folder, steps=9, checkpoint_interval=3)))
    CheckpointFolder(str(folder / "checkpoints")).share([3, 6, 9])
    return folder / "checkpoints", two / "runs" / "world-tiny-aaaaaa" / "checkpoints"


def test_a_checkpoint_is_brought_when_it_is_needed(trained: tuple[Path, Path]) -> None:
    here, there = trained
    elsewhere = CheckpointFolder(str(there))
    assert elsewhere.steps() == [3, 6, 9] and not there.exists()
    assert elsewhere.load(3).step == 3
    assert (there.parent / "tokenizer.json").exists()
    assert [path.name for path in there.iterdir()] == ["step-000003"]
    newest = elsewhere.load(-1, with_optimizer=True)
    assert newest.step == 9 and newest.optimizer
    for file in (here / "step-000009").iterdir():
        assert (there / "step-000009" / file.name).read_bytes() == file.read_bytes()
    assert not (place_of(here) / "step-000003" / "optimizer.safetensors").exists()


def place_of(checkpoints: Path) -> Path:
    return checkpoints.parents[3] / "place" / "runs" / checkpoints.parent.name / "checkpoints"


def test_without_its_sums_a_checkpoint_does_not_count(trained: tuple[Path, Path]) -> None:
    here, there = trained
    (sums,) = (place_of(here) / "step-000009").glob("SHA256SUMS@*")
    sums.unlink()
    assert CheckpointFolder(str(there)).steps() == [3, 6]


def test_a_checkpoint_that_is_damaged_there_gives_way_to_the_one_before(
    trained: tuple[Path, Path],
) -> None:
    here, there = trained
    (model,) = (place_of(here) / "step-000009").glob("model.safetensors@*")
    model.write_bytes(b"cut")
    assert CheckpointFolder(str(there)).load(-1).step == 6


def test_another_version_there_replaces_the_one_that_is_here(trained: tuple[Path, Path]) -> None:
    here, there = trained
    elsewhere = CheckpointFolder(str(there))
    elsewhere.load(9)
    kept = elsewhere.load(6)
    CheckpointFolder(str(here)).save(9, 1, kept.config, kept.model_config, kept.model, {})
    again = elsewhere.load(9)
    assert again.tokens_seen == 1


def test_what_a_resume_removes_is_removed_there_too(trained: tuple[Path, Path]) -> None:
    here, there = trained
    CheckpointFolder(str(there)).remove_after(6)
    assert CheckpointFolder(str(there)).steps() == [3, 6]
    assert not (place_of(here) / "step-000009").exists()


def test_runs_from_before_there_was_a_place_are_taken_there(
    trained: tuple[Path, Path], place: Path, tmp_path: Path
) -> None:
    here, there = trained
    store = Store(database_url(tmp_path))
    purge(there.parents[2], store, here.parent.name)  # deleted by another home
    share_runs(here.parents[2], store)
    assert CheckpointFolder(str(there)).steps() == []  # it stays deleted
    run_id = store.create_run(tiny())
    store.add_events(run_id, [CheckpointSaved(step, f"step-{step:06}") for step in (3, 6, 9)])
    shutil.copytree(here.parent, before := here.parents[1] / run_id)
    share_runs(here.parents[2], store)
    assert CheckpointFolder(str(there.parents[1] / run_id / "checkpoints")).steps() == [3, 6, 9]
    assert before.exists() and list(place.glob(f"runs/{run_id}/tokenizer.json@*"))
    store.close()


def test_a_checkpoint_that_a_dead_machine_could_not_share_does_not_count(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    """Another one went on from step 6 and was paused there; then the first comes back."""
    here, there = trained
    home, run_id = here.parents[2], here.parent.name
    shutil.rmtree(place_of(here) / "step-000009")
    store = Store(database_url(tmp_path))
    engine = CountingEngine()
    waiting = store.create_run(tiny())
    store.add_events(waiting, [CheckpointSaved(step, f"step-{step:06}") for step in (3, 6)])
    (home / "runs" / run_id).rename(home / "runs" / waiting)
    place_of(here).parent.rename(place_of(here).parents[1] / waiting)
    share_runs(home, store)
    again = CheckpointFolder(str(there.parents[1] / waiting / "checkpoints"))
    assert again.steps() == [3, 6]
    execute_run(Context(home, store, engine, "here:1:1"), waiting)
    assert engine.resumed_from == [6]
    store.close()
