"""Turns typed values into JSON and back, for the store and between page and worker."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import msgspec

from tinylm.errors import BadRequest

T = TypeVar("T")
LONGEST = 200  # characters that are quoted of a decoder's error

# Decoders by type. They are kept because making one for a union of many types takes longer than
# decoding with it.
_DECODERS: dict[object, msgspec.json.Decoder[Any]] = {}


def encode(value: object) -> str:
    """`value` as JSON with sorted keys, in a form that every database and browser can read.

    JSON has no numbers that are not finite, so they become the strings "nan", "inf" and "-inf".
    `decode` turns these back into numbers where the type asks for a number.
    """
    plain = _finite(msgspec.to_builtins(value, str_keys=True))
    return msgspec.json.encode(plain, order="sorted").decode("utf-8")


def decode(text: str, type: type[T], name: str = "") -> T:
    """The value of this type that `text` encodes. Raises BadRequest if it encodes none.

    `name` is what the error calls such a value; by default it is that of the type.
    """
    try:
        if (decoder := _DECODERS.get(type)) is None:
            decoder = _DECODERS[type] = msgspec.json.Decoder(type, strict=False)
        found: T = decoder.decode(text)
        return found
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        called = name or getattr(type, "__name__", str(type))
        # The error may quote a value, which may be of any length.
        raise BadRequest(
            f"This is not a {called} that tinylm wrote: {error!s:.{LONGEST}}."
        ) from None


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
