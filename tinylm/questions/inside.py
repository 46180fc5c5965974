"""Questions about what happens inside a model while it reads, and their answers."""

from __future__ import annotations

from typing import ClassVar

from tinylm.questions.base import Answer, Question
from tinylm.questions.models import Likely

ByHead = tuple[tuple[float, ...], ...]  # one number for each layer and head


class Inspection(Answer, frozen=True):
    """What a model computes for T tokens: the separator and the text after it."""

    tokens: tuple[str, ...]
    odds: tuple[tuple[Likely, ...], ...]  # at each position, the most probable next tokens
    given: tuple[float | None, ...]  # probability of the true next token; None at the end
    attention: tuple[tuple[tuple[tuple[float, ...], ...], ...], ...]  # by layer and head: T x T
    lens: tuple[tuple[Likely, ...], ...]  # by layer (first: the embedding) and position


class Inspect(Question[Inspection], frozen=True, tag="inside"):
    """What are the odds, the attention and the logit lens for one text?"""

    solver: ClassVar[str] = "tinylm.answers.inside:look_inside"
    priority: ClassVar[int] = 2
    run: str
    step: int
    prompt: str


class HeadScores(Answer, frozen=True):
    """The induction score of each head at one step."""

    step: int
    scores: ByHead


class CopyingHeads(Answer, frozen=True):
    """Induction scores at several steps of the training."""

    points: tuple[HeadScores, ...]


class Copying(Question[CopyingHeads], frozen=True, tag="copying"):
    """How much does each head copy, at each of these checkpoints?"""

    solver: ClassVar[str] = "tinylm.answers.inside:copying"
    run: str
    steps: tuple[int, ...]


class ExampleScores(Answer, frozen=True):
    """Where each head looks from the last token of a few-shot prompt: shares of its attention."""

    step: int
    answers: ByHead  # share on the first tokens of the examples' answers
    separators: ByHead  # share on the tokens just before those
    even: float  # either share, if a head looked at all tokens alike
    n: int  # how many prompts these are means of


class ReadingHeads(Answer, frozen=True):
    """Attention to examples at several steps of the training."""

    points: tuple[ExampleScores, ...]


class Reading(Question[ReadingHeads], frozen=True, tag="reading"):
    """How much does each head look at a prompt's examples, at each of these checkpoints?"""

    solver: ClassVar[str] = "tinylm.answers.inside:reading_examples"
    run: str
    steps: tuple[int, ...]
    task: str


class PlacedWord(Answer, frozen=True):
    """A word, its kind, and the place of its embedding on the map."""

    kind: str
    word: str
    x: float
    y: float
    nearest: str  # the kind of the other word whose embedding is nearest, in all directions


class WordMap(Answer, frozen=True):
    """Words of a world, placed on one plane."""

    words: tuple[PlacedWord, ...]


class MapOfWords(Question[WordMap], frozen=True, tag="map"):
    """Where do words lie at `step`, on the plane that fits them best at the step `last`?"""

    solver: ClassVar[str] = "tinylm.answers.inside:embedding_map"
    priority: ClassVar[int] = 2
    run: str
    step: int
    last: int


class ShiftedOdds(Answer, frozen=True):
    """A token's probability before and after temperature, top-k and top-p are applied."""

    text: str
    before: float
    after: float


class Drawn(Answer, frozen=True):
    """The tokens that were drawn, and the odds at the last draw."""

    tokens: tuple[Likely, ...]
    odds: tuple[ShiftedOdds, ...]
    text: str
    ended: bool  # whether the model ended its text; then nothing more is drawn


class Draw(Question[Drawn], frozen=True, tag="draw"):
    """Draw `number` tokens after a prompt, one by one."""

    solver: ClassVar[str] = "tinylm.answers.inside:draw"
    priority: ClassVar[int] = 2
    run: str
    step: int
    prompt: str
    number: int
    temperature: float
    top_k: int
    top_p: float
    seed: int


class PatchedAnswer(Answer, frozen=True):
    """A whole answer and its probability in three readings."""

    text: str
    before: float  # after the prompt
    patched: float  # after the prompt, where the head writes what it wrote in the source
    source: float  # after the source


class PatchedOdds(Answer, frozen=True):
    """What the model says in the three readings, and how probable each of that is."""

    before: str  # what it says after the prompt, the most probable token at each place
    patched: str
    source: str
    # These three and the most probable of the allowed answers, the best after the patch first.
    answers: tuple[PatchedAnswer, ...]


class PatchHead(Question[PatchedOdds], frozen=True, tag="patch"):
    """What does a model answer if one head writes, at the end, what it wrote in another prompt?"""

    solver: ClassVar[str] = "tinylm.answers.patching:patch_head"
    priority: ClassVar[int] = 2
    run: str
    step: int
    prompt: str
    source: str  # the prompt from which the head's output is copied
    layer: int  # from 0
    head: int  # from 0
    choices: tuple[str, ...]  # answers that are allowed, with the space in front
    top: int = 4  # how many of them come back
    end: str = "\n"  # the text that ends an answer
