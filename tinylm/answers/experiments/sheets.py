"""Measures few-shot on relations that stood in worksheets of a run's text, and on all others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from tinylm.answers.experiments import solver
from tinylm.answers.experiments.solver import share
from tinylm.answers.loading import load_model, world_of_run
from tinylm.corpora.world.choosing import told_sheets
from tinylm.corpora.world.world import World
from tinylm.evaluation.context import prompt_ids
from tinylm.evaluation.own_words import begun_sentences
from tinylm.evaluation.scoring import Question, greedy, score
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks.base import Item, Task, spread
from tinylm.experiments.sheets import (
    LABELS,
    PER_LABEL,
    SEEN,
    SHOTS,
    UNSEEN,
    WORDS,
    few_shot,
    zero_shot,
)
from tinylm.model.gpt import GPT
from tinylm.questions.experiments import Figure, Figures, Look, Measured, Shown
from tinylm.text.tokenizer import Tokenizer

LOOKED_AT = 60  # items of a look
LONGEST = 4  # tokens of an invented word and of what ends it
LABELLED = 200  # lines with invented labels
SHOWN = 3  # answers of each kind


def measure(question: Look | Figures, home: Path) -> Measured:
    """Accuracy by whether the relation was in a worksheet, with and without examples."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    world = world_of_run(home, question.run, question.step)
    sheets = told_sheets(world, config.text.sheets)
    in_sheets = frozenset(relation.id for one in sheets for relation in one.relations)
    facts = find_task(config.corpus, "facts", home)
    ask = _Asked(model, tokenizer, in_sheets)
    if isinstance(question, Look):
        items = spread(facts.test, LOOKED_AT)
        return Measured(ask.lines(facts, items, 4))
    figures: dict[str, Figure] = {}
    shown: list[Shown] = []
    for shots in SHOTS:
        figures |= ask.lines(facts, facts.test, shots, shown if shots else None)
    figures |= ask.sentences(world)
    questions = find_task(config.corpus, "questions", home)
    figures |= ask.questions(questions)
    if (found := _labels(model, tokenizer, world, question.seed)) is not None:
        figures[LABELS] = found
    return Measured(figures, tuple(shown))


class _Asked:
    """Asks one model, and counts apart what stood in worksheets of its text."""

    def __init__(self, model: GPT, tokenizer: Tokenizer, in_sheets: frozenset[str]) -> None:
        self._model, self._tokenizer, self._in_sheets = model, tokenizer, in_sheets

    def lines(
        self, facts: Task, items: Sequence[Item], shots: int, shown: list[Shown] | None = None
    ) -> dict[str, Figure]:
        """Accuracy on worksheet lines after so many examples of the same relation."""
        prompts, said = solver.few_shot(self._model, self._tokenizer, facts, items, shots)
        if shown is not None:
            for which in (SEEN, UNSEEN):
                mine = [i for i, item in enumerate(items) if self._which(item.group) == which]
                for i in mine[:: max(1, len(mine) // SHOWN)][:SHOWN]:
                    shown.append(Shown(which, prompts[i], said[i], items[i].answer))
        groups = [(item.group, text == item.answer) for item, text in zip(items, said, strict=True)]
        return {few_shot(which, shots): found for which, found in self._apart(groups).items()}

    def sentences(self, world: World) -> dict[str, Figure]:
        """Accuracy without examples: alone, in the words of the text."""
        begun = begun_sentences(world)
        questions = [Question(one.text, (" " + one.answer,), ".") for one in begun]
        said = greedy(self._model, self._tokenizer, questions)
        groups = [(one.relation, text == one.answer) for one, text in zip(begun, said, strict=True)]
        return {zero_shot(which, "own words"): f for which, f in self._apart(groups).items()}

    def questions(self, task: Task) -> dict[str, Figure]:
        """Accuracy without examples, asked as a question."""
        _, said = solver.few_shot(self._model, self._tokenizer, task, task.test, 0)
        groups = [
            (item.group, text == item.answer) for item, text in zip(task.test, said, strict=True)
        ]
        return {zero_shot(which, "instruction"): f for which, f in self._apart(groups).items()}

    def _which(self, relation: str) -> str:
        return SEEN if relation in self._in_sheets else UNSEEN

    def _apart(self, groups: Sequence[tuple[str, bool]]) -> dict[str, Figure]:
        """The share that is right, by whether the relation was in a worksheet."""
        found = {}
        for which in (SEEN, UNSEEN):
            right = [ok for relation, ok in groups if self._which(relation) == which]
            if right:
                found[which] = share(sum(right), len(right))
        return found


def _labels(model: GPT, tokenizer: Tokenizer, world: World, seed: int) -> Figure | None:
    """Accuracy at telling animals and countries apart by two invented words; None without both.

    It is None as well for a model whose context is too short for the examples.
    """
    names = {
        table.name: [entity.name for entity in table.entities]
        for table in world.tables
        if table.name in ("animals", "countries")
    }
    if len(names) < 2:
        return None
    random, right = Random(f"labels/{seed}"), []
    questions, gold = [], []
    for _ in range(LABELLED):
        labels = random.sample(WORDS, 2)
        drawn = [random.sample(some, PER_LABEL + 1) for some in names.values()]
        lines = [
            f"{name} -> {label}\n"
            for label, some in zip(labels, drawn, strict=True)
            for name in some[1:]
        ]
        random.shuffle(lines)
        asked = random.randrange(2)
        text = "".join(lines) + f"{drawn[asked][0]} ->"
        questions.append(Question(text, tuple(f" {label}" for label in labels)))
        gold.append(asked)
    room = model.config.block_size - LONGEST
    if any(len(prompt_ids(tokenizer, one.prompt)) > room for one in questions):
        return None
    scores = score(model, tokenizer, questions)
    right = [one.ranked == place for one, place in zip(scores, gold, strict=True)]
    return share(sum(right), len(right))
