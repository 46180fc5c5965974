"""Makes a job that `train` can run from settings: text, tokenizer, batches, model, checkpoint."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

from tinylm.config import ModelConfig, RunConfig
from tinylm.corpora import load as load_corpus
from tinylm.corpora.corpus import Corpus
from tinylm.errors import BadRequest, CheckpointError, NotFound, StorageError
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.probes import probes_for
from tinylm.evaluation.prompts import answer_text, few_shot_prompt
from tinylm.evaluation.tasks import Item, Task
from tinylm.evaluation.tasks import task as find_task
from tinylm.events import Preparing
from tinylm.home import run_dir as folder_of_run
from tinylm.model.gpt import GPT
from tinylm.model.lora import add_adapters
from tinylm.speed import fastest
from tinylm.text.batches import (
    Batches,
    DocumentBatches,
    ExampleBatches,
    ReplayBatches,
    ValidationSet,
    answer_rows,
    validation_set,
)
from tinylm.text.tokenizer import FORMAT_VERSION, Tokenizer, train_tokenizer
from tinylm.training.checkpoints import Checkpoint, CheckpointFolder
from tinylm.training.device import choose_device, choose_precision
from tinylm.training.loop import TrainingJob, load_weights

TOKENIZER_CHARACTERS = 1_500_000  # merges hardly change with more text than this
QUICK_VALIDATION_TOKENS = 12_000
FINAL_VALIDATION_TOKENS = 120_000
VALIDATION_ROWS = 32
REPLAY_ROWS = 4  # full rows of text in an update that replays; more rows would take more time

Prepared = Iterator[Preparing | TrainingJob]


def prepare_pretraining(config: RunConfig, run_dir: Path, home: Path, resume: bool) -> Prepared:
    """Yield a `Preparing` event for each stage, and at the end the TrainingJob.

    With `resume`, the job goes on from the run's newest checkpoint that can be read.
    """
    checkpoints = CheckpointFolder(str(run_dir / "checkpoints"))
    checkpoint = _latest(checkpoints) if resume else None
    yield Preparing(0, "Reading the corpus")
    corpus = load_corpus(config.corpus, config.documents, home)
    with _writing():
        run_dir.mkdir(parents=True, exist_ok=True)
    yield Preparing(0, "Learning the vocabulary")
    tokenizer = _tokenizer(corpus, config.model.vocab_size, run_dir, home)
    yield Preparing(0, "Turning text into tokens")
    train_ids = tokenizer.encode_batch([d.text for d in corpus.train])
    val_texts = [d.text for d in corpus.val]
    val_ids = tokenizer.encode_batch(val_texts)
    val_bytes = [len(text.encode("utf-8")) for text in val_texts]
    shape = (config.model.block_size, tokenizer.separator)
    prompt, odds_prompt = _sample_prompts(config, corpus, tokenizer)
    device = choose_device(config.train.device)
    yield TrainingJob(
        config=config,
        model=fastest(GPT)(_with_vocabulary(config.model, tokenizer), seed=config.train.seed),
        tokenizer=tokenizer,
        batches=DocumentBatches(train_ids, config.train.batch_size, *shape, config.train.seed),
        validation=validation_set(val_ids, val_bytes, *shape, max_tokens=QUICK_VALIDATION_TOKENS),
        final_validation=validation_set(
            val_ids, val_bytes, *shape, max_tokens=FINAL_VALIDATION_TOKENS
        ),
        checkpoints=checkpoints,
        train_tokens=sum(map(len, train_ids)),
        sample_prompt=prompt,
        odds_prompt=odds_prompt,
        probes=probes_for(config.corpus, home),
        device=device,
        precision=choose_precision(config.train.precision, device, config.model.n_embd),
        resume=checkpoint,
    )


def _sample_prompts(config: RunConfig, corpus: Corpus, tokenizer: Tokenizer) -> tuple[str, str]:
    """The text that samples continue, and the text whose next token is watched.

    Both are what the model reads: of the corpus's own prompts only the end stays if they are longer
    than the context. Raises BadRequest for such a prompt in the settings.
    """
    size, own = config.model.block_size, config.sample_prompt
    if own and len(prompt_ids(tokenizer, own)) > size:
        raise BadRequest(
            f"sample_prompt takes {len(prompt_ids(tokenizer, own))} tokens, but a context of "
            f"{size} was chosen (block_size): shorten it, or choose a longer context."
        )
    info = corpus.info
    texts = own or info.sample_prompt, own or info.odds_prompt or info.sample_prompt
    sample, odds = (tokenizer.decode(tokenizer.encode(text)[1 - size :]) for text in texts)
    return sample, odds


def prepare_finetuning(config: RunConfig, run_dir: Path, home: Path, resume: bool) -> Prepared:
    """Like `prepare_pretraining`, but the model and the tokenizer come from the parent run.

    Raises NotFound if the parent has no model, and BadRequest if an example or a held-out item
    does not fit into its context.
    """
    checkpoints = CheckpointFolder(str(run_dir / "checkpoints"))
    checkpoint = _latest(checkpoints) if resume else None
    yield Preparing(0, "Loading the model to start from")
    parent = folder_of_run(home, config.parent)
    own_tokenizer = run_dir / "tokenizer.json"
    source = own_tokenizer if own_tokenizer.exists() else parent / "tokenizer.json"
    if not source.exists():
        raise NotFound(f"The run {config.parent!r} has no model: train it, or choose another.")
    tokenizer = Tokenizer.load(source)
    with _writing():
        run_dir.mkdir(parents=True, exist_ok=True)
        tokenizer.save(own_tokenizer)
    model = fastest(GPT)(_with_vocabulary(config.model, tokenizer), seed=config.train.seed)
    if config.init == "base" and checkpoint is None:
        load_weights(model, CheckpointFolder(str(parent / "checkpoints")).load(config.parent_step))
    if config.method == "lora":
        add_adapters(model, config.lora_rank, config.lora_matrices, config.train.seed)
    task = find_task(config.corpus, config.task, home)
    items = labelled_items(task, config.num_examples, config.train.seed)
    context = Context(tokenizer, config.model.block_size)
    context.check(task, (*items, *task.test), config.train.seed)
    validation = _task_validation(task, tokenizer, config)
    device = choose_device(config.train.device)
    example = few_shot_prompt(task, task.test[0], 0, config.train.seed).text
    examples = [_solved_ids(task, item, tokenizer, config) for item in items]
    batches: Batches = ExampleBatches(examples, config.train.batch_size, config.train.seed)
    if config.replay:
        yield Preparing(0, "Reading the pre-training text again")
        documents = _replayed_documents(config, tokenizer, home)
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
        device=device,
        precision=choose_precision(config.train.precision, device, config.model.n_embd),
        resume=checkpoint,
    )


def _replayed_documents(config: RunConfig, tokenizer: Tokenizer, home: Path) -> DocumentBatches:
    """Batches of the text that the parent run learned from, in a random order of this run's seed.

    The configuration of a fine-tuning is made from its parent's, so it names the same text.
    """
    corpus = load_corpus(config.corpus, config.documents, home)
    return DocumentBatches(
        tokenizer.encode_batch([d.text for d in corpus.train]),
        REPLAY_ROWS,
        config.model.block_size,
        tokenizer.separator,
        config.train.seed,
    )


def labelled_items(task: Task, number: int, seed: int) -> list[Item]:
    """`number` training items of `task` in an order fixed by `seed`.

    A smaller number gives the first items of a larger one. Raises BadRequest for a number below 1
    or above the number of training items.
    """
    if not 1 <= number <= len(task.train):
        raise BadRequest(
            f"Task {task.name!r} has {len(task.train)} labelled examples: choose between 1 and "
            f"{len(task.train)}."
        )
    order = list(task.train)
    random.Random(f"labels/{task.name}/{seed}").shuffle(order)
    return order[:number]


def _solved_ids(
    task: Task, item: Item, tokenizer: Tokenizer, config: RunConfig
) -> tuple[list[int], list[int]]:
    """The ids of one example's prompt and of its answer, as fine-tuning reads them."""
    prompt = few_shot_prompt(task, item, 0, config.train.seed).text
    answer = tokenizer.encode(answer_text(task, item) + task.after)
    return prompt_ids(tokenizer, prompt), answer


def _task_validation(task: Task, tokenizer: Tokenizer, config: RunConfig) -> ValidationSet:
    """The task's held-out items as a validation set. Only the answers' tokens count in the loss."""
    pairs = [_solved_ids(task, item, tokenizer, config) for item in task.test]
    pairs.sort(key=lambda pair: len(pair[0]) + len(pair[1]))
    return ValidationSet(
        batches=tuple(
            answer_rows(pairs[i : i + VALIDATION_ROWS])
            for i in range(0, len(pairs), VALIDATION_ROWS)
        ),
        num_tokens=sum(len(answer) for _, answer in pairs),
        num_bytes=sum(tokenizer.num_bytes(answer) for _, answer in pairs),
        num_documents=len(pairs),
    )


def _with_vocabulary(config: ModelConfig, tokenizer: Tokenizer) -> ModelConfig:
    """`config` with the tokenizer's vocabulary, which a short text may keep smaller than wanted."""
    return ModelConfig(
        config.n_layer, config.n_head, config.n_embd, config.block_size, tokenizer.vocab_size
    )


def _tokenizer(corpus: Corpus, vocab_size: int, run_dir: Path, home: Path) -> Tokenizer:
    """The tokenizer in the run's folder; if there is none, the corpus's, which is saved there."""
    own = run_dir / "tokenizer.json"
    if own.exists():
        return Tokenizer.load(own)
    tokenizer = learned_tokenizer(corpus, vocab_size, home)
    with _writing():
        tokenizer.save(own)
    return tokenizer


def learned_tokenizer(corpus: Corpus, vocab_size: int, home: Path) -> Tokenizer:
    """A tokenizer of up to `vocab_size` tokens, learned from the beginning of `corpus`.

    It is learned once and kept in `home`. A smaller vocabulary of the same corpus is a prefix of
    a larger one. Raises StorageError if it cannot be written.
    """
    learned = f"tokenizer-{FORMAT_VERSION}-{corpus.fingerprint[:24]}-{vocab_size}.json"
    cached = home / "cache" / learned
    with contextlib.suppress(CheckpointError):
        return Tokenizer.load(cached)
    tokenizer = train_tokenizer(_beginning(corpus, TOKENIZER_CHARACTERS), vocab_size)
    with _writing():
        cached.parent.mkdir(parents=True, exist_ok=True)
        tokenizer.save(cached)
    return tokenizer


def _beginning(corpus: Corpus, characters: int) -> Iterator[str]:
    for document in corpus.train:
        yield document.text
        characters -= len(document.text)
        if characters < 0:
            return


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
