"""The tokenizer of a model that was made elsewhere, in the form of our own.

Its own library, tokenizers, cuts the text. Tokens that stand for no text, such as the one that
separates documents, are one NUL byte each here, as our separator is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tokenizers

from tinylm.errors import BadRequest, CheckpointError
from tinylm.text.tokenizer import Tokenizer

NO_TEXT = b"\0"
# What a text is tried with: it must come back as it was.
SAMPLE = "Ghana -> Accra\nIt's 12 cats, don't you know?  The café: 3.5 km.\n\n\tx = (1)\n"
# Names of the token between two documents of pre-training, in the order in which they are tried.
SEPARATORS = ("<|endoftext|>", "<|end_of_text|>")
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class ElsewhereTokenizer(Tokenizer):
    """Turns text into the token ids of a model that was made elsewhere, and back."""

    def __init__(self, text: str, separator: int, vocab_size: int):
        """`text` is a tokenizer.json; `vocab_size` is that of the model, which may have more rows.

        Raises BadRequest where it cannot be read, or has ids that the model does not have.
        """
        try:
            described = _without_prefix(json.loads(text))
            self._inner = tokenizers.Tokenizer.from_str(json.dumps(described))
        except Exception:  # tokenizers raises nothing more special
            raise BadRequest(
                "The file tokenizer.json cannot be read: it is damaged, or newer than the "
                "installed package tokenizers."
            ) from None
        self._inner.no_truncation()
        self._inner.no_padding()
        self._inner.encode_special_tokens = True  # in a text their names are text
        self.separator = separator
        ids = self._inner.get_vocab(with_added_tokens=True)
        if max(ids.values(), default=0) >= vocab_size:
            raise BadRequest(
                f"The tokenizer has tokens up to number {max(ids.values()):,}, and the model only "
                f"{vocab_size:,}: they do not belong together."
            )
        self._bytes = [NO_TEXT] * vocab_size
        spell = _spelling(described)
        added = self._inner.get_added_tokens_decoder()
        for token, number in ids.items():
            if number in added:
                if not added[number].special:
                    self._bytes[number] = token.encode() or NO_TEXT
            else:
                self._bytes[number] = spell(token) or NO_TEXT

    def encode(self, text: str) -> list[int]:
        """As `Tokenizer.encode`."""
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise BadRequest("The text holds half a character: type or paste it again.") from None
        return list(self._inner.encode(text, add_special_tokens=False).ids)

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """As `Tokenizer.encode_batch`."""
        found = self._inner.encode_batch(list(texts), add_special_tokens=False)
        return [list(one.ids) for one in found]

    def decode(self, ids: Iterable[int]) -> str:
        """As `Tokenizer.decode`, but tokens that stand for no text are left out."""
        spelled = (self._bytes[i] for i in ids)
        return b"".join(s for s in spelled if s != NO_TEXT).decode("utf-8", errors="replace")

    def num_bytes(self, ids: Iterable[int]) -> int:
        """As `Tokenizer.num_bytes`."""
        return sum(len(self._bytes[i]) for i in ids if self._bytes[i] != NO_TEXT)

    def stops(self, end: str) -> frozenset[int]:
        """All tokens with which the end of an answer begins, and those that stand for no text."""
        begun = end.encode()
        return frozenset(
            i for i, one in enumerate(self._bytes) if one == NO_TEXT or one.startswith(begun)
        )

    def answer(self, ids: Iterable[int], end: str) -> str:
        """The text before the end of an answer, which may stand in the middle of a token."""
        return self.decode(ids).partition(end)[0].strip()

    @staticmethod
    def open(path: Path, separator: int, vocab_size: int) -> ElsewhereTokenizer:
        """The tokenizer of an imported model. Raises CheckpointError where it is damaged."""
        try:
            return ElsewhereTokenizer(path.read_text(encoding="utf-8"), separator, vocab_size)
        except (OSError, ValueError, BadRequest):
            raise CheckpointError(
                "The tokenizer of this model is damaged: import the model anew."
            ) from None


def keeps_text(tokenizer: Tokenizer) -> bool:
    """Whether a text comes back from its tokens as it was."""
    return tokenizer.decode(tokenizer.encode(SAMPLE)) == SAMPLE


def find_separator(text: str, names: Sequence[str]) -> int | None:
    """The token that a text begins after, from a tokenizer.json; None where there is none.

    This is the token that the tokenizer itself puts in front of a text, or else the one that
    separates documents, or else one of those `names` that the model's settings give. Raises
    BadRequest where the file cannot be read.
    """
    try:
        tokenizer = tokenizers.Tokenizer.from_str(text)
    except Exception:  # tokenizers raises nothing more special
        raise BadRequest("The file tokenizer.json cannot be read: it is damaged.") from None
    with_special, without = (
        list(tokenizer.encode("a", add_special_tokens=special).ids) for special in (True, False)
    )
    if len(with_special) > len(without) and with_special[:1] != without[:1]:
        return with_special[0]
    for name in (*SEPARATORS, *names):
        found = tokenizer.token_to_id(name)
        if found is not None:
            return int(found)
    return None


def _without_prefix(described: Any) -> Any:
    """A tokenizer.json that puts no space before a text.

    A prompt is cut in parts here, the question and each answer, and only the first of them begins
    a text.
    """
    if isinstance(described, list):
        kept = [_without_prefix(one) for one in described]
        return [one for one in kept if not (isinstance(one, dict) and one.get("type") == "Prepend")]
    if not isinstance(described, dict):
        return described
    found = {name: _without_prefix(value) for name, value in described.items()}
    if found.get("add_prefix_space") is True:
        found["add_prefix_space"] = False
    if "prepend_scheme" in found:
        found["prepend_scheme"] = "never"
    normalizer = found.get("normalizer")
    if isinstance(normalizer, dict) and normalizer.get("type") == "Prepend":
        found["normalizer"] = None
    return found


def _spelling(described: dict[str, Any]) -> Any:
    """The function that gives the bytes of a token of the vocabulary."""
    if "ByteLevel" in json.dumps([described.get("pre_tokenizer"), described.get("decoder")]):
        from transformers.convert_slow_tokenizer import bytes_to_unicode

        spelled: dict[int, str] = bytes_to_unicode()  # type: ignore[no-untyped-call]
        byte_of = {character: byte for byte, character in spelled.items()}

        def by_bytes(token: str) -> bytes:
            if all(one in byte_of for one in token):
                return bytes(byte_of[one] for one in token)
            return token.encode()

        return by_bytes

    def by_characters(token: str) -> bytes:
        byte = _BYTE.fullmatch(token)
        return bytes([int(byte[1], 16)]) if byte else token.replace("▁", " ").encode()

    return by_characters
