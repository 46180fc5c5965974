"""What can be asked of what happens inside a model while it reads."""

from __future__ import annotations

from typing import ClassVar

from tinylm.questions.base import Answer, Question
from tinylm.questions.models import Likely

ByHead = tuple[tuple[float, ...], ...]  # a figure for each layer and head


class Inspection(Answer, frozen=True):
    """What a model does with a text of T tokens, which it reads after a separator."""

    tokens: tuple[str, ...]
    odds: tuple[tuple[Likely, ...], ...]  # at each position the most probable next tokens
    given: tuple[float | None, ...]  # the probability of what really came next; None at the end
    attention: tuple[tuple[tuple[tuple[float, ...], ...], ...], ...]  # layer, head, T x T
    lens: tuple[tuple[Likely, ...], ...]  # by layer, the embedding first, and position


class Inspect(Question[Inspection], frozen=True, tag="inside"):
    """Odds, attention and logit lens of one text."""

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
    """Induction scores over the training."""

    points: tuple[HeadScores, ...]


class Copying(Question[CopyingHeads], frozen=True, tag="copying"):
    """How much each head copies, at each of these checkpoints."""

    solver: ClassVar[str] = "tinylm.answers.inside:copying"
    run: str
    steps: tuple[int, ...]


class ExampleScores(Answer, frozen=True):
    """Where heads look at the end of a few-shot prompt: shares of the last token's attention."""

    step: int
    answers: ByHead  # to the first tokens of the examples' answers
    separators: ByHead  # to the tokens before them
    even: float  # what attending evenly to the whole prompt would give to either
    n: int  # prompts that are averaged


class ReadingHeads(Answer, frozen=True):
    """Attention to examples over the training."""

    points: tuple[ExampleScores, ...]


class Reading(Question[ReadingHeads], frozen=True, tag="reading"):
    """How much each head looks at a prompt's examples, at each of these checkpoints."""

    solver: ClassVar[str] = "tinylm.answers.inside:reading_examples"
    run: str
    steps: tuple[int, ...]
    task: str


class PlacedWord(Answer, frozen=True):
    """A word and where its embedding lies on the map."""

    kind: str
    word: str
    x: float
    y: float


class WordMap(Answer, frozen=True):
    """The words of a world on one plane."""

    words: tuple[PlacedWord, ...]


class MapOfWords(Question[WordMap], frozen=True, tag="map"):
    """Where words lie at `step`, on the plane that fits the checkpoint `last` best."""

    solver: ClassVar[str] = "tinylm.answers.inside:embedding_map"
    priority: ClassVar[int] = 2
    run: str
    step: int
    last: int


class ShiftedOdds(Answer, frozen=True):
    """A token's probability before and after temperature, top-k and top-p."""

    text: str
    before: float
    after: float


class Drawn(Answer, frozen=True):
    """The tokens that were drawn, and the odds of the last draw."""

    tokens: tuple[Likely, ...]
    odds: tuple[ShiftedOdds, ...]
    text: str
    ended: bool  # the model ended its text: nothing is drawn after that


class Draw(Question[Drawn], frozen=True, tag="draw"):
    """So many tokens drawn after a prompt, one by one."""

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
