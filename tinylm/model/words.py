"""The odds of whole next words and answers: people read those, while a model draws pieces.

A word here is a word with the space before it, a number, a mark, or the end of a line or of the
text. An answer is all up to the end of its line. The probability of each is that of its tokens
one after the other, times the probability that the token after them begins something new;
spellings in other tokens count with it.
"""

from __future__ import annotations

import heapq
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from tinylm.errors import BadRequest
from tinylm.model.cache import Branches, KeyValueCache
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import SEPARATOR, Tokenizer

END = "(end of text)"
LONGEST = 12  # tokens of a word, or as many as fit into the context after the prompt
SHORTEST = 4  # tokens for which a prompt has to leave room
BATCH = 16  # beginnings of words that are read at once
PASSES = 12  # of the model: with these, all but a few percent are found even where it is unsure
ROWS = 128  # of words whose probabilities are asked for that are read at once
LEAST = 5e-4  # beginnings less probable than this are not followed

LETTER, NUMBER, SPACE, LINE, OTHER, REST = range(6)  # REST: the middle of a character's bytes

Unit = Literal["word", "answer"]


class Whole(NamedTuple):
    """The most probable next words or answers, and the probability of all others together."""

    likely: list[tuple[str, float]]  # as (text, probability), the most probable first
    rest: float


@torch.inference_mode()
def next_whole(
    model: GPT, tokenizer: Tokenizer, prompt: Sequence[int], top: int, unit: Unit = "word"
) -> Whole:
    """The `top` most probable next words or answers after `prompt`, a list of ids.

    Their beginnings are read in the order of their probability (best-first search), until no
    unfinished one could still be among the best, or PASSES passes of the model are used up. A word
    that a prompt broke off is continued. Raises BadRequest for an empty prompt, and for one that
    does not fit into the context together with a word of SHORTEST tokens.
    """
    if not prompt:
        raise BadRequest("A prompt needs at least one token.")
    room = model.config.block_size - SHORTEST
    longest = min(LONGEST, model.config.block_size - len(prompt))
    if len(prompt) > room:
        raise BadRequest(
            f"This text has {len(prompt)} tokens, and the model can read {room} before a word: "
            "shorten it."
        )
    reader = _Reader(model, prompt)
    found: defaultdict[str, float] = defaultdict(float)
    waiting: list[tuple[float, tuple[int, ...]]] = []  # heap of (-probability, tokens so far)
    _follow(tokenizer, unit, longest, (), 1.0, reader.first, found, waiting)
    for _ in range(PASSES):
        best = sorted(found.values(), reverse=True)
        if not waiting or (len(best) >= top and -waiting[0][0] <= best[top - 1]):
            break
        taken = [heapq.heappop(waiting) for _ in range(min(BATCH, len(waiting)))]
        logits = reader.read([path for _, path in taken])
        for (negative, path), row in zip(taken, logits, strict=True):
            _follow(tokenizer, unit, longest, path, -negative, row, found, waiting)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:top]
    return Whole(ranked, max(0.0, 1.0 - sum(chance for _, chance in ranked)))


@torch.inference_mode()
def whole_chances(
    model: GPT, tokenizer: Tokenizer, prompts: Sequence[Sequence[int]], words: Sequence[str]
) -> list[float]:
    """The probability of `words[i]` as the whole next word after the ids of `prompts[i]`.

    A word is given with the space before it, and counted in its usual tokens only. Raises
    BadRequest where a prompt and its word do not fit into the context.
    """
    device, chances = model.embedding.weight.device, []
    for start in range(0, len(prompts), ROWS):
        begun = [list(prompt) for prompt in prompts[start : start + ROWS]]
        paths = [tuple(tokenizer.encode(word)) for word in words[start : start + ROWS]]
        longest = max(len(p) + len(path) for p, path in zip(begun, paths, strict=True))
        if longest > model.config.block_size:
            raise BadRequest(
                f"A sentence and its next word take {longest} tokens, and this model reads at most "
                f"{model.config.block_size} at once. Choose one with a longer context (block_size) "
                "or more tokens (vocab_size)."
            )
        ids = torch.tensor(
            [
                [*prompt, *path, *[SEPARATOR] * (longest - len(prompt) - len(path))]
                for prompt, path in zip(begun, paths, strict=True)
            ],
            device=device,
        )  # (B, T); what stands after a word is read by nobody
        odds = model(ids).float().softmax(dim=-1).cpu()  # (B, T, V)
        for row, prompt, path in zip(odds, begun, paths, strict=True):
            places = range(len(prompt) - 1, len(prompt) - 1 + len(path))
            said = row[list(places), list(path)].prod().item()
            ends = row[places.stop][~_going_on(tokenizer, path, "word")].sum().item()
            chances.append(said * ends)
    return chances


def _follow(
    tokenizer: Tokenizer,
    unit: Unit,
    longest: int,
    path: tuple[int, ...],
    chance: float,
    odds: Tensor,
    found: defaultdict[str, float],
    waiting: list[tuple[float, tuple[int, ...]]],
) -> None:
    """Add what may follow the tokens of `path`, of probability `chance`; `odds` is (V,)."""
    goes_on = _going_on(tokenizer, path, unit)
    if path:
        ends = chance * odds[~goes_on].sum().item()
        found[tokenizer.decode(path)] += ends
        odds = odds * goes_on
    likely = (odds * chance >= LEAST).nonzero().flatten().tolist()
    for token, share in zip(likely, (odds[likely] * chance).tolist(), strict=True):
        longer = (*path, token)
        if token == tokenizer.separator:
            found[END] += share
        elif unit == "word" and _is_whole(tokenizer, longer):
            found[tokenizer.decode(longer)] += share
        elif len(longer) < longest:
            heapq.heappush(waiting, (-share, longer))


def _is_whole(tokenizer: Tokenizer, path: tuple[int, ...]) -> bool:
    """Whether no token can make these longer: marks and line ends stand alone."""
    spelled = b"".join(map(tokenizer.token_bytes, path))
    text = _complete(spelled)
    return text is not None and text != " " and _kind(text[-1]) in (SPACE, LINE, OTHER)


def _going_on(tokenizer: Tokenizer, path: tuple[int, ...], unit: Unit) -> Tensor:
    """Which tokens (V,) go on with what `path` has begun; all where it is empty."""
    kinds = _kinds(tokenizer)
    if not path:
        return torch.ones_like(kinds, dtype=torch.bool)
    if unit == "answer":
        return kinds != LINE
    text = _complete(b"".join(map(tokenizer.token_bytes, path)))
    if text is None:
        return kinds == REST
    if text == " ":
        return (kinds != SPACE) & (kinds != LINE) & (kinds != REST)
    return kinds == _kind(text[-1])


@lru_cache(maxsize=16)
def _kinds(tokenizer: Tokenizer) -> Tensor:
    """What each token (V,) begins with."""
    return torch.tensor([_begins(tokenizer.token_bytes(i)) for i in range(tokenizer.vocab_size)])


def _begins(spelled: bytes) -> int:
    if 0x80 <= spelled[0] < 0xC0:
        return REST
    text = spelled.decode("utf-8", errors="ignore")
    # Of a character whose bytes are not complete, nearly all are letters.
    return _kind(text[0]) if text else LETTER


def _kind(character: str) -> int:
    if character in "\n\r\0":
        return LINE
    if character.isspace():
        return SPACE
    return {"L": LETTER, "M": LETTER, "N": NUMBER}.get(unicodedata.category(character)[0], OTHER)


def _complete(spelled: bytes) -> str | None:
    """The text of these bytes, or None where they end within a character."""
    try:
        return spelled.decode("utf-8")
    except UnicodeDecodeError as error:
        return None if error.end == len(spelled) else spelled.decode("utf-8", errors="replace")


class _Reader:
    """Reads one prompt once, and then beginnings of its continuation, many at a time."""

    def __init__(self, model: GPT, prompt: Sequence[int]):
        self.model, self.length = model, len(prompt)
        self.device = model.embedding.weight.device
        self.cache = KeyValueCache(model, rows=1, length=self.length)
        ids = torch.tensor([list(prompt)], device=self.device)
        places = torch.arange(self.length, device=self.device)[None]
        logits = model(ids, cache=self.cache, positions=places)
        self.first = logits[0, -1].float().softmax(dim=-1).cpu()  # (V,)

    def read(self, paths: Sequence[Sequence[int]]) -> Tensor:
        """The odds (B, V) of the token after each of B paths."""
        lengths = torch.tensor([len(path) for path in paths], device=self.device)
        longest = int(lengths.max())
        ids = torch.tensor(
            [[*path, *[SEPARATOR] * (longest - len(path))] for path in paths], device=self.device
        )  # (B, T); what stands after a path is read by nobody
        own = torch.ones(longest, longest, dtype=torch.bool, device=self.device).tril()
        seen = torch.ones(longest, self.length, dtype=torch.bool, device=self.device)
        visible = torch.cat((seen, own), dim=1).expand(len(paths), -1, -1)  # (B, T, S + T)
        rows = torch.zeros(len(paths), dtype=torch.long, device=self.device)
        places = torch.arange(self.length, self.length + longest, device=self.device)
        logits: Tensor = self.model(
            ids,
            cache=Branches(self.cache, rows, visible),
            positions=places.expand(len(paths), -1),
        )  # (B, T, V)
        last = logits[torch.arange(len(paths), device=self.device), lengths - 1]
        return last.float().softmax(dim=-1).cpu()
