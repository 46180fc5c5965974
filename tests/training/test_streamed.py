"""A text of any size: cut, kept as tokens, and read from the disk as one in memory would be."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import tiny
from tests.machines import homes
from tinylm.cli.corpora import corpus_name
from tinylm.corpora import info, load, preview, streaming
from tinylm.corpora.registry import corpora_of
from tinylm.corpora.sources import large
from tinylm.corpora.streaming import held_out, read_once, training_blocks
from tinylm.errors import BadRequest, Cancelled, NotFound, StorageError
from tinylm.events import Event, StepDone
from tinylm.home import database_url
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.text import shards
from tinylm.text.batches import DocumentBatches
from tinylm.text.shards import open_shards, write_shards
from tinylm.training import streamed
from tinylm.training.background import Report
from tinylm.training.streamed import token_documents

IDS = st.lists(st.lists(st.integers(1, 300), max_size=40), min_size=1, max_size=40).filter(
    lambda documents: sum(map(len, documents)) > 20
)


def text_of(count: int) -> str:
    return "\n\n".join(f"Number {i} is told here: {i * i} is its square." for i in range(count))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in little: a text of some kilobytes is large."""
    monkeypatch.setattr(large, "MAX_BYTES", 10_000)
    monkeypatch.setattr(streaming, "PART", 4_000)
    monkeypatch.setattr(streaming, "SEARCHED", 200)
    monkeypatch.setattr(shards, "SHARD_TOKENS", 3_000)
    monkeypatch.setattr(write_shards, "__defaults__", (3_000,))


@pytest.fixture
def file(tmp_path: Path, small: None) -> Path:
    path = tmp_path / "numbers.txt"
    path.write_text(text_of(2_000))
    return path


def in_blocks(documents: Sequence[Sequence[int]], each: int) -> Iterator[tuple[int, list[str]]]:
    """Blocks whose place is the number of documents by then; a document is written as numbers."""
    for start in range(0, len(documents), each):
        part = documents[start : start + each]
        yield start + len(part), [" ".join(map(str, one)) for one in part]


def numbers(texts: Sequence[str]) -> list[list[int]]:
    return [[int(one) for one in text.split()] for text in texts]


def written(folder: Path, documents: Sequence[Sequence[int]]) -> None:
    def blocks(place: int) -> Iterator[tuple[int, list[str]]]:
        return ((place + end, texts) for end, texts in in_blocks(documents[place:], 3))

    write_shards(folder, blocks, numbers, lambda place: None, shard_tokens=25)


@given(IDS, st.integers(0, 12))
@settings(max_examples=25, deadline=None)
def test_batches_from_the_disk_are_those_from_memory(
    tmp_path_factory: pytest.TempPathFactory, documents: list[list[int]], step: int
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    written(folder, documents)
    found = open_shards(folder)
    assert found is not None and [one.tolist() for one in found] == documents
    assert found.num_tokens == sum(map(len, documents))
    batches = [DocumentBatches(of, 2, 8, 0, seed=3).batch(step) for of in (documents, found)]
    assert torch.equal(batches[0][0], batches[1][0]) and torch.equal(batches[0][1], batches[1][1])
    some = open_shards(folder, count=2)
    assert some is not None and [one.tolist() for one in some] == documents[:2]
    assert some.num_tokens == sum(map(len, documents[:2]))


def test_nothing_of_a_text_is_lost_and_nothing_held_out_is_read(file: Path) -> None:
    read = [text for block in training_blocks(file) for text in block.texts]
    kept = read_once(file, lambda place: None).held_out
    assert sorted("\n\n".join([*read, *kept]).split("\n\n")) == sorted(text_of(2_000).split("\n\n"))
    assert not set(read) & set(kept)
    share = sum(map(len, kept)) / len(text_of(2_000))
    assert 0.05 < share < 0.2 and len(held_out(file)) == 10


@pytest.mark.parametrize("ends", ["\r\n\r\n", "\n", " "])
def test_a_text_is_cut_wherever_it_can_be(tmp_path: Path, small: None, ends: str) -> None:
    path = tmp_path / "text.txt"
    text = ends.join(f"Größe{i:05}" for i in range(4_000))
    path.write_bytes(text.encode())
    kept = read_once(path, lambda place: None).held_out
    read = [one for block in training_blocks(path) for one in block.texts]
    assert sorted(" ".join([*read, *kept]).split()) == sorted(text.split())


def test_a_killed_writer_goes_on_behind_its_last_whole_shard(file: Path, tmp_path: Path) -> None:
    name = corpus_name(str(file), tmp_path)
    text = large.large_text(name, tmp_path)
    assert text is not None
    tokenizer, told = tiny.tokenizer(), Report()
    whole = [one.tolist() for one in token_documents(text, tokenizer, 0, told)]
    (folder,) = text.folder.iterdir()
    assert len(list(folder.glob("*.json"))) > 3
    (folder / "0002.json").unlink()  # as if killed while it wrote the third
    tokens = folder / "0001.tokens.npy"
    tokens.write_bytes(tokens.read_bytes()[:-2] + b"\7\7")  # and the second was damaged since
    first = (folder / "0000.json").stat().st_mtime_ns
    assert open_shards(folder) is None
    assert [one.tolist() for one in token_documents(text, tokenizer, 0, told)] == whole
    assert (folder / "0000.json").stat().st_mtime_ns == first


def test_a_run_reads_a_large_text_and_goes_on_without_its_file(file: Path, tmp_path: Path) -> None:
    name = corpus_name(str(file), tmp_path)
    service = Service(tmp_path)
    config = preset_config("tiny", corpus=name, documents=0, steps=6)
    steps: list[int] = []

    def note(event: Event) -> None:
        if isinstance(event, StepDone):
            steps.append(event.step)

    row = service.run_here(config, on_event=note, interrupted=lambda: len(steps) > 2)
    assert row.status == "interrupted", row.error
    started = service.told(row.id).started
    assert started is not None and started.train_tokens > 10_000
    file.unlink()
    assert service.resume_here(row.id, on_event=note).status == "done"
    assert steps == [1, 2, 3, 4, 5, 6]
    other = service.run_here(config)
    assert other.status == "failed" and "bring it back to where it was" in other.error


def test_another_machine_goes_on_with_a_run_without_the_text(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_STORAGE", f"file://{tmp_path / 'place'}")
    one, two = homes(tmp_path, 2)
    name = corpus_name(str(file), one)
    here, there = Service(one), Service(two, url=database_url(one))
    config = preset_config(
        "tiny", corpus=name, documents=0, steps=6, checkpoint_interval=2, threads=1
    )
    whole = here.run_here(config)
    assert whole.status == "done", whole.error
    steps: list[int] = []

    def note(event: Event) -> None:
        if isinstance(event, StepDone):
            steps.append(event.step)

    begun = here.run_here(config, on_event=note, interrupted=lambda: len(steps) > 2)
    assert begun.status == "interrupted"
    file.unlink()
    shutil.rmtree(one / "large")  # that machine is gone
    resumed = there.resume_here(begun.id, on_event=note)
    assert resumed.status == "done", resumed.error
    curves = [[(p.step, p.loss) for p in there.curve(id, 6)] for id in (whole.id, begun.id)]
    assert curves[0] == curves[1] and len(curves[0]) == 6
    assert len(list((two / "large" / name).rglob("*.json"))) > 3
    large.CORPORA.delete(name, two)
    assert not [path for path in (tmp_path / "place" / "large").rglob("*") if path.is_file()]


def test_a_large_text_is_a_corpus_like_others(file: Path, tmp_path: Path) -> None:
    name = corpus_name(str(file), tmp_path)
    assert corpus_name("numbers.txt", tmp_path) == name  # by its title
    assert name in corpora_of(tmp_path) and "read in parts" in info(name, tmp_path).description
    corpus = load(name, 5, tmp_path)
    assert len(corpus.train) == 5 and corpus.val
    assert preview(name, "train", 3, 2, home=tmp_path) == list(load(name, 0, tmp_path).train[3:5])
    large.CORPORA.delete(name, tmp_path)
    with pytest.raises(NotFound, match="give its file to train"):
        info(name, tmp_path)
    assert file.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x\0" * 10_000, "looks like a binary file"),
        ("größer ".encode("latin-1") * 3_000, r"not UTF-8 text: byte 2 \(hexadecimal F6\)"),
        (b"The same.\n\n" * 2_000, "says the same again and again"),
    ],
)
def test_what_is_no_text_is_refused(
    tmp_path: Path, small: None, content: bytes, message: str
) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with pytest.raises(BadRequest, match=message):
        corpus_name(str(path), tmp_path)
    assert not (tmp_path / "large").exists()


def test_a_large_table_is_refused(file: Path, tmp_path: Path) -> None:
    table = file.rename(tmp_path / "table.csv")
    with pytest.raises(BadRequest, match=r"only plain text.*ending \.txt"):
        corpus_name(str(table), tmp_path)
    with pytest.raises(BadRequest, match="--column is for files with a table"):
        corpus_name(str(table), tmp_path, "text")


def test_a_file_that_changed_or_a_full_disk_is_told_in_a_sentence(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = corpus_name(str(file), tmp_path)
    text = large.large_text(name, tmp_path)
    assert text is not None
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_000))
        with pytest.raises(StorageError, match=r"need about 0\.\d GB, and 0\.0 GB are free"):
            token_documents(text, tiny.tokenizer(), 0, Report())
    with monkeypatch.context() as patch:

        def full(path: Path, data: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(shards, "write_whole", full)
        with pytest.raises(StorageError, match=r"No space left on device.*then resume"):
            token_documents(text, tiny.tokenizer(), 0, Report())
    report = Report()
    report.given_up = True
    with pytest.raises(Cancelled):
        streamed.token_documents(text, tiny.tokenizer(), 0, report)
    file.write_text(text_of(2_001))
    with pytest.raises(StorageError, match="has changed since it was read first"):
        token_documents(text, tiny.tokenizer(), 0, Report())


def test_ids_take_two_bytes_on_the_disk(tmp_path: Path) -> None:
    written(tmp_path, [[1, 2, 300], [7]])
    ids = np.load(tmp_path / "0000.tokens.npy", allow_pickle=False)
    assert ids.dtype == np.uint16 and ids.tolist() == [1, 2, 300, 7]
