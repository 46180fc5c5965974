"""Measures task vectors on all held-out facts, beside no example, examples and a wrong vector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from tinylm.answers.experiments.solver import number, share
from tinylm.answers.loading import load_model
from tinylm.corpora import load as load_corpus
from tinylm.errors import BadRequest
from tinylm.evaluation.context import Context
from tinylm.evaluation.forced import Forced, Row, forced, rows_of
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks import taught_by
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.experiments import vector as asked
from tinylm.inside.patching import Head, Heads
from tinylm.inside.reading import Reading
from tinylm.inside.vectors import (
    Vectors,
    last_outputs,
    ranked_heads,
    task_vectors,
    turns,
    with_outputs,
    with_vectors,
    without_head,
    wrong_relations,
)
from tinylm.questions.experiments import Figure, Figures, Look, Measured, Shown
from tinylm.text.batches import validation_set

TASK_ITEMS = 100  # held-out items of each other task
MEAN_TOKENS = 12_000  # of validation text, over which the output of a silenced head is averaged
LOSS_DOCUMENTS = 200  # validation documents behind a loss
SHOWN = 4  # answers to show


class _Model:
    """A run's model with its facts, the vectors of their relations, and its heads in order."""

    def __init__(self, home: Path, run: str, step: int) -> None:
        model, tokenizer, config = load_model(home, run, step)
        self.corpus, self.home, self.tokenizer = config.corpus, home, tokenizer
        self.heads, self.context = Heads(model), Context(tokenizer, model.config.block_size)
        facts = self.task("facts")
        self.vectors, self.order = _vectors(home, run, step)
        self.facts = [item for item in facts.test if item.group in self.vectors]

    @property
    def best(self) -> Head:
        """The head whose vectors do best, by items that are not reported."""
        return self.order[0]

    def task(self, name: str) -> Task:
        return find_task(self.corpus, name, self.home)

    def rows(self, items: Sequence[Item], shots: int, control: str = "") -> list[Row]:
        return rows_of(self.context, self.task("facts"), items, shots, control)

    def plain(self, rows: Sequence[Row]) -> list[Forced]:
        return forced(self.heads.model, rows)


@lru_cache(maxsize=4)
def _vectors(home: Path, run: str, step: int) -> tuple[Vectors, list[Head]]:
    """The vectors of all relations, and the heads with the best one first."""
    model, tokenizer, config = load_model(home, run, step)
    heads, context = Heads(model), Context(tokenizer, model.config.block_size)
    facts = find_task(config.corpus, "facts", home)
    vectors = task_vectors(heads, context, facts)
    if len(vectors) < 2:
        raise BadRequest(
            "Vectors need two relations with several facts each: choose a run of a larger world."
        )
    return vectors, ranked_heads(heads, context, facts, vectors)


def measure(question: Look | Figures, home: Path) -> Measured:
    """The figures of one arm. Raises NotFound for a text without facts, or BadRequest."""
    model = _Model(home, question.run, question.step)
    if question.arm == asked.TURNED:
        return _turned(model)
    if question.arm == asked.ABLATION:
        return _ablated(model)
    items = model.facts
    if question.arm == asked.EXAMPLES:
        return Measured({asked.RIGHT: _right(model.plain(model.rows(items, asked.SHOTS)))})
    rows = model.rows(items, 0)
    if question.arm == asked.NONE:
        return Measured({asked.RIGHT: _right(model.plain(rows))})
    if question.arm == asked.WRONG:
        return _wrong(model, items, rows)
    relations = [item.group for item in items]

    def right_with(which: Sequence[Head]) -> Figure:
        return _right(with_vectors(model.heads, rows, relations, which, model.vectors))

    layer = [head for head in model.order if head.layer == model.best.layer]
    if question.arm == asked.LAYER:
        return Measured({asked.RIGHT: right_with(layer)})
    figures = {asked.RIGHT: right_with([model.best])}
    if len(model.order) > 1:
        figures[asked.NEXT] = right_with(model.order[1:2])
    figures[asked.PLACE] = number(model.best.layer + 1, len(model.order))
    return Measured(figures, _shown(model, items))


def _wrong(model: _Model, items: Sequence[Item], rows: Sequence[Row]) -> Measured:
    """The control: the vector of another relation, and whether its answer comes instead."""
    wrong = wrong_relations(model.task("facts"), items, model.vectors)
    found = with_vectors(model.heads, rows, wrong, [model.best], model.vectors)
    task = model.task("facts")
    known = {(one.group, one.context): one for one in (*task.train, *task.test)}
    others = [
        (other, group)
        for item, group in zip(items, wrong, strict=True)
        if (other := known.get((group, item.context))) and other.answer != item.answer
    ]
    figures = {asked.RIGHT: _right(found)}
    if others:
        again = model.rows([other for other, _ in others], 0)
        groups = [group for _, group in others]
        figures[asked.OTHER] = _right(
            with_vectors(model.heads, again, groups, [model.best], model.vectors)
        )
    return Measured(figures)


def _turned(model: _Model) -> Measured:
    """Copy the best head's output from the own relation's examples into another's."""
    task = model.task("facts")
    pairs = turns(task, model.facts)
    if not pairs:
        raise BadRequest(
            "No two relations ask about the same things here: choose a run of another world."
        )
    items = [pair.item for pair in pairs]
    source = model.rows(items, asked.SHOTS)
    into = model.rows(items, asked.SHOTS, "other")
    outputs = last_outputs(model.heads, [prompt for prompt, _ in source])
    figures = {
        asked.BEFORE: _right(model.plain(into)),
        asked.AFTER: _right(with_outputs(model.heads, into, [model.best], outputs)),
    }
    return Measured(figures)


def _ablated(model: _Model) -> Measured:
    """Let each head in turn write its mean over ordinary text, and see what that costs."""
    corpus = load_corpus(model.corpus, 1, model.home)
    texts = [document.text for document in corpus.val]
    ids = model.tokenizer.encode_batch(texts)
    separator, size = model.tokenizer.separator, model.heads.model.config.block_size
    sizes = [len(text.encode("utf-8")) for text in texts]
    means = model.heads.mean_outputs(
        validation_set(ids, sizes, size, separator, MEAN_TOKENS).batches
    )
    documents = [([separator], [*one, separator][: size - 1]) for one in ids[:LOSS_DOCUMENTS]]
    rows = {
        "loss": documents,
        "no example": model.rows(model.facts, 0),
        "examples": model.rows(model.facts, asked.SHOTS),
    }
    for task in taught_by(model.corpus, model.home):
        if task.name in asked.EFFECTS:
            items = task.test[:TASK_ITEMS]
            rows[task.name] = rows_of(model.context, task, items, asked.SHOTS)
    figures: dict[str, Figure] = {}
    silenced: list[Head | None] = [None, *model.order[: asked.RANKS]]
    for rank, head in enumerate(silenced):
        for name, these in rows.items():
            found = (
                model.plain(these)
                if head is None
                else without_head(model.heads, these, head, means)
            )
            figure = _loss(found) if name == "loss" else _right(found)
            figures[asked.effect(name, rank)] = figure
    return Measured(figures)


def _right(found: Sequence[Forced]) -> Figure:
    return share(sum(one.exact for one in found), len(found))


def _loss(found: Sequence[Forced]) -> Figure:
    """Nats per token."""
    tokens = sum(len(one.right) for one in found)
    return number(-math.fsum(one.log_probability for one in found) / tokens, tokens)


def _shown(model: _Model, items: Sequence[Item]) -> tuple[Shown, ...]:
    """The first question of some relations: what is said without the vector, and with it."""
    task, coder, found = model.task("facts"), model.tokenizer, list[Shown]()
    firsts = {item.group: item for item in reversed(items)}
    for group in sorted(firsts)[:: max(1, len(firsts) // SHOWN)][:SHOWN]:
        item, head = firsts[group], model.best
        ((prompt, answer),) = model.rows([item], 0)
        stops, longest = {coder.separator, *coder.encode(task.after)[:1]}, len(answer) + 2
        value = model.vectors[group][head.layer, head.head][None]
        for title, reading in (
            ("without the list", Reading(model.heads, prompt)),
            ("with the list", Reading(model.heads, prompt, head, value)),
        ):
            said = coder.decode(reading.greedy(stops, longest)).strip()
            asks = f"{item.context}{task.between}"
            found.append(Shown(f"{group}, {title}", asks, said, item.answer))
    return tuple(found)
