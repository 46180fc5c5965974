"""Machines that share a PostgreSQL server and a place for files: each has a home of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgres import Server
from tests.runs_fakes import FakeClock, step_done, tiny, wait_until
from tinylm import sharing, storage
from tinylm.corpora.sources.uploads import delete_upload, list_uploads, save_upload
from tinylm.errors import StorageError
from tinylm.home import database_url, run_dir
from tinylm.process import token_pid
from tinylm.questions.models import NextToken
from tinylm.runs.cleaning import purge, share_runs
from tinylm.runs.service import Service
from tinylm.runs.store import Store
from tinylm.runs.store.tables import runs
from tinylm.training.checkpoints import CheckpointFolder

ROOT = Path(__file__).parents[2]
TEXT = "\n\n".join(f"The {n} cats of house {n * 7} sleep while {n} is quiet." for n in range(400))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place that all homes share."""
    monkeypatch.setenv("TINYLM_STORAGE", f"file://{tmp_path / 'place'}")
    return tmp_path / "place"


def homes(tmp_path: Path, number: int) -> list[Path]:
    made = [tmp_path / f"home-{n}" for n in range(number)]
    for home in made:
        (home / "runs").mkdir(parents=True)
    return made


@contextmanager
def worker(home: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker process, whose home nobody else uses."""
    environment = os.environ | {"TINYLM_DATABASE": address, "OMP_NUM_THREADS": "1"}
    with (home / "worker.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tinylm.runs.work.worker", "--home", str(home)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(600)
def test_a_killed_workers_run_is_taken_over_and_ends_as_an_undisturbed_one(
    postgres: Server, tmp_path: Path, place: Path
) -> None:
    address = postgres.new_database()
    one, two, pages = homes(tmp_path, 3)
    service = Service(pages, url=address)
    corpus = save_upload(TEXT.encode(), "Cats", pages).name
    config = tiny(corpus=corpus, steps=400, checkpoint_interval=50, eval_interval=200, threads=1)
    with worker(one, address) as first, worker(two, address) as second:
        pids = {first.pid: first, second.pid: second}
        wait_until(lambda: len(service.workers()) == 2, 180)
        ids = [service.start(config), service.start(config)]

        def pid_of(run_id: str) -> int:
            query = runs.select().where(runs.c.id == run_id)
            with service.store._db.read() as connection:
                token = connection.execute(query).one().worker
            return token_pid(token) if token else 0

        wait_until(lambda: all(service.checkpoints(run_id) for run_id in ids), 180)
        killed, calm = ids
        dead = pids[pid_of(killed)]
        assert dead is not pids[pid_of(calm)]
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        assert service.run(killed).status != "done"
        wait_until(lambda: {service.run(run_id).status for run_id in ids} == {"done"}, 180)
        question = NextToken(killed, 400, "The ")
        service.ask(question)
        wait_until(lambda: service.ask(question).over, 60)
        assert not service.ask(question).error
    resumed, undisturbed = (service.curve(run_id, 400) for run_id in ids)
    assert [(p.step, p.loss) for p in resumed] == [(p.step, p.loss) for p in undisturbed]
    assert service.evals(killed) == service.evals(calm)
    last = [run_dir(pages, run_id) / "checkpoints" for run_id in ids]
    for folder in last:  # the pages' home takes both from the shared place
        assert CheckpointFolder(str(folder)).load(400, with_optimizer=True).step == 400
    for file in ("model.safetensors", "optimizer.safetensors"):
        assert len({(folder / "step-000400" / file).read_bytes() for folder in last}) == 1
    service.delete(killed)
    assert not (place / "runs" / killed).exists()
    service.close()


def test_a_run_that_dies_without_getting_further_is_not_taken_over_again(tmp_path: Path) -> None:
    clock = FakeClock()
    store = Store(database_url(tmp_path), clock=clock, ticks=clock)
    run_id = store.create_run(tiny())

    def dies(*steps: int) -> list[str]:
        claim = store.claim_run(run_id, "another-computer:1:1")
        assert claim is not None
        store.add_events(run_id, [step_done(step) for step in steps], claim)
        assert store.take_over() == []
        clock.now += 16
        return store.take_over()

    assert dies(1, 2) == [run_id]
    assert store.run(run_id).status == "queued"
    assert dies(3) == [run_id]  # it got further
    assert dies() == []
    assert store.run(run_id).status == "interrupted"
    assert store.wish(run_id, "run")  # a person may still resume it
    assert store.run(run_id).status == "queued"


def test_nobody_takes_over_what_somebody_wants_to_end(tmp_path: Path) -> None:
    clock = FakeClock()
    store = Store(database_url(tmp_path), clock=clock, ticks=clock)
    run_id = store.create_run(tiny())
    assert store.claim_run(run_id, "another-computer:1:1")
    store.wish(run_id, "pause")
    store.take_over()
    clock.now += 16
    assert store.take_over() == []


# Texts


def test_texts_are_the_same_in_all_homes(tmp_path: Path, place: Path) -> None:
    one, two = homes(tmp_path, 2)
    mine = save_upload(TEXT.encode(), "Mine", one).name
    sharing.announce(one)
    assert list_uploads(two) == []
    sharing.compare(two)
    assert [info.name for info in list_uploads(two)] == [mine]
    theirs = save_upload(TEXT.upper().encode(), "Theirs", two).name
    delete_upload(mine, two)
    sharing.compare(two)
    sharing.compare(one)
    assert [info.name for info in list_uploads(one)] == [theirs]
    assert not [path for path in place.rglob("*") if mine in path.name]


def test_the_place_is_asked_only_where_something_has_changed(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home,) = homes(tmp_path, 1)
    save_upload(TEXT.encode(), "Mine", home)
    sharing.announce(home)
    monkeypatch.setattr(storage.Storage, "versions", lambda *_: pytest.fail("it was asked"))
    sharing.announce(home)


def test_an_empty_place_deletes_nothing(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as another address, or a drive that is not there: what is here is taken there."""
    (home,) = homes(tmp_path, 1)
    save_upload(TEXT.encode(), "Mine", home)
    sharing.compare(home)
    monkeypatch.setenv("TINYLM_STORAGE", str(tmp_path / "another"))
    sharing.compare(home)
    assert len(list_uploads(home)) == 1
    assert len(list((tmp_path / "another" / "uploads").iterdir())) == 2


def test_where_both_changed_a_file_the_shared_one_stays(tmp_path: Path, place: Path) -> None:
    one, two = homes(tmp_path, 2)
    for home in (one, two):
        (home / "worlds").mkdir()
        (home / "worlds" / "made-a.json").write_text(home.name, encoding="utf-8")
        sharing.compare(home)
    assert (two / "worlds" / "made-a.json").read_text(encoding="utf-8") == one.name
    (two / "worlds" / "made-a.json").write_text("changed", encoding="utf-8")
    (one / "worlds" / "made-a.json").unlink()
    sharing.compare(two)
    sharing.compare(one)  # the change outweighs the deletion
    assert (one / "worlds" / "made-a.json").read_text(encoding="utf-8") == "changed"


def test_a_file_that_is_damaged_there_is_left_out(
    tmp_path: Path, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = homes(tmp_path, 2)
    for title in ("Mine", "Yours"):
        save_upload(f"{title} {TEXT}".encode(), title, one)
    sharing.compare(one)
    damaged = next((place / "uploads").glob("*.txt@*"))
    damaged.write_bytes(b"cut")
    sharing.compare(two)
    assert "is damaged or was just replaced" in caplog.text
    assert len(list((two / "uploads").glob("*.txt"))) == 1
    assert not list((two / "uploads").glob(".part-*"))


def test_a_change_made_while_homes_are_compared_is_not_lost(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = homes(tmp_path, 2)
    file = one / "worlds" / "made-a.json"
    file.parent.mkdir()
    file.write_text("first", encoding="utf-8")
    take = storage.Storage.take

    def take_slowly(self: storage.Storage, path: Path, name: str) -> str:
        digest = take(self, path, name)
        file.write_text("changed", encoding="utf-8")
        return digest

    with monkeypatch.context() as patched:
        patched.setattr(storage.Storage, "take", take_slowly)
        sharing.compare(one)
    sharing.compare(one)
    sharing.compare(two)
    for home in (one, two):
        assert (home / "worlds" / "made-a.json").read_text(encoding="utf-8") == "changed"


def test_of_two_machines_that_change_a_file_at_once_one_version_stays(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        file.write_text(file.name, encoding="utf-8")
    one, two = storage.Storage(str(place)), storage.Storage(str(place))
    put = type(one.fs).put_file

    def put_late(self: object, *args: str) -> None:
        monkeypatch.setattr(type(one.fs), "put_file", put)
        two.take(files[1], "uploads/x")
        put(self, *args)

    monkeypatch.setattr(type(one.fs), "put_file", put_late)
    one.take(files[0], "uploads/x")
    assert len(list((place / "uploads").iterdir())) == 2  # and all see the same one of them
    assert one.versions("uploads") == two.versions("uploads") != {}


def test_a_name_there_does_not_lead_out_of_the_home(tmp_path: Path) -> None:
    place = storage.Storage("memory://tinylm/names")
    place.fs.pipe_file(f"{place.root}/uploads/../../out@{'0' * 64}", b"x")
    place.fs.pipe_file(f"{place.root}/uploads/a/b@{'0' * 64}", b"x")
    assert place.versions("uploads") == {"uploads/a/b": "0" * 64}


def test_a_store_of_objects_without_folders_will_do(tmp_path: Path) -> None:
    place = storage.Storage("memory://tinylm/class")
    file, back = tmp_path / "a.txt", tmp_path / "b.txt"
    for text in ("first", "second"):
        file.write_text(text, encoding="utf-8")
        place.take(file, "uploads/a.txt")
    ((name, digest),) = place.versions("uploads").items()
    place.bring(name, digest, back)
    assert back.read_text(encoding="utf-8") == "second"
    assert storage.Storage("memory://tinylm/class").id == place.id
    place.remove(name)
    assert place.versions("uploads") == {} == place.versions("runs")
    place.remove_folder("runs/none")


# Checkpoints


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
    CheckpointFolder(str(folder / "checkpoints")).share()
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
    shutil.copytree(here.parent, before := here.parents[1] / run_id)
    share_runs(here.parents[2], store)
    assert CheckpointFolder(str(there.parents[1] / run_id / "checkpoints")).steps() == [3, 6, 9]
    assert before.exists() and list(place.glob(f"runs/{run_id}/tokenizer.json@*"))
    store.close()


# What may be wrong with the address


def refused(monkeypatch: pytest.MonkeyPatch, address: str) -> str:
    monkeypatch.setenv("TINYLM_STORAGE", address)
    with pytest.raises(StorageError) as caught:
        storage.shared()
    text = str(caught.value)
    assert "\n" not in text and "secret" not in text
    return text


def test_an_address_that_cannot_be_used_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is not an address that tinylm understands" in refused(monkeypatch, "nonsense://x")
    assert refused(monkeypatch, "s3://[bucket")
    assert "a package is missing" in refused(monkeypatch, "s3://bucket/folder")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert "cannot be used" in refused(monkeypatch, str(tmp_path / "file" / "place"))
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.doc").write_text("x", encoding="utf-8")
    assert "holds files of something else" in refused(monkeypatch, str(tmp_path / "theirs"))
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer" / storage.MARK).write_text('{"version": 9, "id": "x"}', encoding="utf-8")
    assert "is of version 9" in refused(monkeypatch, str(tmp_path / "newer"))
    (tmp_path / "newer" / storage.MARK).write_text("{", encoding="utf-8")
    assert "is damaged" in refused(monkeypatch, str(tmp_path / "newer"))


def test_a_place_without_rights_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = storage.Storage(str(tmp_path / "place"))

    def refuses(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(place.fs), "put_file", refuses)
    (tmp_path / "a").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="may not be written: allow this user to read and write"):
        place.take(tmp_path / "a", "uploads/a")


def test_a_password_is_not_shown() -> None:
    assert storage._shown("sftp://ada:secret@host/x") == "sftp://ada:***@host/x"
    assert storage._shown("s3://bucket/x") == "s3://bucket/x"
    cached = storage._shown("simplecache::s3://ada:secret@host/x")
    assert cached == "simplecache::s3://ada:***@host/x"


def test_a_page_says_what_is_wrong_with_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_STORAGE", "nonsense://x")
    with pytest.raises(StorageError, match="TINYLM_STORAGE is not an address"):
        Service(tmp_path)
