"""The types of tinylm's own options for argparse, which shows mistakes of its own kind alone."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from tinylm.errors import BadRequest

T = TypeVar("T")


def argument(parse: Callable[[str], T]) -> Callable[[str], T]:
    """The same type, whose sentences argparse shows as its own mistakes."""

    def parsed(text: str) -> T:
        try:
            return parse(text)
        except BadRequest as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parsed
