"""GPT-2's tokens, and the jobs of the page about tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinylm.answers.tokens import compression, merges, tokens_of
from tinylm.errors import BadRequest
from tinylm.questions.tokens import Compression, Merges, Tokenize
from tinylm.text.gpt2 import gpt2_encoding, gpt2_tokens

NAMES = ("names", False)  # made by no generator


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("hello world", [31373, 995]),
        ("Hello, world!", [15496, 11, 995, 0]),
        ("", []),
    ],
)
def test_gpt2_gives_the_ids_that_it_is_known_for(text: str, ids: list[int]) -> None:
    assert [token for token, _ in gpt2_tokens(text)] == ids
    assert b"".join(spelled for _, spelled in gpt2_tokens(text)) == text.encode()


def test_gpt2_has_its_vocabulary() -> None:
    assert gpt2_encoding().n_vocab == 50_257


def test_a_text_is_its_tokens_in_both_vocabularies(tmp_path: Path) -> None:
    texts = ("Anna 🍎", "")
    found = tokens_of(Tokenize(*NAMES, texts, 300), tmp_path)
    for side in (found.ours, found.gpt2):
        for text, tokens in zip(texts, side, strict=True):
            assert b"".join(bytes.fromhex(h) for _, h in tokens) == text.encode()
    assert all(token < 300 for token, _ in found.ours[0])
    with pytest.raises(BadRequest):
        tokens_of(Tokenize(*NAMES, ("x" * 6000,), 300), tmp_path)


def test_more_tokens_make_text_shorter_and_the_merges_say_how(tmp_path: Path) -> None:
    found = compression(Compression(*NAMES), tmp_path)
    each = [row.bytes_per_token for row in found.rows]
    assert each[0] == 1.0 and each == sorted(each)
    learned = merges(Merges(*NAMES), tmp_path).merges
    known = {bytes([i]).hex() for i in range(256)}
    for left, right in learned:
        assert left in known and right in known
        known.add(left + right)
