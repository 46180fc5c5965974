"""Measures what a model learned from its text: on validation text, in facts, and in grammar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinylm.answers.experiments.solver import few_shot, number, share
from tinylm.answers.loading import load_model, world_of_run
from tinylm.corpora import load as load_corpus
from tinylm.corpora.corpus import Fact
from tinylm.corpora.world.choosing import told_tables, untold_facts
from tinylm.corpora.world.world import World
from tinylm.evaluation.loss import corpus_loss
from tinylm.evaluation.measure import measure as measure_task
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.experiments.mixture import BITS, FACTS, GRAMMAR, SHOTS, TOLD
from tinylm.knobs import TextConfig
from tinylm.model.gpt import GPT
from tinylm.questions.experiments import Figures, Look, Measured, Shown
from tinylm.text.tokenizer import Tokenizer

LOOKED_AT = 60  # facts of a look
LOOK_TOKENS, TOKENS = 4_000, 40_000  # of the validation text
SHOWN = 4


def measure(question: Look | Figures, home: Path) -> Measured:
    """Bits for each byte of validation text, facts and grammar."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    look = isinstance(question, Look)
    corpus = load_corpus(config.corpus, 1, home)
    loss = corpus_loss(model, tokenizer, corpus, LOOK_TOKENS if look else TOKENS)
    figures = {BITS: number(loss.bits_per_byte, loss.bytes)}
    facts = find_task(config.corpus, "facts", home)
    items = facts.test[:: len(facts.test) // LOOKED_AT] if look else facts.test
    said, shown = _answers(model, tokenizer, facts, items)
    right = [text == item.answer for item, text in zip(items, said, strict=True)]
    figures[FACTS] = share(sum(right), len(right))
    if look:
        return Measured(figures)
    told = _told(world_of_run(home, question.run, question.step), config.text)
    of_these = [
        one
        for one, item in zip(right, items, strict=True)
        if Fact(item.group, item.context) in told
    ]
    if of_these:
        figures[TOLD] = share(sum(of_these), len(of_these))
    grammar = find_task(config.corpus, "grammar", home)
    found = measure_task(model, tokenizer, grammar, num_fewshot=0)
    figures[GRAMMAR] = share(found.correct, found.n)
    return Measured(figures, tuple(shown))


def _told(world: World, text: TextConfig) -> set[Fact]:
    """The facts of the tables that a text tells of, without those that it never tells."""
    facts = {
        Fact(relation.id, subject.name)
        for table in told_tables(world, text.tables)
        for relation in table.relations
        for subject in relation.facts
    }
    return facts - untold_facts(world, text.untold)


def _answers(
    model: GPT, tokenizer: Tokenizer, facts: Task, items: Sequence[Item]
) -> tuple[list[str], list[Shown]]:
    """What the model says of each fact, and some of it to show."""
    prompts, said = few_shot(model, tokenizer, facts, items, SHOTS)
    places = range(0, len(items), max(1, len(items) // SHOWN))[:SHOWN]
    shown = [Shown(items[i].group, prompts[i], said[i], items[i].answer) for i in places]
    return said, shown
