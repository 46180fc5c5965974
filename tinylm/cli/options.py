"""What the options of the terminal take: every value is checked before anything is begun."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from tinylm.config import SETTINGS
from tinylm.errors import BadRequest
from tinylm.setting import Setting, Value

SEEDS = int(SETTINGS["seed"].high)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are BadRequest, like all others of the terminal."""

    def error(self, message: str) -> NoReturn:
        raise BadRequest(f"{message} (see {self.prog} --help).")


def number(
    option: str, low: float, high: float, kind: type[int | float] = int
) -> Callable[[str], Value]:
    """The type of an option that takes a number within these limits."""
    return Setting("", "", low, high, name=option, kind=kind).parse


def numbers(option: str, low: int, high: int) -> Callable[[str], list[int]]:
    """The type of an option that takes several numbers, like `--num-fewshot 0,1,4`."""
    one = number(option, low, high)

    def parse(text: str) -> list[int]:
        try:
            found = [int(one(part.strip())) for part in text.split(",")]
        except BadRequest as error:
            raise BadRequest(f"{error} Write numbers like 0,1,4.") from None
        if len(set(found)) < len(found):
            raise BadRequest(f"{option} names a number twice; got {text!r:.40}.")
        return found

    return parse


def add_step(parser: argparse.ArgumentParser) -> None:
    """Add the option that names one of a run's checkpoints."""
    step = number("--step", -1, SETTINGS["steps"].high)
    words = "checkpoint; 0: untrained; default: the best by validation"
    parser.add_argument("--step", type=step, default=-1, help=words)


def text(written: str) -> str:
    """The type of an option that takes a text; bytes that are no text become question marks."""
    return written.encode("utf-8", "replace").decode("utf-8")


def refuse(options: argparse.Namespace, names: tuple[str, ...], why: str) -> None:
    """Raise BadRequest where one of these options was given, which would change nothing."""
    for name in names:
        if getattr(options, name) not in (None, False):
            raise BadRequest(f"--{name.replace('_', '-')} would change nothing here: {why}.")


def fill(options: argparse.Namespace, **defaults: object) -> None:
    """Set the options that were not given, once it is known that none was given in vain."""
    for name, value in defaults.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
