"""Questions about a run's model at one of its checkpoints, and their answers.

Step 0 stands for the untrained model.
"""

from __future__ import annotations

from typing import ClassVar

from tinylm.questions.base import Answer, Question

MAX_PROMPT = 10_000  # most characters of a prompt


class Share(Answer, frozen=True):
    """How many of n answers are correct, with the 95 % Wilson interval of their share."""

    n: int
    correct: int
    accuracy: float
    low: float
    high: float


class Figure(Answer, frozen=True):
    """The value of a metric, with its 95 % interval where the metric defines one."""

    value: float
    low: float | None = None
    high: float | None = None
    scale: float = 1.0  # the value for perfect answers


class Estimate(Answer, frozen=True):
    """A share between 0 and 1, with its interval."""

    value: float
    low: float
    high: float


class Item(Answer, frozen=True):
    """What a model answered to one held-out item."""

    group: str
    context: str
    gold: str
    answer: str  # the greedy answer or, in a ranked task, the most probable choice
    correct: bool


class ExamplesRead(Answer, frozen=True):
    """How many examples stood in the prompts of a measurement.

    They are fewer than were asked for where more do not fit into the model's context.
    """

    asked: int
    least: int  # of all items
    mean: float
    most: int
    complete: int  # number of items whose prompt held all that were asked for

    @property
    def short(self) -> bool:
        """Whether an item had fewer examples than were asked for."""
        return self.least < self.asked

    def in_words(self) -> str:
        """`8`, or `8 asked, 5.1 read` with the mean over the items."""
        return f"{self.asked} asked, {self.mean:.1f} read" if self.short else f"{self.asked}"


class Measurement(Share, frozen=True, kw_only=True):
    """Accuracy on the held-out items of a task, with baselines that show how good it is."""

    metric: str  # name of the leading one of `metrics`
    metrics: dict[str, Figure]
    chance: float  # accuracy of choosing among the allowed answers at random
    majority: float  # accuracy of the most frequent answer of each group's training items
    ranked: Share | None  # accuracy if the most probable choice counts, not the greedy answer
    groups: dict[str, Share]
    examples: ExamplesRead
    right: tuple[bool, ...]  # for each item, in order, to compare models on the same items
    items: tuple[Item, ...] = ()  # empty unless the texts were asked for

    @property
    def free(self) -> bool:
        """Whether any text may be an answer: then nothing can be chosen at random."""
        return not self.chance

    @property
    def leading(self) -> Estimate:
        """The leading metric as a share of its scale; the accuracy if it has no interval."""
        found = self.metrics[self.metric]
        if found.low is None or found.high is None:
            return Estimate(self.accuracy, self.low, self.high)
        return Estimate(*(one / found.scale for one in (found.value, found.low, found.high)))


class Score(Question[Measurement], frozen=True, tag="score"):
    """How accurate is a model on a task's held-out items, with k examples in the prompt?"""

    solver: ClassVar[str] = "tinylm.answers.models:score"
    lasting: ClassVar[bool] = True
    run: str
    step: int
    task: str
    num_fewshot: int = 0
    group: str = ""  # "" for all items
    limit: int = 0  # at most this many items, evenly spread; 0 for all
    seed: int = 1  # for the choice of examples
    control: str = ""  # how the examples are spoiled, see evaluation/prompts.py; "": not
    texts: bool = False  # whether the texts of the items come back


class FittingExamples(Answer, frozen=True):
    """How many examples of a few-shot prompt fit into a model's context."""

    num_fewshot: int
    num_tokens: int  # length of that prompt, with the separator before it
    block_size: int  # of the model


class Fitting(Question[FittingExamples], frozen=True, tag="fitting"):
    """How many of k examples can the model read before a held-out item and its answer?

    The prompt that `Score` gives to this item is `few_shot_prompt` with so many examples.
    """

    solver: ClassVar[str] = "tinylm.answers.models:fitting"
    priority: ClassVar[int] = 2
    run: str
    step: int
    task: str
    item: int  # its place among the task's held-out items
    num_fewshot: int
    seed: int = 1
    control: str = ""


class TaskFits(Answer, frozen=True):
    """How the items of a task fit into what a model reads at once."""

    block_size: int  # of the model
    longest: int  # tokens of the longest question with its longest answer
    too_long: tuple[str, ...]  # the inputs that do not fit even without an example
    asked: int  # examples in a prompt at most
    examples: float  # how many of them fit beside a held-out item, as a mean
    prompt: tuple[str, ...]  # the tokens of a prompt for the first held-out item that fits


class Fits(Question[TaskFits], frozen=True, tag="fits"):
    """Which items of a task can a model read, and with how many examples?"""

    solver: ClassVar[str] = "tinylm.answers.models:fits"
    priority: ClassVar[int] = 1
    run: str
    step: int
    task: str


class CorpusLoss(Answer, frozen=True):
    """Loss on validation text, in nats per token, and figures that follow from it."""

    loss: float
    perplexity: float
    bits_per_byte: float
    tokens: int
    bytes: int


class Loss(Question[CorpusLoss], frozen=True, tag="loss"):
    """What is the loss on whole validation documents of the run's corpus?"""

    solver: ClassVar[str] = "tinylm.answers.models:loss"
    run: str
    step: int
    documents: int = 0  # at most this many; 0: as many as at the end of training


class Likely(Answer, frozen=True):
    """A text and its probability."""

    text: str
    probability: float


class Odds(Answer, frozen=True):
    """The odds of what may come after a prompt."""

    tokens: tuple[Likely, ...]  # the most probable next tokens
    num_tokens: int  # length of the prompt, with the separator before it
    num_read: int  # of these the last ones, as many as fit into the model's context
    greedy: str = ""  # the greedy answer, if the question has choices
    choices: tuple[Likely, ...] = ()  # the probability of each whole choice


class NextToken(Question[Odds], frozen=True, tag="odds"):
    """How probable are the next tokens after a prompt and, with `choices`, whole answers?"""

    solver: ClassVar[str] = "tinylm.answers.models:odds"
    priority: ClassVar[int] = 2
    run: str
    step: int
    prompt: str
    top: int = 10
    choices: tuple[str, ...] = ()
    end: str = "\n"  # the text that ends an answer


class Continuation(Answer, frozen=True):
    """The text that the model wrote after a prompt."""

    text: str
    num_tokens: int


class Sample(Question[Continuation], frozen=True, tag="sample"):
    """How does the model continue a text?"""

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
    """One loss (nats per token) in three measures."""

    loss: float
    perplexity: float
    bits_per_byte: float


class KindOfText(Answer, frozen=True):
    """Counts for the documents of one kind, among those that are measured."""

    documents: int
    tokens: int
    entropy: Rung | None


class Ladder(Answer, frozen=True):
    """Losses to compare a model's loss with: those of n-gram models, and the true entropy.

    A perfect model may do a little better than `entropy`: the generator counts only the choices
    by which it wrote a text, although other choices may lead to the same text.
    """

    tokens: int
    bytes: int
    documents: int
    train_tokens: int
    models: dict[str, Rung]  # uniform, unigram, bigram, trigram
    entropy: Rung | None  # None if no generator made the text
    kinds: dict[str, KindOfText]


class LadderOf(Question[Ladder], frozen=True, tag="ladder"):
    """What does the ladder for a run's loss look like? The run must already have a tokenizer."""

    solver: ClassVar[str] = "tinylm.answers.models:ladder_of"
    run: str
    corpus: str
    documents: int


class InVocabulary(Answer, frozen=True):
    """How many tokens a text has in one vocabulary."""

    vocab_size: int
    tokens: int


class VocabularyCounts(Answer, frozen=True):
    """The length of a run's validation text in tokens of many vocabularies."""

    vocab_size: int  # of the run's own vocabulary
    tokens: int  # in the run's own vocabulary
    bytes: int
    words: int
    documents: int
    sizes: tuple[InVocabulary, ...]  # the smallest first; 256 means single bytes


class Vocabularies(Question[VocabularyCounts], frozen=True, tag="vocabulary"):
    """How many tokens does a run's validation text have in vocabularies of many sizes?"""

    solver: ClassVar[str] = "tinylm.answers.models:vocabularies"
    run: str
    corpus: str
    documents: int


class BleuCase(Answer, frozen=True):
    """BLEU of one output alone, and the numbers that it is computed from."""

    bleu: float
    bleu_effective: float  # without the n-gram orders for which the output is too short
    precisions: tuple[float, ...]
    brevity_penalty: float
    matches: tuple[tuple[int, int], ...]  # for n-grams of 1 to 4 words: (found, all)
    exact: bool
    words: int
    reference_words: int


class BleuCases(Answer, frozen=True):
    """One case for each output, in order."""

    cases: tuple[BleuCase, ...]


class Bleu(Question[BleuCases], frozen=True, tag="bleu"):
    """What is the BLEU of each predicted sentence against its reference?"""

    solver: ClassVar[str] = "tinylm.answers.models:bleu_of"
    gold: tuple[str, ...]
    predicted: tuple[str, ...]


class Tuned(Share, frozen=True, kw_only=True):
    """Accuracy after a fine-tuning, and the seconds that it took in all."""

    metric: str
    metrics: dict[str, Figure]
    seconds: float


class TransferPoint(Question[Tuned], frozen=True, tag="transfer"):
    """Fine-tune on `labels` examples; then measure all held-out items, zero-shot."""

    solver: ClassVar[str] = "tinylm.answers.transfer:measure_point"
    lasting: ClassVar[bool] = True
    queue: ClassVar = "long"
    priority: ClassVar[int] = -1
    run: str  # id of the base
    step: int
    task: str
    init: str  # base | tenth (a base of a tenth of the steps) | scratch
    labels: int  # number of labelled examples; 0: no fine-tuning
    seed: int
