"""How a text is cut into what a model reads and what is held out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm.corpora import load, splitting
from tinylm.corpora.sources.uploads import save_upload
from tinylm.corpora.splitting import (
    DOCUMENT_CHARACTERS,
    held_out_characters,
    hold_out_places,
    split_text,
)
from tinylm.errors import BadRequest

CHAPTERS = "\n\n".join(
    f"Chapter {n} tells of day {n}. It rained {n * 7} drops. Then came {n} birds. The end of {n}."
    for n in range(1, 400)
)
SHORT = CHAPTERS[:2_400]
ONE_LINE = " ".join(f"word{n}" for n in range(2_000))
CHINESE = "".join(f"\u7b2c{n}\u5929\u4e0b\u96e8\u3002" for n in range(1_000))


def plain(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("text", [CHAPTERS, SHORT, ONE_LINE, CHINESE])
def test_the_share_is_held_out_from_several_places(text: str) -> None:
    train, val = hold_out_places(text)
    size = sum(len(one.text) for one in val)
    assert held_out_characters(len(text)) * 0.5 <= size <= held_out_characters(len(text)) * 1.6
    places = [text.index(one.text[:40]) / len(text) for one in val]
    assert len(val) >= 3 and min(places) < 0.35 and max(places) > 0.65
    assert max(len(one.text) for one in train + val) <= DOCUMENT_CHARACTERS


@pytest.mark.parametrize(
    ("characters", "held_out"),
    [(2_000, 400), (5_000, 1_000), (20_000, 2_000), (200_000, 20_000), (20_000_000, 400_000)],
)
def test_a_short_text_holds_out_more_and_a_long_one_no_more_than_is_measured(
    characters: int, held_out: int
) -> None:
    assert held_out_characters(characters) == held_out


def test_cuts_are_at_the_ends_of_passages() -> None:
    _, val = hold_out_places(CHAPTERS)
    assert all(one.text.startswith("Chapter") and one.text.endswith(".") for one in val)
    _, val = hold_out_places(CHINESE)
    assert all(one.text.endswith("\u3002") for one in val)


def test_no_passage_is_in_both_parts() -> None:
    again = "\n\n".join(f"Verse {n} is about {n}.\n\nThe refrain is sung." for n in range(300))
    train, val = hold_out_places(again)
    assert not {p for one in val for p in one.text.split("\n\n")} & {
        p for one in train for p in one.text.split("\n\n")
    }
    assert "refrain" not in "".join(one.text for one in val)


class Counted(str):
    """A text that counts the characters of what is cut out of it."""

    touched = 0

    def _count(self, part: str) -> Counted:
        Counted.touched += len(part)
        return Counted(part)

    def __getitem__(self, place: SupportsIndex | slice) -> Counted:
        return self._count(super().__getitem__(place))

    def strip(self, characters: str | None = None) -> Counted:
        return self._count(super().strip(characters))

    def lstrip(self, characters: str | None = None) -> Counted:
        return self._count(super().lstrip(characters))

    def rstrip(self, characters: str | None = None) -> Counted:
        return self._count(super().rstrip(characters))


def test_a_text_without_blank_lines_is_walked_through_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before, each piece copied all the rest: 20 million characters took 16 seconds."""
    text = ONE_LINE * 10
    split = SimpleNamespace(split=lambda pattern, whole: [Counted(whole)])
    monkeypatch.setattr(splitting, "re", split)
    monkeypatch.setattr(Counted, "touched", 0)
    hold_out_places(text)
    assert len(text) < Counted.touched < 6 * len(text)


@given(st.text(alphabet="ab .\n", min_size=1, max_size=4_000))
def test_nothing_is_invented(text: str) -> None:
    try:
        train, val = hold_out_places(text)
    except BadRequest:
        return
    assert train and val
    assert all(plain(one.text) in plain(text) for one in train + val)


@given(st.lists(st.integers(0, 60), min_size=30, max_size=300))
def test_nothing_is_lost_but_copies(numbers: list[int]) -> None:
    passages = {f"The number {n} stands here." for n in numbers}
    try:
        parts = hold_out_places("\n\n".join(f"The number {n} stands here." for n in numbers))
    except BadRequest:
        assert len(passages) == 1
        return
    read, held_out = ({p for one in part for p in one.text.split("\n\n")} for part in parts)
    assert read | held_out == passages
    assert not read & held_out


@given(st.lists(st.integers(0, 10**9), min_size=30, max_size=300, unique=True))
def test_every_passage_is_in_one_part(numbers: list[int]) -> None:
    text = "\n\n".join(f"The number {n:,} stands here." for n in numbers)
    train, val = hold_out_places(text)
    found = sum(len(plain(one.text)) for one in train + val)
    assert found == len(plain(text))


def test_a_text_kept_by_an_earlier_tinylm_keeps_its_split(tmp_path: Path) -> None:
    data, folder = CHAPTERS.encode(), tmp_path / "uploads"
    folder.mkdir()
    digest = hashlib.sha256(data).hexdigest()
    old = f"upload-{digest[:12]}"
    (folder / f"{old}.txt").write_bytes(data)
    kept = {"version": 1, "name": old, "title": "Old", "characters": len(CHAPTERS)}
    (folder / f"{old}.json").write_text(json.dumps(kept | {"sha256": digest}))
    new = save_upload(data, "New", tmp_path)
    assert new.name != old
    corpus = load(old, home=tmp_path)
    assert (corpus.train, corpus.val) == split_text(CHAPTERS)
    corpus = load(new.name, home=tmp_path)
    assert (corpus.train, corpus.val) == hold_out_places(CHAPTERS)
