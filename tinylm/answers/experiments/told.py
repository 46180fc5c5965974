"""Measures how well a model finishes its own text, and what it can answer about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tinylm.answers.experiments.solver import number, share
from tinylm.answers.loading import load_model, world_of_run
from tinylm.corpora import train_documents
from tinylm.corpora.corpus import Document
from tinylm.corpora.world.wording import with_article
from tinylm.corpora.world.world import World
from tinylm.evaluation.context import Context
from tinylm.evaluation.measure import measure as measure_task
from tinylm.evaluation.scoring import Question, greedy
from tinylm.evaluation.tasks import task as find_task
from tinylm.experiments.told import ASKED, COMMONEST, OTHERS, OWN_TEXT, TASK, TRAINED
from tinylm.questions.experiments import Figure, Figures, Look, Measured, Shown

LOOKED_AT = 80  # items of a look
AT_MOST = 300  # of its own texts, and of the questions that it learned from
SHOWN = 3
_BREAK = re.compile(r"(?<=\.) ")


def measure(question: Look | Figures, home: Path) -> Measured:
    """Its own text, or questions about both halves once it has learned to answer questions."""
    if question.arm.endswith(ASKED):
        return _questions(question, home)
    model, tokenizer, config = load_model(home, question.run, question.step)
    world = world_of_run(home, question.run, question.step)
    texts = train_documents(config.corpus, config.documents, home, config.text)
    at_most = AT_MOST if isinstance(question, Figures) else LOOKED_AT
    begun = begun_texts(texts, world, Context(tokenizer, model.config.block_size), at_most)
    asked = [Question(text, (f" {answer}",), ".") for text, answer in begun]
    said = greedy(model, tokenizer, asked)
    right = [text == answer for text, (_, answer) in zip(said, begun, strict=True)]
    shown = [
        Shown(OWN_TEXT, begun[i][0], said[i], begun[i][1])
        for i in range(0, len(begun), max(1, len(begun) // SHOWN))
    ]
    return Measured({OWN_TEXT: share(sum(right), len(right))}, tuple(shown[:SHOWN]))


def _questions(question: Look | Figures, home: Path) -> Measured:
    model, tokenizer, config = load_model(home, question.run, question.step)
    task = find_task(config.corpus, TASK, home)
    ends = isinstance(question, Figures)
    limit = 0 if ends else LOOKED_AT
    others = measure_task(
        model, tokenizer, task, num_fewshot=0, limit=limit, ranked=False, texts=True
    )
    figures = {OTHERS: Figure(others.accuracy, others.low, others.high, others.n)}
    if not ends:
        return Measured(figures)
    turned = replace(task, test=task.train)
    known = measure_task(model, tokenizer, turned, num_fewshot=0, limit=AT_MOST, ranked=False)
    figures[TRAINED] = Figure(known.accuracy, known.low, known.high, known.n)
    figures[COMMONEST] = number(others.majority, others.n)
    every = len(others.items) // SHOWN
    shown = [Shown(OTHERS, one.context, one.answer, one.gold) for one in others.items[::every]]
    return Measured(figures, tuple(shown[:SHOWN]))


def begun_texts(
    documents: Iterable[Document], world: World, context: Context, at_most: int
) -> list[tuple[str, str]]:
    """Documents up to an answer that ends a sentence, and this answer; each document once.

    Documents without such a place after their first sentence are passed over.
    """
    found: dict[str, tuple[str, str]] = {}
    forms = _answer_forms(world)
    for document in documents:
        if len(found) == at_most:
            break
        if document.text not in found:
            places = [
                (text, answer)
                for text, answer in _places(document, forms)
                if context.tokens_needed(text, (f" {answer}",), ".") <= context.size
            ]
            if places:  # the second, the third and so on in turn
                found[document.text] = places[len(found) % len(places)]
    return list(found.values())


def _places(
    document: Document, forms: dict[tuple[str, str], list[str]]
) -> Iterator[tuple[str, str]]:
    """Where a sentence, but not the first one, ends with an answer: what stands before, and it."""
    before = ""
    sentences = _BREAK.split(document.text)
    for sentence, fact in zip(sentences, document.facts, strict=True):
        words = sentence.removesuffix(".")
        answer = next((one for one in forms[fact] if words.endswith(f" {one}")), "")
        if before and answer:
            yield before + words.removesuffix(f" {answer}"), answer
        before += f"{sentence} "


def _answer_forms(world: World) -> dict[tuple[str, str], list[str]]:
    """How the answer to each fact may be written at the end of a sentence, the longest first."""
    found = {}
    for relation in world.relations:
        for subject, answer in relation.facts.items():
            forms = {relation.fill("{p}", subject), with_article(answer), answer}
            found[relation.id, subject.name] = sorted(forms, key=len, reverse=True)
    return found
