"""Reading JSON files that a teacher may have edited, so errors name the file and the mistake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from tinylm import places
from tinylm.errors import BadRequest

DATA = places.DATA / "world"

T = TypeVar("T")


class Mistake(Exception):
    """Says what to correct in a file, without the file's name and without a full stop."""


def read(path: Path, build: Callable[[dict[str, Any]], T]) -> T:
    """What `build` makes from the JSON object in a file.

    `build` may raise Mistake. Raises BadRequest, which names the file and says what to correct.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise BadRequest(f"{path.name} cannot be read: put it back into its folder.") from None
    except (ValueError, RecursionError) as error:  # covers bad UTF-8 and bad JSON
        raise BadRequest(f"{path.name} is not JSON in UTF-8: {error}.") from None
    if not isinstance(data, dict):
        raise BadRequest(f"{path.name} must hold one JSON object.")
    try:
        return build(data)
    except Mistake as mistake:
        raise BadRequest(f"{path.name}: {mistake}.") from None


def part(data: dict[str, Any], key: str, kind: type, where: str = "") -> Any:
    """The list or object under `key`. Raises Mistake if it is missing, empty or another kind."""
    value = data.get(key)
    if not isinstance(value, kind) or not value:
        what = "a list" if kind is list else "an object"
        raise Mistake(f'"{key}"{where and f" of {where}"} must be {what}, not empty')
    return value


def check_different(words: Iterable[str], where: str) -> None:
    """Raise Mistake if a word occurs twice; `where` names the place for the message."""
    seen: set[str] = set()
    for word in words:
        if word in seen:
            raise Mistake(f"{word!r} stands for two things in {where}: use different words")
        seen.add(word)
