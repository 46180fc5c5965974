"""Who is a teacher: the right code, the wrong one, too many of them, and another code later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runs_fakes import FakeClock
from tinylm.errors import BadRequest
from tinylm.home import database_url
from tinylm.runs.store import Store
from tinylm.runs.teachers import KEPT, NOTE, TRIES, TRIES_OF_ALL, WITHIN, Teachers, Tries

CODE = "seven plums"


@pytest.fixture(autouse=True)
def _the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYLM_TEACHER_CODE", CODE)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(database_url(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def teachers(store: Store, clock: FakeClock) -> Teachers:
    return Teachers(store, Tries(clock), clock)


def test_the_right_code_makes_a_teacher_until_she_signs_out(
    teachers: Teachers, store: Store
) -> None:
    assert not teachers.knows("ada")
    teachers.sign_in("ada", f" {CODE}\n")
    assert teachers.knows("ada") and not teachers.knows("ben")
    assert Teachers(store).knows("ada")  # after a restart of the server
    assert teachers.names() == ["ada"]
    teachers.sign_out("ada")
    assert not teachers.knows("ada")


def test_two_who_sign_in_at_the_same_moment_are_both_teachers(
    teachers: Teachers, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = teachers, Teachers(store)  # as two servers have them
    change = store.change_note

    def later(key: str, made: Callable[[object], object]) -> object:
        monkeypatch.setattr(store, "change_note", change)
        ben.sign_in("ben", CODE)
        return change(key, made)

    monkeypatch.setattr(store, "change_note", later)
    ada.sign_in("ada", CODE)
    assert sorted(Teachers(store).names()) == ["ada", "ben"]


def test_the_store_never_has_the_code(teachers: Teachers, store: Store) -> None:
    teachers.sign_in("ada", CODE)
    teachers.sign_in("ben", CODE)
    kept = store.note(NOTE)
    assert isinstance(kept, dict) and len(set(kept.values())) == 2
    assert CODE not in str(kept)


def test_another_code_signs_everybody_out(
    teachers: Teachers, monkeypatch: pytest.MonkeyPatch
) -> None:
    teachers.sign_in("ada", CODE)
    monkeypatch.setenv("TINYLM_TEACHER_CODE", "eight plums")
    assert not teachers.knows("ada")
    monkeypatch.delenv("TINYLM_TEACHER_CODE")
    assert not teachers.knows("ada")


@pytest.mark.parametrize("typed", ["", CODE.upper(), CODE[:-1], "Ünïcödé"])
def test_a_wrong_code_is_refused(teachers: Teachers, typed: str) -> None:
    with pytest.raises(BadRequest, match="not the teacher's code"):
        teachers.sign_in("ada", typed)
    assert not teachers.knows("ada")


def test_an_empty_code_lets_nobody_in(teachers: Teachers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYLM_TEACHER_CODE", "")
    with pytest.raises(BadRequest):
        teachers.sign_in("ada", "")


def test_a_short_code_is_refused_in_words(
    teachers: Teachers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_TEACHER_CODE", "short")
    with pytest.raises(BadRequest, match="at least 8 characters"):
        teachers.sign_in("ada", "short")
    assert not teachers.knows("ada")


def test_who_keeps_no_cookie_is_told_so(teachers: Teachers) -> None:
    with pytest.raises(BadRequest, match="cookies"):
        teachers.sign_in("", CODE)


def test_tries_of_one_learner_are_limited_for_a_while(teachers: Teachers, clock: FakeClock) -> None:
    for _ in range(TRIES):
        with pytest.raises(BadRequest, match="not the teacher's"):
            teachers.sign_in("ada", "guess")
    with pytest.raises(BadRequest, match="wait a minute"):
        teachers.sign_in("ada", CODE)
    teachers.sign_in("ben", CODE)
    clock.now += WITHIN + 1
    teachers.sign_in("ada", CODE)


def test_new_names_buy_no_more_tries(teachers: Teachers) -> None:
    for number in range(TRIES_OF_ALL):
        with pytest.raises(BadRequest, match="not the teacher's"):
            teachers.sign_in(f"name-{number}", "guess")
    with pytest.raises(BadRequest, match="wait a minute"):
        teachers.sign_in("another", CODE)


def test_a_look_at_the_store_counts_for_a_while(
    teachers: Teachers, store: Store, clock: FakeClock
) -> None:
    teachers.sign_in("ada", CODE)
    assert teachers.knows("ada")
    store.set_note(NOTE, None)  # by another server
    assert teachers.knows("ada")
    clock.now += KEPT + 1
    assert not teachers.knows("ada")


@pytest.mark.parametrize("damaged", [3, "x", ["ada"], {"ada": 3}])
def test_a_damaged_note_makes_nobody_a_teacher(
    teachers: Teachers, store: Store, damaged: object
) -> None:
    store.set_note(NOTE, damaged)
    assert not teachers.knows("ada")
    teachers.sign_in("ada", CODE)
    assert teachers.knows("ada")
