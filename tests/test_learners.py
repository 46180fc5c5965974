"""Learners: a code that can be written down, and a name from which it cannot be found."""

from __future__ import annotations

import pytest

from tinylm.errors import BadRequest
from tinylm.learners import is_alone, name_of, new_code, read_code, shown_code


def test_a_code_is_read_as_it_was_written_down() -> None:
    code = new_code()
    written = shown_code(code)
    assert len(written) == 19 and written.count("-") == 3
    assert read_code(f" {written.upper()} ") == read_code(code) == code
    assert new_code() != code


@pytest.mark.parametrize(
    "typed", ["", "k7qf-2m9x", "k7qf-2m9x-tb4c-h3n0", "../../../../etcpa", "ä" * 16]
)
def test_what_is_no_code_has_no_name(typed: str) -> None:
    assert read_code(typed) == ""
    assert name_of(typed) == ""


def test_the_name_is_not_the_code() -> None:
    code, older = new_code(), "0123456789abcdef01234567"
    assert code not in name_of(code)
    assert len(name_of(code)) == len(name_of(older)) == 24
    assert name_of(older) != older
    assert name_of(code) == name_of(code) != name_of(older)


@pytest.mark.parametrize(
    ("address", "chosen", "alone"),
    [
        ("localhost", "", True),
        ("127.0.0.1", "", True),
        ("::1", "", True),
        ("", "", False),
        ("0.0.0.0", "", False),
        ("192.168.1.4", "", False),
        ("localhost", "many", False),
        ("0.0.0.0", " ONE ", True),
    ],
)
def test_who_has_a_server_that_only_its_computer_reaches(
    monkeypatch: pytest.MonkeyPatch, address: str, chosen: str, alone: bool
) -> None:
    monkeypatch.setenv("TINYLM_LEARNERS", chosen)
    assert is_alone(address) is alone


def test_another_number_of_learners_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYLM_LEARNERS", "thirty")
    with pytest.raises(BadRequest, match="one or many"):
        is_alone("")
