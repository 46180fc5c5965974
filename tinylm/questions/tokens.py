"""What can be asked of a vocabulary that is learned on a corpus."""

from __future__ import annotations

from typing import ClassVar

from tinylm.questions.base import Answer, Question


class MergeList(Answer, frozen=True):
    """Every merge in the order it was learned: the bytes of its two parts, in hexadecimal."""

    merges: tuple[tuple[str, str], ...]


class Merges(Question[MergeList], frozen=True, tag="merges"):
    """The merges that are learned on a corpus."""

    solver: ClassVar[str] = "tinylm.answers.tokens:merges"
    corpus: str
    made: bool  # whether a generator makes it, so that a part of it is enough


class Coded(Answer, frozen=True):
    """A text in the tokens of one vocabulary."""

    vocab_size: int
    tokens: int
    bytes_per_token: float
    words_in_context: float


class CompressionTable(Answer, frozen=True):
    """The same text in vocabularies of several sizes, and in GPT-2's."""

    rows: tuple[Coded, ...]
    gpt2: Coded
    bytes: int
    words: int


class Compression(Question[CompressionTable], frozen=True, tag="compression"):
    """Bytes per token on validation text, by size of the vocabulary."""

    solver: ClassVar[str] = "tinylm.answers.tokens:compression"
    corpus: str
    made: bool


Coding = tuple[tuple[int, str], ...]  # of each token its id and its bytes in hexadecimal


class TokenizedTexts(Answer, frozen=True):
    """Texts in tokens, one coding for each."""

    ours: tuple[Coding, ...]
    gpt2: tuple[Coding, ...]


class Tokenize(Question[TokenizedTexts], frozen=True, tag="tokens"):
    """Each text in the tokens of a vocabulary learned on the corpus, and in GPT-2's."""

    solver: ClassVar[str] = "tinylm.answers.tokens:tokens_of"
    priority: ClassVar[int] = 2
    corpus: str
    made: bool
    texts: tuple[str, ...]
    vocab_size: int
