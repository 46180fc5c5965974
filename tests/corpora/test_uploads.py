"""A person's own text: what is refused, in which words, and that it is kept whole."""

from __future__ import annotations

import errno
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm.corpora import info, load, preview
from tinylm.corpora.sources import uploads
from tinylm.corpora.sources.uploads import (
    MAX_BYTES,
    MIN_CHARACTERS,
    check_text,
    delete_upload,
    list_uploads,
    save_upload,
)
from tinylm.corpora.splitting import DOCUMENT_CHARACTERS, group_paragraphs, split_text
from tinylm.errors import BadRequest, NotFound, StorageError

PARAGRAPHS = "\n\n".join(f"Paragraph {i} is about the number {i * i}. " * 4 for i in range(60))
TEXT = PARAGRAPHS.encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty: at least 2,000 characters are needed"),
        (b" \n\t" * 5_000, "nothing to learn here, because it has spaces"),
        ("\u3000\u2003".encode() * 5_000, "spaces and line ends only"),
        (b"x" * 20_000, "nothing to learn here, because this text says the same again"),
        (b"The same sentence again and again. " * 2_000, "again and again"),
        (b"A line.\nAnd another line.\n" * 2_000, "2 different lines|3 different lines"),
        (b"ab" * 5_000_000, "again and again"),
        (b"x" * 312, "has 312 characters; at least 2,000 are needed"),
        (b"a" + b"\n" * 5_000 + b"b", "has 3 characters"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "looks like a binary file"),
        ("Motörhead ".encode("latin-1") * 300, r"byte 3 \(hexadecimal F6\)"),
        (b"x" * 3_000 + b"\xe2\x82", "byte 3,000"),
        ("a surrogate \ud800 here ".encode("utf-8", "surrogatepass") * 200, "UTF-8"),
        (TEXT.decode().encode("utf-16"), "binary|UTF-8"),
        (b"x" * (MAX_BYTES + 1), "at most 20 MB"),
    ],
)
def test_refused_with_a_reason(data: bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        check_text(data)


def test_line_ends_and_byte_order_mark_are_made_plain() -> None:
    text = "one\r\ntwo\rthree\n" * 200
    read = check_text(b"\xef\xbb\xbf" + text.encode(), least=0)
    assert read == "one\ntwo\nthree\n" * 200


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(str, range(600))),
        "\n\n".join(f"Line {n} says something of its own." for n in range(60)),
        "".join(random.Random(0).choices("ACGT", k=2_000)),
        "".join(random.Random(0).choices("01", k=2_000)),
        ("A refrain that comes again.\n" * 3).join(PARAGRAPHS.split("\n\n")),
    ],
    ids=["numbers", "lines", "DNA", "coin", "refrain"],
)
def test_honest_small_texts_are_taken(text: str) -> None:
    assert check_text(text.encode())


@given(st.binary(max_size=400), st.integers(0, 3))
def test_any_bytes_give_text_or_a_sentence(data: bytes, shape: int) -> None:
    data = (data, data * 20, TEXT + data, data + TEXT)[shape]
    try:
        text = check_text(data)
    except BadRequest as error:
        assert str(error).endswith(".")
        return
    assert "\0" not in text and "\r" not in text
    assert len(text.split()) >= 1 and len(text) >= MIN_CHARACTERS
    train, val = split_text(text)
    assert train and val


@given(st.text(alphabet="ab \n", min_size=1, max_size=6_000))
def test_cutting_loses_nothing_but_white_space(text: str) -> None:
    pieces = group_paragraphs(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece.strip() and len(piece) <= DOCUMENT_CHARACTERS for piece in pieces)


@pytest.mark.parametrize(
    "text",
    [PARAGRAPHS, "word " * 2_000, "x" * 20_000, "line of text\n" * 900],
    ids=["paragraphs", "one line", "one word", "lines"],
)
def test_last_tenth_is_for_validation(text: str) -> None:
    train, val = split_text(text)
    sizes = [sum(len(d.text) for d in part) for part in (train, val)]
    assert 0 < sizes[1] <= max(0.11 * sum(sizes), DOCUMENT_CHARACTERS)
    assert train[0].text.startswith(text[:50].strip())


def test_repeated_paragraphs_do_not_stand_in_both_splits() -> None:
    text = "\n\n".join(f"{'same words again. ' * 80}" for _ in range(20)) + "\n\n" + "new " * 300
    train, val = split_text(text)
    assert not {d.text for d in train} & {d.text for d in val}


def test_kept_listed_loaded_deleted(tmp_path: Path) -> None:
    saved = save_upload(TEXT, "  My\nbook\x07 ", tmp_path)
    assert saved.title == "My book"
    assert list_uploads(tmp_path) == [saved]
    assert info(saved.name, tmp_path) == saved
    corpus = load(saved.name, home=tmp_path)
    assert corpus.train[0].text.startswith("Paragraph 0")
    assert preview(saved.name, "val", 0, 1, home=tmp_path) == list(corpus.val[:1])
    assert len(load(saved.name, 2, home=tmp_path).train) == 2
    assert save_upload(b"\xef\xbb\xbf" + TEXT, "Other title", tmp_path).name == saved.name
    assert [one.title for one in list_uploads(tmp_path)] == ["Other title"]
    delete_upload(saved.name, tmp_path)
    assert list_uploads(tmp_path) == []
    assert list((tmp_path / "uploads").iterdir()) == []
    for gone in (load, info):
        with pytest.raises(NotFound, match="upload it again"):
            gone(saved.name, home=tmp_path)
    with pytest.raises(NotFound):
        delete_upload(saved.name, tmp_path)


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    for name in (
        "../secret",
        "upload-../../secret",
        "upload-0123456789AB",
        "upload-0123456789ab\n",
    ):
        with pytest.raises(NotFound):
            delete_upload(name, tmp_path)
    assert (tmp_path / "secret.json").exists()


def test_damage_is_noticed(tmp_path: Path) -> None:
    name = save_upload(TEXT, "", tmp_path).name
    folder = tmp_path / "uploads"
    text = folder / f"{name}.txt"
    text.write_bytes(TEXT[:-1])
    with pytest.raises(StorageError, match="damaged"):
        load(name, home=tmp_path)
    text.unlink()
    with pytest.raises(NotFound):
        load(name, home=tmp_path)
    for broken in ("{", "[]", json.dumps({"version": 99, "name": name})):
        (folder / f"{name}.json").write_text(broken, encoding="utf-8")
        with pytest.raises(StorageError, match="damaged"):
            info(name, tmp_path)
        assert list_uploads(tmp_path) == []


def test_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"no space left.*free space"):
        save_upload(TEXT, "", tmp_path)
    assert list((tmp_path / "uploads").iterdir()) == []
    assert list_uploads(tmp_path) == []


def test_half_kept_text_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = uploads.write_whole

    def fails_at_json(path: Path, data: bytes) -> None:
        if path.suffix == ".json":
            raise PermissionError(errno.EACCES, "Permission denied")
        real(path, data)

    monkeypatch.setattr(uploads, "write_whole", fails_at_json)
    with pytest.raises(StorageError, match="Permission denied"):
        save_upload(TEXT, "", tmp_path)
    assert list_uploads(tmp_path) == []
