"""How much text a file holds, and how it falls into tokens, found out on a sample of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from tinylm.recipe import TextSize
from tinylm.text.tokenizer import train_tokenizer

SAMPLE = 30_000  # characters; the vocabulary of so many is learned in a few hundredths of a second
PLACES = 3  # of a file, from which the sample is taken
VOCABULARIES = (256, 512, 1024, 2048)


def size_of_texts(texts: Sequence[str]) -> TextSize:
    """The size of the documents that are read."""
    sample = "".join(_taken(texts))
    return TextSize(sum(map(len, texts)), characters_per_token(sample))


def size_together(sizes: Sequence[TextSize]) -> TextSize:
    """The size of several texts that are read as one."""
    characters = sum(one.characters for one in sizes)
    vocabularies = sorted({size for one in sizes for size, _ in one.per_token})
    return TextSize(
        characters,
        tuple((v, characters / sum(one.tokens(v) for one in sizes)) for v in vocabularies),
    )


def _taken(texts: Sequence[str]) -> list[str]:
    """Documents from everywhere, with about SAMPLE characters together."""
    mean = max(1, sum(map(len, texts)) // max(1, len(texts)))
    step = max(1, len(texts) * mean // SAMPLE)
    return list(texts[::step])


def size_of_file(path: Path, characters: int | None, share: float) -> TextSize:
    """The size of a UTF-8 file of which a `share` is read; None: count its characters, too.

    Raises OSError.
    """
    per_character, per_token = _sampled(path, path.stat().st_mtime_ns)
    total = path.stat().st_size / per_character if characters is None else characters
    return TextSize(max(1, round(total * share)), per_token)


@lru_cache(maxsize=64)
def _sampled(path: Path, changed: int) -> tuple[float, tuple[tuple[int, float], ...]]:
    """Bytes per character and `characters_per_token` of a file that was `changed` at that time."""
    size, parts = path.stat().st_size, []
    length = SAMPLE * 4 // PLACES  # a character has up to four bytes
    with path.open("rb") as file:
        for place in range(PLACES):
            file.seek(max(0, size - length) * place // max(1, PLACES - 1))
            parts.append(file.read(length).decode("utf-8", errors="ignore")[: SAMPLE // PLACES])
            if size <= length:
                break
    sample = "\n".join(parts) or " "
    return len(sample.encode()) / len(sample), characters_per_token(sample)


def characters_per_token(sample: str) -> tuple[tuple[int, float], ...]:
    """For each vocabulary that this text has enough for, how many characters a token has."""
    tokenizer = train_tokenizer([sample], VOCABULARIES[-1])
    found = []
    for size in VOCABULARIES:
        known = min(size, tokenizer.vocab_size)
        tokens = len(tokenizer.truncated(known).encode(sample))
        found.append((known, len(sample) / max(1, tokens)))
        if known < size:
            break
    return tuple(found)
