"""Makes a job that `train` can run from settings: text, tokenizer, batches, model, checkpoint."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock

from tinylm import storage
from tinylm.config import ModelConfig, RunConfig
from tinylm.corpora import load as load_corpus
from tinylm.corpora import train_documents
from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.sources.large import large_text
from tinylm.corpora.world.kinds import WORKSHEET
from tinylm.errors import BadRequest, CheckpointError, NotFound, StorageError
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.probes import Probe, probes_for
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import task as find_task
from tinylm.events import Preparing
from tinylm.home import run_dir as folder_of_run
from tinylm.knobs import TextConfig
from tinylm.model.lora import add_adapters
from tinylm.model.words import LONGEST
from tinylm.text.batches import (
    Batches,
    DocumentBatches,
    ExampleBatches,
    Ids,
    ReplayBatches,
    ValidationSet,
    validation_set,
)
from tinylm.text.schedule import in_phases
from tinylm.text.tokenizer import FORMAT_VERSION, MIN_VOCAB, Tokenizer, train_tokenizer
from tinylm.training.background import Report, in_background
from tinylm.training.checkpoints import Checkpoint, CheckpointFolder
from tinylm.training.device import choose_device, choose_precision
from tinylm.training.forward import new_model
from tinylm.training.job import TrainingJob
from tinylm.training.labelled import labelled_items, solved_ids, task_validation, trials_of
from tinylm.training.loop import load_weights
from tinylm.training.streamed import token_documents

TOKENIZER_CHARACTERS = 1_500_000  # merges hardly change with more text than this
EARLY_VALIDATION_TOKENS = 2_000  # so that the early looks take less time than two updates each
QUICK_VALIDATION_TOKENS = 12_000
FINAL_VALIDATION_TOKENS = 120_000
DOCUMENTS_AT_ONCE = 500  # turned into tokens between two reports
READING, READING_AGAIN = "Reading the corpus", "Reading the pre-training text again"
REPLAY_ROWS = 4  # full rows of text in an update that replays; more rows would take more time

Prepared = Iterator[Preparing | TrainingJob]


def prepare_pretraining(config: RunConfig, run_dir: Path, home: Path, resume: bool) -> Prepared:
    """Yield a `Preparing` event for each stage, and at the end the TrainingJob.

    With `resume`, the job goes on from the run's newest checkpoint that can be read.
    """
    checkpoints = CheckpointFolder(str(run_dir / "checkpoints"))
    checkpoint = _latest(checkpoints) if resume else None
    step = _step_of(checkpoint)
    with _writing():
        run_dir.mkdir(parents=True, exist_ok=True)
    text = yield from in_background(step, READING, partial(_read_text, config, run_dir, home))
    _keep(text.tokenizer, run_dir)
    prompt, odds_prompt = _sample_prompts(config, text.info, text.tokenizer)
    device = choose_device(config.train.device)
    model = _with_vocabulary(config.model, text.tokenizer)
    yield TrainingJob(
        config=config,
        model=new_model(model, config.train),
        tokenizer=text.tokenizer,
        batches=text.batches,
        validation=text.validation,
        final_validation=text.final_validation,
        early_validation=text.early_validation,
        checkpoints=checkpoints,
        train_tokens=text.train_tokens,
        sample_prompt=prompt,
        odds_prompt=odds_prompt,
        probes=text.probes,
        device=device,
        precision=_precision(config, device, checkpoint),
        resume=checkpoint,
    )


def _sample_prompts(config: RunConfig, info: CorpusInfo, tokenizer: Tokenizer) -> tuple[str, str]:
    """The text that samples continue, and the text whose next token is watched.

    Both are what the model reads: of the corpus's own prompts only the end stays if they are longer
    than the context, and of the second one if a word would not fit behind it. Raises BadRequest
    for such a prompt in the settings.
    """
    size, own = config.model.block_size, config.sample_prompt
    if own and len(prompt_ids(tokenizer, own)) > size:
        raise BadRequest(
            f"sample_prompt takes {len(prompt_ids(tokenizer, own))} tokens, but a context of "
            f"{size} was chosen (block_size): shorten it, or choose a longer context."
        )
    sample, odds = own or info.sample_prompt, own or info.odds_prompt or info.sample_prompt
    room = size - LONGEST if size > 2 * LONGEST else size  # leave place for a whole next word
    return (
        tokenizer.decode(tokenizer.encode(sample)[1 - size :]),
        tokenizer.decode(tokenizer.encode(odds)[1 - room :]),
    )


@dataclass(frozen=True)
class _Text:
    """What pre-training needs of a corpus."""

    info: CorpusInfo
    tokenizer: Tokenizer
    batches: Batches
    train_tokens: int
    validation: ValidationSet
    final_validation: ValidationSet
    early_validation: ValidationSet
    probes: tuple[Probe, ...]


def _read_text(config: RunConfig, run_dir: Path, home: Path, report: Report) -> _Text:
    """Read the corpus, learn its vocabulary, and turn it into tokens.

    Vocabulary and validation text are those of the corpus as it usually is, so that runs whose
    settings of the text differ can be compared.
    """
    large = large_text(config.corpus, home)
    corpus = large.held_out() if large else load_corpus(config.corpus, config.documents, home)
    sample = large.sample if large else lambda: corpus
    tokenizer = _tokenizer(sample, config.model.vocab_size, run_dir, home, report)
    train = corpus.train
    if config.text != TextConfig():
        train = train_documents(config.corpus, config.documents, home, config.text)
    train_ids: Sequence[Ids]
    if large:
        train_ids = token_documents(large, tokenizer, config.documents, report)
        train_tokens = train_ids.num_tokens
    else:
        train_ids = _ids_of(train, tokenizer, report)
        train_tokens = sum(map(len, train_ids))
    val_ids = _ids_of(corpus.val, tokenizer, report)
    val_bytes = [len(document.text.encode("utf-8")) for document in corpus.val]
    shape = (config.model.block_size, tokenizer.separator)
    return _Text(
        info=corpus.info,
        tokenizer=tokenizer,
        batches=_batches(config, train, train_ids, tokenizer.separator),
        train_tokens=train_tokens,
        validation=validation_set(val_ids, val_bytes, *shape, max_tokens=QUICK_VALIDATION_TOKENS),
        final_validation=validation_set(
            val_ids, val_bytes, *shape, max_tokens=FINAL_VALIDATION_TOKENS
        ),
        early_validation=validation_set(
            val_ids, val_bytes, *shape, max_tokens=EARLY_VALIDATION_TOKENS
        ),
        probes=probes_for(config.corpus, home),
    )


def _batches(
    config: RunConfig, documents: Sequence[Document], ids: Sequence[Ids], separator: int
) -> Batches:
    """Batches of all documents, or of one phase after the other."""
    train, text = config.train, config.text

    def batches(of: Sequence[Ids]) -> Batches:
        size = config.model.block_size
        return DocumentBatches(of, train.batch_size, size, separator, train.seed)

    if not text.in_phases:
        return batches(ids)
    sheets = [one.kind.endswith(WORKSHEET) for one in documents]
    return in_phases(ids, sheets, text.sheets_from, text.sheets_until, train.steps, batches)


def _ids_of(documents: Sequence[Document], tokenizer: Tokenizer, report: Report) -> list[Ids]:
    """The token ids of each document: two bytes an id, where a list needs at least eight."""
    stage = "Turning text into tokens"
    ids: list[Ids] = []
    for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
        report(stage, f"{start:,} of {len(documents):,} documents" if start else "")
        texts = [document.text for document in documents[start : start + DOCUMENTS_AT_ONCE]]
        ids += [np.array(one, dtype=np.uint16) for one in tokenizer.encode_batch(texts)]
    return ids


def prepare_finetuning(config: RunConfig, run_dir: Path, home: Path, resume: bool) -> Prepared:
    """Like `prepare_pretraining`, but the model and the tokenizer come from the parent run.

    Raises NotFound if the parent has no model, and BadRequest if an example or a held-out item
    does not fit into its context.
    """
    checkpoints = CheckpointFolder(str(run_dir / "checkpoints"))
    checkpoint = _latest(checkpoints) if resume else None
    step = _step_of(checkpoint)
    yield Preparing(step, "Loading the model to start from")
    parent = folder_of_run(home, config.parent)
    own_tokenizer = run_dir / "tokenizer.json"
    storage.bring_file(parent / "tokenizer.json")
    source = own_tokenizer if own_tokenizer.exists() else parent / "tokenizer.json"
    if not source.exists():
        raise NotFound(f"The run {config.parent!r} has no model: train it, or choose another.")
    tokenizer = Tokenizer.load(source)
    with _writing():
        run_dir.mkdir(parents=True, exist_ok=True)
    _keep(tokenizer, run_dir)
    model = new_model(_with_vocabulary(config.model, tokenizer), config.train)
    if config.init == "base" and checkpoint is None:
        saved = CheckpointFolder(str(parent / "checkpoints"))
        base = saved.load(config.parent_step)
        if config.parent_step < 0 and base.step != saved.steps()[-1]:
            yield Preparing(0, f"The last checkpoint is damaged: starting from step {base.step:,}")
        load_weights(model, base)
    if config.method == "lora":
        add_adapters(model, config.lora_rank, config.lora_matrices, config.train.seed)
    task = find_task(config.corpus, config.task, home)
    items = labelled_items(task, config.num_examples, config.train.seed)
    context = Context(tokenizer, config.model.block_size)
    context.check(task, (*items, *task.test), config.train.seed)
    validation = task_validation(task, tokenizer, config)
    device = choose_device(config.train.device)
    example = few_shot_prompt(task, task.test[0], 0, config.train.seed).text
    examples = [solved_ids(task, item, tokenizer, config) for item in items]
    rewarded = config.method == "reward"
    trials = trials_of(task, items, examples, tokenizer, config) if rewarded else None
    batches: Batches = ExampleBatches(examples, config.train.batch_size, config.train.seed)
    if config.replay:
        again = partial(_replayed_documents, config, tokenizer, home)
        documents = yield from in_background(step, READING_AGAIN, again)
        batches = ReplayBatches(batches, documents, config.replay)
    yield TrainingJob(
        config=config,
        model=model,
        tokenizer=tokenizer,
        batches=batches,
        validation=validation,
        final_validation=validation,
        checkpoints=checkpoints,
        train_tokens=sum(len(prompt) + len(answer) for prompt, answer in examples),
        sample_prompt=example,
        odds_prompt=example,
        trials=trials,
        device=device,
        precision=_precision(config, device, checkpoint),
        resume=checkpoint,
    )


def _replayed_documents(
    config: RunConfig, tokenizer: Tokenizer, home: Path, report: Report
) -> DocumentBatches:
    """Batches of the text that the parent run learned from, in a random order of this run's seed.

    The configuration of a fine-tuning is made from its parent's, so it names the same text.
    """
    documents = train_documents(config.corpus, config.documents, home, config.text)
    return DocumentBatches(
        _ids_of(documents, tokenizer, report),
        REPLAY_ROWS,
        config.model.block_size,
        tokenizer.separator,
        config.train.seed,
    )


def _with_vocabulary(config: ModelConfig, tokenizer: Tokenizer) -> ModelConfig:
    """`config` with the tokenizer's vocabulary, which a short text may keep smaller than wanted."""
    return ModelConfig(
        config.n_layer, config.n_head, config.n_embd, config.block_size, tokenizer.vocab_size
    )


def _tokenizer(
    sample: Callable[[], Corpus], vocab_size: int, run_dir: Path, home: Path, report: Report
) -> Tokenizer:
    """The run's own tokenizer if it has one, else the one learned from a sample of the corpus."""
    own = run_dir / "tokenizer.json"
    if own.exists():
        return Tokenizer.load(own)

    def learned(merges: int) -> None:
        progress = f"{merges:,} of {vocab_size - MIN_VOCAB:,} merges" if merges else ""
        report("Learning the vocabulary", progress)

    return learned_tokenizer(sample(), vocab_size, home, learned)


def learned_tokenizer(
    corpus: Corpus,
    vocab_size: int,
    home: Path,
    report: Callable[[int], object] = lambda merges: None,
) -> Tokenizer:
    """A tokenizer of up to `vocab_size` tokens, learned from the beginning of `corpus`.

    It is learned once and kept in `home`; whoever needs the same one meanwhile waits for it. A
    smaller vocabulary of the same corpus is a prefix of a larger one. `report` is called often,
    with the number of merges so far. Raises StorageError if it cannot be written.
    """
    report(0)
    learned = f"tokenizer-{FORMAT_VERSION}-{corpus.fingerprint[:24]}-{vocab_size}.json"
    cached = home / "cache" / learned
    with contextlib.suppress(CheckpointError):
        return Tokenizer.load(cached)
    with _writing():
        cached.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(cached.with_suffix(".lock")):
            with contextlib.suppress(CheckpointError):
                return Tokenizer.load(cached)  # another one has just learned it
            tokenizer = train_tokenizer(_beginning(corpus), vocab_size, report)
            tokenizer.save(cached)
    return tokenizer


def _beginning(corpus: Corpus) -> Iterator[str]:
    characters = TOKENIZER_CHARACTERS
    for document in corpus.train:
        yield document.text[:TOKENIZER_CHARACTERS]
        characters -= len(document.text)
        if characters < 0:
            return


def _keep(tokenizer: Tokenizer, run_dir: Path) -> None:
    """Write a run's tokenizer into its folder, unless it is there."""
    own = run_dir / "tokenizer.json"
    if not own.exists():
        with _writing():
            tokenizer.save(own)
    storage.take_file(own)


def _precision(config: RunConfig, device: torch.device, checkpoint: Checkpoint | None) -> str:
    """The precision to train in; a run that goes on keeps its own.

    "auto" is a measurement, and another worker, or a busy one, may measure otherwise.
    """
    kept = checkpoint.precision if checkpoint is not None else ""
    return kept or choose_precision(config.train.precision, device, config.model.n_embd)


def _step_of(checkpoint: Checkpoint | None) -> int:
    return checkpoint.step if checkpoint is not None else 0


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """A context in which a failure to write (OSError) becomes a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The run's folder cannot be written ({error.strerror or error}): free some space or "
            "set TINYLM_HOME to another folder."
        ) from error


def _latest(checkpoints: CheckpointFolder) -> Checkpoint | None:
    """The newest checkpoint from which training can resume. Damaged newer ones are removed.

    None if the run has no checkpoint at all. Raises CheckpointError if all are damaged.
    """
    if not checkpoints.steps():
        return None
    checkpoint = checkpoints.load(with_optimizer=True)
    checkpoints.remove_after(checkpoint.step)
    return checkpoint
