"""The odds of whole words follow from those of their tokens, and from nothing else."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tinylm.config import ModelConfig
from tinylm.errors import BadRequest
from tinylm.model.gpt import GPT
from tinylm.model.words import END, SHORTEST, next_whole, whole_chances
from tinylm.text.tokenizer import SEPARATOR, Tokenizer

BYTES = Tokenizer([])
JOINED = Tokenizer([(97, 98), (98, 99), (256, 99)])  # ab, bc, abc: "abc" in four spellings


def peaky(vocab_size: int, sharp: float = 25.0) -> GPT:
    """A model with random weights that is fairly sure of itself."""
    model = GPT(ModelConfig(2, 2, 32, 64, vocab_size), seed=3)
    with torch.no_grad():
        model.norm.weight.mul_(sharp)
        for name, weight in model.named_parameters():
            if name.endswith(("wo.weight", "down.weight")):
                weight.normal_(std=0.1, generator=torch.Generator().manual_seed(1))
    return model


def odds(model: GPT, ids: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        logits: Tensor = model(torch.tensor([ids]))
    return logits[0, -1].float().softmax(dim=-1)


def letters(tokenizer: Tokenizer) -> torch.Tensor:
    """Which tokens begin with a letter, where all letters are ASCII."""
    firsts = [tokenizer.token_bytes(i)[:1] for i in range(tokenizer.vocab_size)]
    return torch.tensor([first.isalpha() for first in firsts])


def test_a_words_probability_is_that_of_its_bytes_and_of_its_end() -> None:
    model, prompt = peaky(256), [SEPARATOR, *b"x"]
    found = dict(next_whole(model, BYTES, prompt, top=40).likely)
    checked = 0
    for text, chance in found.items():
        if not (text.isascii() and text.isalpha()):
            continue
        expected, ids = 1.0, list(prompt)
        for byte in text.encode():
            expected *= odds(model, ids)[byte].item()
            ids.append(byte)
        after = odds(model, ids)
        # Bytes from 0xC0 on begin letters; those from 0x80 to 0xBF cannot follow a whole letter.
        goes_on = letters(BYTES).clone()
        goes_on[0xC0:] = True
        expected *= 1 - after[goes_on].sum().item()
        assert chance == pytest.approx(expected, rel=1e-3)
        checked += 1
    assert checked >= 3


class Bigram(GPT):
    """Only the last token counts: `odds[a][b]` is the probability of b after a."""

    def __init__(self, odds: dict[int, dict[int, float]], vocab_size: int):
        super().__init__(ModelConfig(1, 1, 16, 64, vocab_size))
        self.table = torch.full((vocab_size, vocab_size), 1e-9)
        for before, row in odds.items():
            for after, chance in row.items():
                self.table[before, after] = chance

    def forward(self, ids: Tensor, *_: object, **__: object) -> Tensor:
        return self.table[ids].log()


A, B, C, AB, DOT = 97, 98, 99, 256, ord(".")


def test_spellings_of_a_word_in_other_tokens_count_with_it() -> None:
    model = Bigram(
        {
            SEPARATOR: {A: 0.5, AB: 0.5},
            A: {B: 0.6, DOT: 0.4},
            B: {DOT: 1.0},
            AB: {C: 0.2, DOT: 0.8},
            C: {DOT: 1.0},
        },
        JOINED.vocab_size,
    )
    found = dict(next_whole(model, JOINED, [SEPARATOR], top=9).likely)
    assert found["ab"] == pytest.approx(0.5 * 0.6 + 0.5 * 0.8, abs=1e-4)
    assert found["a"] == pytest.approx(0.5 * 0.4, abs=1e-4)
    assert found["abc"] == pytest.approx(0.5 * 0.2, abs=1e-4)


def test_an_answer_goes_on_to_the_end_of_its_line() -> None:
    model = Bigram(
        {
            A: {ord(" "): 0.5, 10: 0.5},
            ord(" "): {B: 1.0},
            B: {10: 0.5, SEPARATOR: 0.5},
            DOT: {A: 1},
        },
        256,
    )
    found = next_whole(model, BYTES, [DOT], top=3, unit="answer").likely
    assert sorted(text for text, _ in found[:2]) == ["a", "a b"]
    assert [chance for _, chance in found] == pytest.approx([0.5, 0.5, 0.0], abs=1e-3)


def test_the_words_and_the_rest_are_all() -> None:
    found = next_whole(peaky(256), BYTES, [SEPARATOR, *b"The"], top=5)
    chances = [chance for _, chance in found.likely]
    assert chances == sorted(chances, reverse=True) and len(chances) == 5
    assert sum(chances) + found.rest == pytest.approx(1.0)


def test_the_end_of_a_text_is_a_word_of_its_own() -> None:
    model = Bigram({A: {SEPARATOR: 0.9, DOT: 0.1}}, 256)
    found = next_whole(model, BYTES, [A], top=2).likely
    assert [text for text, _ in found] == [END, "."]
    assert [chance for _, chance in found] == pytest.approx([0.9, 0.1], abs=1e-3)


def test_a_full_context_and_an_empty_prompt() -> None:
    model = peaky(256)
    room = model.config.block_size - SHORTEST
    assert next_whole(model, BYTES, [65] * room, top=3).likely
    with pytest.raises(BadRequest, match="shorten it"):  # nothing is cut off in silence
        next_whole(model, BYTES, [65] * (room + 1), top=3)
    with pytest.raises(BadRequest):
        next_whole(model, BYTES, [], top=3)


def test_the_chances_of_given_words_are_those_that_a_search_finds() -> None:
    model, prompts = peaky(256), ([SEPARATOR, *b"x"], [SEPARATOR, *b"yes, "])
    for prompt in prompts:
        found = dict(next_whole(model, BYTES, prompt, top=40).likely)
        words = [text for text in found if text.isascii() and text.isalpha()][:6]
        asked = whole_chances(model, BYTES, [prompt] * len(words), words)
        assert asked == pytest.approx([found[word] for word in words], rel=1e-3)
    together = whole_chances(model, BYTES, [*prompts, *prompts], ["a", "ab", "abc", "b"])
    each = [
        whole_chances(model, BYTES, [prompt], [word])[0]
        for prompt, word in zip([*prompts, *prompts], ["a", "ab", "abc", "b"], strict=True)
    ]
    assert together == pytest.approx(each, rel=1e-3)  # rows of other lengths beside it


def test_a_word_that_does_not_fit_into_the_context_is_refused_in_words() -> None:
    model = peaky(256)
    size = model.config.block_size
    whole_chances(model, BYTES, [[SEPARATOR] * (size - 2)], [" a"])
    with pytest.raises(BadRequest, match=f"take {size + 1} tokens.* longer context"):
        whole_chances(model, BYTES, [[SEPARATOR] * (size - 1)], [" a"])
