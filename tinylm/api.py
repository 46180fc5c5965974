"""What `import tinylm` offers: from a corpus to a model that was trained, measured and taught.

Everything is computed in this process, without a server and without a queue. What is trained is a
run in TINYLM_HOME all the same, so the pages and the terminal show it. Each function raises
`tinylm.errors.TinylmError`, whose message is a sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from tinylm.cli.corpora import corpus_name
from tinylm.cli.terminal import answer_here, saved_step
from tinylm.config import RunConfig, check_applies, with_changes
from tinylm.corpora.corpus import Corpus
from tinylm.corpora.registry import load
from tinylm.errors import TinylmError
from tinylm.events import CurvePoint, EvalDone, Event
from tinylm.finetuning import finetune_config
from tinylm.home import home_dir
from tinylm.presets import preset_config
from tinylm.questions.models import CorpusLoss, Loss, Measurement, Sample, Score
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow
from tinylm.setting import Value
from tinylm.text.tokenizer import Tokenizer, train_tokenizer

BEST = -1  # as a step: the best one by validation
OnEvent = Callable[[Event], object]


@cache
def _service_of(home: Path) -> Service:
    return Service(home)


def _service() -> Service:
    return _service_of(home_dir())


class Run:
    """A run that was trained: its settings, its curve, its tokenizer, its loss.

    >>> Run(run.id).status
    'done'
    """

    def __init__(self, id: str) -> None:
        """Open the run with this id, which `list_runs` and the page Runs show. Raises NotFound."""
        self.id = _service().run(id).id

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    @property
    def row(self) -> RunRow:
        """All that is known of the run now, for example `row.seconds` and `row.tokens_seen`."""
        return _service().run(self.id)

    @property
    def status(self) -> str:
        """Whether the run is done, or why it is not, for example stopped or interrupted."""
        return self.row.status

    @property
    def config(self) -> RunConfig:
        """The settings that the run was trained with."""
        return self.row.config

    @property
    def curve(self) -> Sequence[CurvePoint]:
        """The loss on the training text after each update, in nats per token.

        >>> [point.step for point in run.curve]
        [1, 2, 3, 4]
        """
        return _service().curve(self.id, max_points=max(1, self.row.num_steps))

    @property
    def evals(self) -> Sequence[EvalDone]:
        """The loss on held-out text, each time that it was measured."""
        return _service().evals(self.id)

    @property
    def tokenizer(self) -> Tokenizer:
        """The run's tokenizer. Raises CheckpointError where there is none yet."""
        return Tokenizer.load(_service().run_dir(self.id) / "tokenizer.json")

    def loss(self, step: int = BEST) -> CorpusLoss:
        """Loss, perplexity and bits per byte on held-out text; step 0 is the untrained model.

        >>> run.loss().perplexity < run.loss(step=0).perplexity
        True
        """
        service = _service()
        return answer_here(service, Loss(self.id, saved_step(service, self.row, step)))


def list_runs() -> list[Run]:
    """All runs, the newest first; those that experiments trained are left out.

    >>> list_runs()[0].id == run.id
    True
    """
    return [Run(row.id) for row in _service().runs()]


def corpus(name: str, documents: int = 0) -> Corpus:
    """A corpus by its name or title, or a file of yours: text, PDF, table and others.

    A file is copied into TINYLM_HOME, as by the page Corpus. With `documents`, only so many are
    read for training.

    >>> world = corpus("world", documents=200)
    >>> len(world.train)
    200
    """
    home = home_dir()
    return load(corpus_name(name, home), documents, home)


def tokenizer(corpus: Corpus, vocab_size: int = 512) -> Tokenizer:
    """Learn a tokenizer on a corpus: 256 single bytes, and the most frequent pairs joined.

    >>> learned = tokenizer(world)
    >>> learned.decode(learned.encode("The capital"))
    'The capital'
    """
    return train_tokenizer((document.text for document in corpus.train), vocab_size)


def train(
    corpus: Corpus | str = "world",
    preset: str = "quick",
    *,
    title: str = "",
    on_event: OnEvent | None = None,
    **settings: Value,
) -> Run:
    """Pre-train a model on a corpus, which takes as long as the preset says.

    By its name, so many documents of a corpus are read as the preset says; of `corpus(...)`, those
    that it holds.
    `settings` are those that `tinylm settings` lists, for example `seed=1, n_layer=2`; one of them
    is the size of the vocabulary, since a run learns its own tokenizer on the corpus. `on_event` is
    called with each event of `tinylm.events` as it happens. Raises TinylmError.

    >>> run = train(world, "tiny", steps=4, seed=1, threads=1)
    >>> run.status
    'done'
    """
    config = preset_config(preset, **settings)
    check_applies(config, settings)
    read: dict[str, Value]
    if isinstance(corpus, str):
        read = {"corpus": corpus_name(corpus, home_dir())}
    else:  # as many documents as it has, and not as many as the preset reads
        read = {"corpus": corpus.info.name, "documents": len(corpus.train), **settings}
    return _carried_out(with_changes(config, read), title, on_event)


def finetune(
    run: Run,
    task: str,
    examples: int,
    *,
    scratch: bool = False,
    title: str = "",
    on_event: OnEvent | None = None,
    **settings: Value,
) -> Run:
    """Teach a run a task with a few labelled examples; the run itself stays as it is.

    With `scratch`, only its shape and its tokenizer are taken, and training begins with random
    weights: what comes out shows what pre-training was worth. `settings` are those of `train`, and
    for example `method="lora"`. Raises TinylmError.

    >>> tuned = finetune(run, "questions", examples=8, steps=2, threads=1)
    >>> tuned.config.parent == run.id
    True
    """
    start = "scratch" if scratch else "base"
    config = finetune_config(run.config, run.id, task, examples, start, **settings)
    check_applies(config, settings)
    return _carried_out(config, title, on_event)


def _carried_out(config: RunConfig, title: str, on_event: OnEvent | None) -> Run:
    def tell(event: Event) -> None:
        if on_event is not None:
            on_event(event)

    row = _service().run_here(config, title, on_event=tell)
    if row.status == "failed":
        raise TinylmError(row.error)
    return Run(row.id)


def measure(
    run: Run,
    task: str,
    num_fewshot: int = 0,
    *,
    step: int = BEST,
    limit: int = 0,
    seed: int = 1,
) -> Measurement:
    """How many held-out items of a task does a run answer rightly, with k examples in the prompt?

    The answer has the share with its 95 % interval, the number of items, and what chance alone
    gives. Step 0 is the untrained model; with `limit`, only so many items are asked.

    >>> measured = measure(run, "facts", num_fewshot=1, limit=10)
    >>> measured.n, 0 <= measured.low <= measured.accuracy <= measured.high <= 1
    (10, True)
    """
    service = _service()
    chosen = saved_step(service, run.row, step)
    return answer_here(service, Score(run.id, chosen, task, num_fewshot, limit=limit, seed=seed))


def generate(
    run: Run,
    prompt: str,
    num_tokens: int = 100,
    *,
    temperature: float = 0.8,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int = 1,
    step: int = BEST,
) -> str:
    """What a run writes after a prompt. Temperature 0 takes the most probable token each time.

    >>> generate(run, "The", 5, seed=3) == generate(run, "The", 5, seed=3)
    True
    """
    service = _service()
    question = Sample(
        run.id,
        saved_step(service, run.row, step),
        prompt,
        num_tokens,
        temperature,
        top_k,
        top_p,
        seed,
    )
    return answer_here(service, question).text
