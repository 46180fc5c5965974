"""Measures a run on the test questions that stood in its text and on all others, and detectors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from tinylm import recorded
from tinylm.answers.experiments.solver import few_shot, number, share
from tinylm.answers.loading import load_model, world_of_run
from tinylm.corpora.world.world import World
from tinylm.evaluation.detecting import crossed_errors, roc_area
from tinylm.evaluation.own_words import begun_sentences
from tinylm.evaluation.prompts import solved
from tinylm.evaluation.rephrasing import rephrased
from tinylm.evaluation.scoring import Question, greedy, log_likelihoods
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.evaluation.tasks.questions import leaked_items
from tinylm.experiments import leak as asked
from tinylm.model.gpt import GPT
from tinylm.questions.experiments import Figure, Figures, Look, Measured, Shown
from tinylm.text.tokenizer import Tokenizer

LOOKED_AT = 60  # questions of each kind in the middle of the training
LEAST = 2  # items of each kind that a detector needs
SHOWN = 2  # answers of each kind

Right = dict[tuple[str, str], bool]  # (relation, subject) -> whether the answer is right


def measure(question: Look | Figures, home: Path) -> Measured:
    """Accuracy on leaked and clean questions, on the same facts asked otherwise, and detectors."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    task = find_task(config.corpus, "questions", home)
    leaked, clean = leaked_items(task, config.text.leaked)
    if isinstance(question, Look):
        leaked, clean = leaked[:LOOKED_AT], clean[:: max(1, len(clean) // LOOKED_AT)]
        figures, _ = _test(model, tokenizer, task, leaked, clean)
        return Measured(figures)
    figures, shown = _test(model, tokenizer, task, leaked, clean)
    figures[asked.right(asked.WHOLE)] = _whole(figures)
    facts = find_task(config.corpus, "facts", home)
    world = world_of_run(home, question.run, question.step)
    # Both tasks ask the same facts in the same order.
    subjects = {
        (item.group, item.context): fact.context
        for item, fact in zip(task.test, facts.test, strict=True)
    }
    for how, answered in (
        (asked.WORKSHEET, _worksheets(model, tokenizer, facts)),
        (asked.OWN_WORDS, _sentences(model, tokenizer, world)),
    ):
        for which, items in ((asked.LEAKED, leaked), (asked.CLEAN, clean)):
            keys = [(item.group, subjects[item.group, item.context]) for item in items]
            found = [answered[key] for key in keys if key in answered]
            if found:
                figures[asked.right(which, how)] = share(sum(found), len(found))
    if min(len(leaked), len(clean)) >= LEAST:
        reference = load_model(home, recorded.RUN, recorded.recording().last.step)
        figures |= detected(
            [
                scores(model, tokenizer, reference[:2], task, items, world, subjects)
                for items in (leaked, clean)
            ]
        )
    return Measured(figures, tuple(shown))


def detected(scored: Sequence[dict[str, list[float]]]) -> dict[str, Figure]:
    """How well each detector tells leaked from clean questions, by their scores."""
    leaked, clean = scored
    figures: dict[str, Figure] = {}
    for detector in asked.DETECTORS:
        positives, negatives = leaked[detector], clean[detector]
        items = len(positives) + len(negatives)
        errors = crossed_errors(positives, negatives)
        figures[asked.area(detector)] = number(roc_area(positives, negatives), items)
        figures[asked.missed(detector)] = share(errors.missed, errors.positives)
        figures[asked.false_alarms(detector)] = share(errors.false_alarms, errors.negatives)
    return figures


def scores(
    model: GPT,
    tokenizer: Tokenizer,
    reference: tuple[GPT, Tokenizer],
    task: Task,
    items: Sequence[Item],
    world: World,
    subjects: dict[tuple[str, str], str],
) -> dict[str, list[float]]:
    """What each detector gives each question: the more, the more it seems to have been read."""
    written = [solved(task, item) for item in items]
    whole = log_likelihoods(model, tokenizer, written)
    tokens = [len(one) for one in tokenizer.encode_batch(written)]
    others = log_likelihoods(*reference, written)
    relations = {relation.id: relation for relation in world.relations}
    wordings: list[str] = []
    ends = [0]
    for item in items:
        relation = relations[item.group]
        name = subjects[item.group, item.context]
        subject = next(one for one in relation.facts if one.name == name)
        wordings += [
            solved(task, replace(item, context=text)) for text in rephrased(relation, subject)
        ]
        ends.append(len(wordings))
    said = log_likelihoods(model, tokenizer, wordings)
    means = [math.fsum(said[begin:end]) / (end - begin) for begin, end in pairwise(ends)]
    return {
        asked.LOSS: [a / b for a, b in zip(whole, tokens, strict=True)],
        asked.REPHRASED: [a - b for a, b in zip(whole, means, strict=True)],
        asked.REFERENCE: [a - b for a, b in zip(whole, others, strict=True)],
    }


def _test(
    model: GPT, tokenizer: Tokenizer, task: Task, leaked: Sequence[Item], clean: Sequence[Item]
) -> tuple[dict[str, Figure], list[Shown]]:
    """Accuracy as the test asks, of the whole test too, and some answers of each kind."""
    figures: dict[str, Figure] = {}
    shown: list[Shown] = []
    for which, items in ((asked.LEAKED, leaked), (asked.CLEAN, clean)):
        if not items:
            continue
        _, said = few_shot(model, tokenizer, task, items, 0)
        right = [text == item.answer for text, item in zip(said, items, strict=True)]
        figures[asked.right(which)] = share(sum(right), len(right))
        for place in range(0, len(items), max(1, len(items) // SHOWN))[:SHOWN]:
            item = items[place]
            prompt = f"{task.before}{item.context}{task.between}"
            shown.append(Shown(which, prompt, said[place], item.answer))
    return figures, shown


def _whole(figures: dict[str, Figure]) -> Figure:
    """The score of the whole test, from those of its leaked and its clean questions."""
    parts = [
        figures[name]
        for which in (asked.LEAKED, asked.CLEAN)
        if (name := asked.right(which)) in figures
    ]
    return share(sum(round(one.value * one.n) for one in parts), sum(one.n for one in parts))


def _worksheets(model: GPT, tokenizer: Tokenizer, facts: Task) -> Right:
    """The same facts as worksheet lines after examples."""
    _, said = few_shot(model, tokenizer, facts, facts.test, asked.SHOTS)
    return {
        (item.group, item.context): text == item.answer
        for item, text in zip(facts.test, said, strict=True)
    }


def _sentences(model: GPT, tokenizer: Tokenizer, world: World) -> Right:
    """The same facts as sentences of the text that their answers end."""
    begun = begun_sentences(world)
    questions = [Question(one.text, (f" {one.answer}",), ".") for one in begun]
    said = greedy(model, tokenizer, questions)
    return {
        (one.relation, one.subject): text == one.answer
        for one, text in zip(begun, said, strict=True)
    }
