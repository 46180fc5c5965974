"""Compares two packages that name the encoding of a text which does not say it.

    python -m benchmarks.encodings

The texts are those of tests/corpora/files/test_encoding.py, one sentence each, so many times over.
A text counts as right where the letters come out as they were, whatever the encoding is called.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import chardet
import charset_normalizer

from tests.corpora.files.test_encoding import TEXTS

TIMES = (1, 3, 20)  # how often the sentence stands in the text


def by_chardet(data: bytes) -> str:
    return chardet.detect(data)["encoding"] or ""


def by_normalizer(data: bytes) -> str:
    best = charset_normalizer.from_bytes(data).best()
    return best.encoding if best else ""


NAMERS: dict[str, Callable[[bytes], str]] = {
    "chardet": by_chardet,
    "charset-normalizer": by_normalizer,
}


def is_right(name: str, text: str, data: bytes) -> bool:
    """Whether the bytes are `text` in the encoding of this name."""
    try:
        return data.decode(name) == text
    except (LookupError, UnicodeDecodeError):
        return False


def main() -> None:
    """Print how many texts each package reads as they were, and which it does not."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for package, named in NAMERS.items():
        for times in TIMES:
            texts = {encoding: line * times for encoding, line in TEXTS.items()}
            coded = {encoding: text.encode(encoding) for encoding, text in texts.items()}
            wrong = [
                encoding
                for encoding, text in texts.items()
                if not is_right(named(coded[encoding]), text, coded[encoding])
            ]
            right = f"{len(TEXTS) - len(wrong)} of {len(TEXTS)}"
            print(f"{package}, {times} times: {right} right; wrong: {', '.join(wrong) or 'none'}")


if __name__ == "__main__":
    main()
