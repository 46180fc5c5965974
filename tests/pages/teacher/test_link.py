"""The address of a class: the one that others reach, never the one that only this computer has."""

from __future__ import annotations

import pytest

from pages.teacher.addresses import class_addresses, in_order, qr_picture

HERE = ["192.168.1.20", "10.8.0.3"]
ALL = "0.0.0.0"


@pytest.mark.parametrize(
    ("seen", "named", "listens", "found"),
    [
        (
            "http://school.example:8501/teacher?x=1",
            "localhost",
            ALL,
            ["http://school.example:8501/"],
        ),
        ("https://class.example/teacher", "localhost", ALL, ["https://class.example/"]),
        (
            "http://localhost:8501/teacher",
            "localhost",
            ALL,
            ["http://192.168.1.20:8501/", "http://10.8.0.3:8501/"],
        ),
        ("http://localhost:8501/teacher", "pc7.school", ALL, ["http://pc7.school:8501/"]),
        ("http://localhost:8501/teacher", "localhost", "localhost", []),
        ("http://127.0.0.1:8501/teacher", "localhost", "127.0.0.1", []),
        ("", "", ALL, ["http://192.168.1.20:8501/", "http://10.8.0.3:8501/"]),
    ],
)
def test_the_address_that_a_class_reaches(
    seen: str, named: str, listens: str, found: list[str]
) -> None:
    assert class_addresses(seen, named, 8501, listens, HERE) == found


def test_addresses_of_a_private_network_come_first_and_loops_never() -> None:
    found = in_order(["127.0.0.1", "8.8.4.4", "169.254.3.1", "192.168.1.20"])
    assert found == ["192.168.1.20", "8.8.4.4"]


def test_the_picture_is_a_png_with_room_around_it() -> None:
    picture = qr_picture("http://192.168.1.20:8501/")
    assert picture.startswith(b"\x89PNG") and len(picture) < 20_000
