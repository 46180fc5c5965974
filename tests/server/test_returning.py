"""The page /return: a learner who types a code gets the cookie of that code, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.types import Message

from server.returning import NO_CODE, PATH, UNKNOWN, Returning
from tinylm.learners import name_of, new_code, shown_code
from tinylm.runs.store import Store
from tinylm.runs.teachers import Tries


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'tinylm.db'}")
    yield made
    made.close()


def answer(
    returning: Returning, body: bytes | None = None, client: str = "1.2.3.4", scheme: str = "http"
) -> tuple[int, dict[str, str], str]:
    method = "GET" if body is None else "POST"
    scope = {"type": "http", "method": method, "path": PATH, "headers": [], "scheme": scheme}

    async def receive() -> Message:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    scope |= {"client": (client, 1), "query_string": b"", "server": ("localhost", 80)}
    found = asyncio.run(returning.answer(Request(scope, receive)))
    return found.status_code, dict(found.headers), bytes(found.body).decode()


def form(code: str) -> bytes:
    return urlencode({"code": code}).encode()


def test_a_known_code_brings_its_cookie_however_it_is_typed(store: Store) -> None:
    code = new_code()
    store.meet(name_of(code))
    returning = Returning(store)
    assert answer(returning)[0] == 200
    for typed in (code, shown_code(code), f"  {shown_code(code).upper()} "):
        status, headers, _ = answer(returning, form(typed), scheme="https")
        assert (status, headers["location"]) == (303, "/")
        cookie = headers["set-cookie"]
        assert cookie.startswith(f"tinylm_learner={code};")
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and cookie.endswith("Secure")


def test_an_unknown_code_gets_a_sentence_and_no_cookie(store: Store) -> None:
    returning = Returning(store)
    for body, said in (
        (form(new_code()), UNKNOWN),
        (form("short"), NO_CODE),
        (form("<script>"), NO_CODE),
        (b"\xff\xfe", NO_CODE),
        (b"code=" + b"a" * 100_000, NO_CODE),
    ):
        status, headers, page = answer(returning, body)
        assert status == 400 and said in page and "set-cookie" not in headers
        assert "<script>" not in page


def test_a_wrong_letter_does_not_cost_the_others(store: Store) -> None:
    typed = 'k7qf-2m9x"tb4c'
    _, _, page = answer(Returning(store), form(typed))
    assert 'value="k7qf-2m9x&quot;tb4c"' in page
    assert 'value=""' in answer(Returning(store))[2]


def test_somebody_new_begins_in_the_same_browser_and_nothing_is_lost(store: Store) -> None:
    code = new_code()
    store.meet(name_of(code))
    returning, made = Returning(store), set()
    assert 'name="new"' in answer(returning)[2]
    for _ in range(2):
        status, headers, _ = answer(returning, b"new=1")
        assert (status, headers["location"]) == (303, "/")
        made.add(headers["set-cookie"].partition(";")[0])
    assert len(made) == 2 and f"tinylm_learner={code}" not in made
    assert answer(returning, form(code))[0] == 303  # and comes back


def test_tries_are_limited_for_each_address(store: Store) -> None:
    code = new_code()
    store.meet(name_of(code))
    returning = Returning(store, Tries(lambda: 0.0, each=3, together=100))
    for _ in range(3):
        assert answer(returning, form(new_code()))[0] == 400
    status, _, page = answer(returning, form(code))
    assert status == 400 and "Too many wrong codes" in page
    assert answer(returning, form(code), client="5.6.7.8")[0] == 303
