"""How plain data and files are damaged, and how a trial of the damage is judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.fuzz.target import Target
from tinylm.errors import TinylmError

Trial = Callable[[Random], None]

DEEP = "@deep@"  # becomes JSON that is nested 100,000 deep
WEIRD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**400, -0.0, 0.5, 1e-320, 1e308, float("nan")),
    *(float("inf"), "", " ", "x", "\0", "\ud800", "é" * 300, "a" * 4000, "../../x", "1", "nan"),
    *([], [[]], [1, 2], ["a", None], {}, {"a": {}}, {"version": 99}, DEEP),
)


def target(name: str, begin: Callable[[Path], Trial], memory: int = 1_000_000_000) -> Target:
    """A target whose trials share what `begin` puts into a folder: read, or refused in words."""
    begun = cache(begin)

    def try_one(random: Random, folder: Path) -> str:
        trial = begun(folder)
        try:
            trial(random)
        except TinylmError as error:
            assert is_sentence(str(error)), error
            return "refused"
        return "read"

    return Target(name, try_one, memory)


def is_sentence(text: str) -> bool:
    """Whether a page and a terminal can show it, and somebody would read it."""
    return bool(text) and len(text) < 1000 and text.encode("utf-8", "ignore").decode() == text


def damaged(data: bytes, dice: Random) -> bytes:
    """Some bytes changed, cut out, repeated or put in; or the end is missing."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 3, 20))):
        at, length = dice.randrange(len(changed) + 1), dice.choice((1, 1, 4, 100))
        match dice.randrange(5):
            case 0:
                changed[at : at + length] = dice.randbytes(length)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length]
            case 3:
                changed[at:at] = dice.choice((b"\0", b"\xff", b'"', b"}", b"[", b"-", b"e", b"\\u"))
            case 4:
                del changed[dice.choice((at, 0, at)) :]
    return bytes(changed)


def changed(value: Any, dice: Random) -> Any:
    """A copy of plain data in which one thing is another, is missing or stands there twice."""
    value = json.loads(json.dumps(value))
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        inside = waiting.pop()
        keys = inside if isinstance(inside, dict) else range(len(inside))
        for key in keys:
            places.append((inside, key))
            if isinstance(inside[key], dict | list):
                waiting.append(inside[key])
    if not places or dice.random() < 0.02:
        return dice.choice(WEIRD)
    inside, key = dice.choice(places)
    match dice.randrange(4):
        case 0 if isinstance(inside, dict):
            inside[dice.choice(("", "more", str(key) * 2))] = inside.pop(key)
        case 1:
            del inside[key]
        case 2 if isinstance(inside, list):
            inside.insert(key, inside[key])
        case _:
            inside[key] = dice.choice(WEIRD)
    return value


def written(value: Any) -> bytes:
    """The JSON of plain data, as Python writes it."""
    text = json.dumps(value)
    if DEEP in text:
        text = text.replace(f'"{DEEP}"', "[" * 100_000 + "]" * 100_000)
    return text.encode("utf-8")


def another(value: Any, dice: Random) -> bytes:
    """The bytes of a JSON file that is damaged in one way or another."""
    if dice.random() < 0.4:
        return damaged(json.dumps(value).encode("utf-8"), dice)
    for _ in range(dice.choice((1, 1, 2, 4))):
        value = changed(value, dice) if isinstance(value, dict | list) else value
    return written(value)
