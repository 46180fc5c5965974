"""What can be asked of a run's model at one of its checkpoints (step 0: untrained)."""

from __future__ import annotations

from typing import ClassVar

from tinylm.questions.base import Answer, Question


class Share(Answer, frozen=True):
    """Right answers of n, with the 95 % Wilson interval of their share."""

    n: int
    correct: int
    accuracy: float
    low: float
    high: float


class Figure(Answer, frozen=True):
    """A metric's value, with a 95 % interval where it has one of its own."""

    value: float
    low: float | None = None
    high: float | None = None
    scale: float = 1.0  # what perfect answers get


class Estimate(Answer, frozen=True):
    """A share that has its interval."""

    value: float
    low: float
    high: float


class Item(Answer, frozen=True):
    """What a model said to one held-out item."""

    group: str
    context: str
    gold: str
    answer: str  # what counts: the greedy answer, or the likeliest where the task is ranked
    correct: bool


class Measurement(Share, frozen=True, kw_only=True):
    """Accuracy on the held-out items of a task, beside what says how good that is."""

    metric: str  # the leading one of `metrics`
    metrics: dict[str, Figure]
    chance: float  # accuracy of a random allowed answer
    majority: float  # accuracy of the commonest answer of each group's training items
    ranked: Share | None  # where the likeliest allowed answer counts instead of the greedy one
    groups: dict[str, Share]
    right: tuple[bool, ...]  # of each item, in order: for comparisons on the same items
    items: tuple[Item, ...] = ()  # only where the texts were asked for

    @property
    def leading(self) -> Estimate:
        """The leading figure as a share with its interval; accuracy, where it has no interval."""
        found = self.metrics[self.metric]
        if found.low is None or found.high is None:
            return Estimate(self.accuracy, self.low, self.high)
        return Estimate(*(one / found.scale for one in (found.value, found.low, found.high)))


class Score(Question[Measurement], frozen=True, tag="score"):
    """Accuracy on a task's held-out items, from k examples in the prompt."""

    solver: ClassVar[str] = "tinylm.answers.models:score"
    run: str
    step: int
    task: str
    num_fewshot: int = 0
    group: str = ""  # "" for all items
    limit: int = 0  # so many items, evenly spread; 0 for all
    seed: int = 1  # of the choice of examples
    control: str = ""  # how the examples are spoiled: see evaluation.prompts
    texts: bool = False  # whether the texts of the items come back


class CorpusLoss(Answer, frozen=True):
    """Loss in nats per token on validation text, and what follows from it."""

    loss: float
    perplexity: float
    bits_per_byte: float
    tokens: int
    bytes: int


class Loss(Question[CorpusLoss], frozen=True, tag="loss"):
    """The loss on whole validation documents of the run's corpus."""

    solver: ClassVar[str] = "tinylm.answers.models:loss"
    run: str
    step: int
    documents: int = 0  # at most so many; 0 for as many as at the end of a training


class Likely(Answer, frozen=True):
    """A text and how probable it is."""

    text: str
    probability: float


class Odds(Answer, frozen=True):
    """What may come after a prompt."""

    tokens: tuple[Likely, ...]  # the most probable next tokens
    num_tokens: int  # of the prompt
    greedy: str = ""  # the greedy answer, where choices were asked about
    choices: tuple[Likely, ...] = ()  # each choice in full


class NextToken(Question[Odds], frozen=True, tag="odds"):
    """The odds of the next token after a prompt and, with `choices`, of whole answers."""

    solver: ClassVar[str] = "tinylm.answers.models:odds"
    priority: ClassVar[int] = 2
    run: str
    step: int
    prompt: str
    top: int = 10
    choices: tuple[str, ...] = ()
    end: str = "\n"  # what ends an answer


class Continuation(Answer, frozen=True):
    """What the model wrote."""

    text: str
    num_tokens: int


class Sample(Question[Continuation], frozen=True, tag="sample"):
    """A text continued by the model."""

    solver: ClassVar[str] = "tinylm.answers.models:sample"
    priority: ClassVar[int] = 2
    run: str
    step: int
    prompt: str
    num_tokens: int = 100
    temperature: float = 0.8  # 0: always the most probable token
    top_k: int = 0  # 0: all tokens
    top_p: float = 1.0  # 1: all tokens
    seed: int = 1


class Rung(Answer, frozen=True):
    """One figure in the three measures of loss."""

    loss: float
    perplexity: float
    bits_per_byte: float


class KindOfText(Answer, frozen=True):
    """The documents of one kind among those that are measured."""

    documents: int
    tokens: int
    entropy: Rung | None


class Ladder(Answer, frozen=True):
    """What a loss stands between: n-gram models above it, the true entropy below.

    `entropy` is a bound: the generator adds up the choices of one way to write a text, and where
    two ways write the same, a perfect model does a little better.
    """

    tokens: int
    bytes: int
    documents: int
    train_tokens: int
    models: dict[str, Rung]  # uniform, unigram, bigram, trigram
    entropy: Rung | None  # None where the text was not made by a generator
    kinds: dict[str, KindOfText]


class LadderOf(Question[Ladder], frozen=True, tag="ladder"):
    """The ladder beside a run's loss; its tokenizer must have been learned."""

    solver: ClassVar[str] = "tinylm.answers.models:ladder_of"
    run: str
    corpus: str
    documents: int


class InVocabulary(Answer, frozen=True):
    """How many tokens a text has in one vocabulary."""

    vocab_size: int
    tokens: int


class VocabularyCounts(Answer, frozen=True):
    """A run's validation text in the tokens of many vocabularies."""

    vocab_size: int  # of the run's own
    tokens: int
    bytes: int
    words: int
    documents: int
    sizes: tuple[InVocabulary, ...]  # the smallest vocabulary first; 256 is single bytes


class Vocabularies(Question[VocabularyCounts], frozen=True, tag="vocabulary"):
    """Tokens of a run's validation text in vocabularies of many sizes."""

    solver: ClassVar[str] = "tinylm.answers.models:vocabularies"
    run: str
    corpus: str
    documents: int


class BleuCase(Answer, frozen=True):
    """BLEU of one output by itself, and what it counts."""

    bleu: float
    bleu_effective: float  # without the orders that the output is too short for
    precisions: tuple[float, ...]
    brevity_penalty: float
    matches: tuple[tuple[int, int], ...]  # for 1 to 4 words: found in the reference, of how many
    exact: bool
    words: int
    reference_words: int


class BleuCases(Answer, frozen=True):
    """One case for each output."""

    cases: tuple[BleuCase, ...]


class Bleu(Question[BleuCases], frozen=True, tag="bleu"):
    """BLEU of each predicted sentence against its reference."""

    solver: ClassVar[str] = "tinylm.answers.models:bleu_of"
    gold: tuple[str, ...]
    predicted: tuple[str, ...]


class Tuned(Share, frozen=True, kw_only=True):
    """Accuracy after a fine-tuning, and how long it took."""

    metric: str
    metrics: dict[str, Figure]
    seconds: float


class TransferPoint(Question[Tuned], frozen=True, tag="transfer"):
    """Fine-tune on so many labels, and measure all held-out items without an example."""

    solver: ClassVar[str] = "tinylm.answers.transfer:measure_point"
    queue: ClassVar = "long"
    priority: ClassVar[int] = -1
    run: str  # the base
    step: int
    task: str
    init: str  # base | tenth (of the base's training) | scratch
    labels: int  # 0: as it starts
    seed: int
