"""Questions about a vocabulary that is learned on a corpus, and their answers."""

from __future__ import annotations

from typing import ClassVar

from tinylm.questions.base import Answer, Question


class MergeList(Answer, frozen=True):
    """All merges, in the order they were learned: the bytes of the two parts in hexadecimal."""

    merges: tuple[tuple[str, str], ...]


class Merges(Question[MergeList], frozen=True, tag="merges"):
    """Which merges are learned on a corpus?"""

    solver: ClassVar[str] = "tinylm.answers.tokens:merges"
    corpus: str
    made: bool  # whether a generator makes the corpus, so that a part is enough


class Coded(Answer, frozen=True):
    """The length of a text in tokens of one vocabulary."""

    vocab_size: int
    tokens: int
    bytes_per_token: float
    words_in_context: float  # how many words fit into a context of 128 tokens


class CompressionTable(Answer, frozen=True):
    """The same text in vocabularies of several sizes, and in that of GPT-2."""

    rows: tuple[Coded, ...]
    gpt2: Coded
    bytes: int
    words: int


class Compression(Question[CompressionTable], frozen=True, tag="compression"):
    """How many bytes of validation text does a token cover, by size of the vocabulary?"""

    solver: ClassVar[str] = "tinylm.answers.tokens:compression"
    corpus: str
    made: bool


Coding = tuple[tuple[int, str], ...]  # for each token: its id, and its bytes in hexadecimal


class TokenizedTexts(Answer, frozen=True):
    """Texts as tokens, with one `Coding` for each text."""

    ours: tuple[Coding, ...]
    gpt2: tuple[Coding, ...]


class Tokenize(Question[TokenizedTexts], frozen=True, tag="tokens"):
    """What are the tokens of each text, in a vocabulary learned on the corpus and in GPT-2's?"""

    solver: ClassVar[str] = "tinylm.answers.tokens:tokens_of"
    priority: ClassVar[int] = 2
    corpus: str
    made: bool
    texts: tuple[str, ...]
    vocab_size: int
