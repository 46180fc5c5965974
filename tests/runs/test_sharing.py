"""What the homes of several machines share, and a place that cannot be used."""

from __future__ import annotations

import math
import os
import shutil
import sys
import time
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tests.machines import TEXT, homes
from tests.runs_fakes import tiny
from tinylm import sharing, storage
from tinylm.corpora.sources.large import keep_large, large_text
from tinylm.corpora.sources.uploads import delete_upload, list_uploads, save_upload
from tinylm.errors import NotFound, StorageError
from tinylm.export.kept import file_name, keep
from tinylm.home import database_url, exports_dir, run_dir
from tinylm.runs.cleaning import forget_gone, purge
from tinylm.runs.forgetting import forget
from tinylm.runs.service import Service
from tinylm.runs.store import Store

# What is deleted


def test_a_run_that_is_deleted_on_one_machine_goes_from_all(tmp_path: Path, place: Path) -> None:
    """Before, its checkpoints and words of its text stayed on each machine that had trained it."""
    one, two = homes(tmp_path, 2)
    store = Store(database_url(tmp_path))
    gone, stays = store.create_run(tiny()), store.create_run(tiny())
    for home in (one, two):
        for run in (gone, stays):
            run_dir(home, run).mkdir(parents=True)
            (run_dir(home, run) / "tokenizer.json").write_text("words")
            storage.take_file(run_dir(home, run) / "tokenizer.json")
    store.wish(gone, "stop")
    assert store.delete_run(gone)
    purge(one, store, gone)
    forget_gone(two, store)
    for home in (one, two):
        assert not run_dir(home, gone).exists() and run_dir(home, stays).exists()
    assert not [path for path in place.rglob("*") if gone in path.name]
    run_dir(two, gone).mkdir()  # a worker was still about to write
    forget_gone(two, store, since=time.time() - 60)
    assert not run_dir(two, gone).exists()
    store.close()


def test_a_learners_files_go_from_all_machines_and_those_after_a_return_stay(
    tmp_path: Path, place: Path
) -> None:
    one, two = homes(tmp_path, 2)
    service, run = Service(one), "of-the-class"
    texts = []
    for home, name in ((one, "a"), (two, "b")):  # "b" lies in the shared place as well
        texts.append(
            exports_dir(home, run) / file_name(f"{name}-report", "ada", "12345678", ".html")
        )
        keep(texts[-1], b"What Ada predicted")
    other = exports_dir(two, run) / file_name("a-report", "ben", "12345678", ".html")
    keep(other, b"What Ben predicted")
    service.store.meet("ada")
    forget(service, "ada")
    assert "Ada" not in [path.read_text()[5:8] for path in place.rglob("*.html@*")]
    later = exports_dir(two, run) / file_name("c-report", "ada", "12345678", ".html")
    keep(later, b"What Ada predicted later")
    os.utime(later, (time.time() + 900, time.time() + 900))
    forget_gone(two, service.store)
    assert [path.exists() for path in (*texts, other, later)] == [False, False, True, True]
    service.close()


def test_with_a_text_that_others_deleted_go_the_vocabularies(tmp_path: Path, place: Path) -> None:
    one, two = homes(tmp_path, 2)
    mine = save_upload(TEXT.encode(), "Mine", one).name
    for home in (one, two):
        sharing.compare(home)
    kept = two / "cache" / "tokenizer-1.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    sharing.compare(two)
    assert kept.exists()
    delete_upload(mine, one)
    for home in (one, two):
        sharing.compare(home)
    assert not list_uploads(two) and not kept.exists()


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


@pytest.mark.parametrize("left", ["an empty folder", "no folder", "another place"])
def test_a_drive_that_is_taken_away_deletes_nothing(tmp_path: Path, place: Path, left: str) -> None:
    one, two = homes(tmp_path, 2)
    save_upload(TEXT.encode(), "Mine", one)
    sharing.compare(one)
    drive = place.rename(tmp_path / "drive")
    if left == "another place":
        storage.Storage(str(place))
    elif left == "an empty folder":
        place.mkdir()
    for home in (one, two):
        with pytest.raises(StorageError, match="connect its drive"):
            sharing.compare(home)
    assert len(list_uploads(one)) == 1
    if place.exists():
        shutil.rmtree(place)
    drive.rename(place)
    for home in (one, two):
        sharing.compare(home)
        assert len(list_uploads(home)) == 1


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


def test_two_machines_that_begin_a_place_at_once_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that looked before the other wrote writes as well, and its mark stands in the end."""
    exists, late = MemoryFileSystem.exists, []

    def as_one_other_begins_it(fs: MemoryFileSystem, path: str, **rest: object) -> bool:
        if path.endswith(storage.MARK) and not late:
            late.append(None)
            late[0] = storage.Storage("memory://tinylm/both")
            return False  # looked before
        return bool(exists(fs, path, **rest))

    with monkeypatch.context() as patched:
        patched.setattr(MemoryFileSystem, "exists", as_one_other_begins_it)
        patched.setattr(storage.Storage, "_listed", lambda self, path: [])
        ours = storage.Storage("memory://tinylm/both")
    theirs = late[0]
    assert ours.id != theirs.id
    theirs.check()
    ours.check()
    assert ours.id == theirs.id
    ours.fs.pipe_file(ours._at(storage.MARK), b'{"version": 1, "id": "another"}')
    with pytest.raises(StorageError, match="another one now"):
        theirs.check()


def test_a_folder_that_cannot_be_read_is_not_taken_for_a_deletion(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home,) = homes(tmp_path, 1)
    save_upload(TEXT.encode(), "Mine", home)
    sharing.compare(home)
    scandir = os.scandir

    def refuse(path: object = ".") -> object:
        if str(path) == str(home / "uploads"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)  # type: ignore[call-overload]

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        with pytest.raises(StorageError, match=r"Permission denied.*check the permissions"):
            sharing.compare(home)
    assert len(list((place / "uploads").iterdir())) == 2
    sharing.compare(home)
    assert len(list_uploads(home)) == 1


def test_what_a_machine_left_half_written_goes_after_a_day(tmp_path: Path, place: Path) -> None:
    shared = storage.Storage(str(place))
    (tmp_path / "a").write_text("x", encoding="utf-8")
    shared.take(tmp_path / "a", "runs/one/tokenizer.json")
    folder = place / "runs" / "one"
    dead, busy = folder / ".part-dead%3A1%3A1-a", folder / ".part-busy%3A1%3A1-b"
    for part in (dead, busy):
        part.touch()
    now = time.time()
    os.utime(dead, (now - 25 * 3600, now - 25 * 3600))
    os.utime(busy, (now - 3600, now - 3600))
    shared.sweep()
    assert not dead.exists() and busy.exists() and len(list(folder.iterdir())) == 2
    assert not list(place.glob(".part-*"))
    storage.Storage("memory://tinylm/swept").sweep()


def test_a_list_is_asked_for_as_every_kind_of_place_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of fsspec's SFTP takes no further argument."""
    whole = MemoryFileSystem.ls
    monkeypatch.setattr(
        MemoryFileSystem, "ls", lambda self, path, detail=True: whole(self, path, detail)
    )
    file = tmp_path / "a.txt"
    shared = storage.Storage("memory://tinylm/strict")
    for text in ("one", "two"):
        file.write_text(text)
        digest = shared.take(file, "uploads/a.txt")
    assert shared.versions("uploads") == {"uploads/a.txt": digest}
    shared.remove("uploads/a.txt")
    assert shared.versions("uploads") == {}


def test_a_text_that_is_read_in_parts_stays_where_it_lies(tmp_path: Path, place: Path) -> None:
    one, two = homes(tmp_path, 2)
    file = tmp_path / "long.txt"
    file.write_text(TEXT, encoding="utf-8")
    name = keep_large(file, one, lambda read: None).name
    sharing.compare(one)
    sharing.compare(two)
    with pytest.raises(NotFound, match="give its file to train --corpus"):
        large_text(name, two)
    assert keep_large(file, two, lambda read: None).name == name  # now a run on it can go on there
    assert large_text(name, two) is not None


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


@pytest.mark.parametrize(
    ("address", "package"), [("s3://bucket/folder", "s3fs"), ("sftp://host/folder", "paramiko")]
)
def test_without_the_package_of_a_place_a_sentence_names_it(
    address: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    said = refused(monkeypatch, address)
    assert said.startswith("For the place in TINYLM_STORAGE a package is missing (")
    assert package in said and said.endswith("): install it with pip, or name another place.")


def test_those_who_wait_for_a_place_that_does_not_answer_hear_it_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They wait for each other, and each try may take as long as the connection allows."""
    tries = []

    def no_answer(address: str) -> storage.Storage:
        tries.append(address)
        raise StorageError("It does not answer.")

    monkeypatch.setenv("TINYLM_STORAGE", "sftp://away/folder")
    monkeypatch.setattr(storage, "_opened", no_answer)
    for slow, expected in ((math.inf, 2), (-1.0, 3)):  # a quick refusal, and one that took long
        monkeypatch.setattr(storage, "SLOW", slow)
        for _ in range(2):
            with pytest.raises(StorageError, match="does not answer"):
                storage.shared()
        assert len(tries) == expected


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
