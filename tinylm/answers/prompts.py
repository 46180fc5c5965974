"""The check of a text that a model is to read."""

from __future__ import annotations

from tinylm.errors import BadRequest


def checked(text: str, most: int, what: str = "prompt") -> str:
    """`text`, if it can be read. `what` is its name in the sentence.

    Raises BadRequest where it has more than `most` characters, or a NUL character.
    """
    if len(text) > most:
        raise BadRequest(f"The {what} has {len(text):,} characters: at most {most:,}.")
    if "\0" in text:
        raise BadRequest(f"A {what} cannot hold the NUL character: remove it.")
    return text
