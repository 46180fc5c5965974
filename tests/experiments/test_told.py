"""Told one way, told many ways: the texts differ as they say, and their sentences are begun."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tinylm import recorded
from tinylm.answers.experiments import told
from tinylm.answers.experiments.solver import figures
from tinylm.answers.experiments.told import begun_texts
from tinylm.corpora import train_documents
from tinylm.corpora.corpus import Document, Fact
from tinylm.corpora.world.world import default_world
from tinylm.evaluation.context import Context
from tinylm.evaluation.tasks import task
from tinylm.experiments.told import (
    COMMONEST,
    EXPERIMENT,
    LABELS,
    OTHERS,
    TASK,
    TRAINED,
    WAYS,
    asked,
)
from tinylm.questions.experiments import Figures
from tinylm.text.tokenizer import Tokenizer

TOKENIZER = Tokenizer.load(recorded.FOLDER / "tokenizer.json")


def texts(way: str, home: Path) -> list[Document]:
    config = EXPERIMENT.config(EXPERIMENT.arm(way), 1)
    return list(train_documents(config.corpus, 1_500, home, config.text))


def test_each_way_varies_what_it_says_and_nothing_else(home: Path) -> None:
    orders: dict[str, float] = {}
    wordings: dict[str, float] = {}
    for way in WAYS:
        found = texts(way.name, home)
        assert {one.kind for one in found} == {"biography"}
        about: dict[str, list[Document]] = {}
        for one in found:
            about.setdefault(one.facts[0].subject, []).append(one)
        several = [some for some in about.values() if len(some) > 1]
        orders[way.name] = max(len({one.facts for one in some}) for some in several)
        wordings[way.name] = max(
            len({frozenset(one.text.split(". ")) for one in some}) for some in several
        )
    assert orders["fixed"] == orders["wording"] == 1 < min(orders["order"], orders["both"])
    assert wordings["fixed"] == 1 < min(wordings["wording"], wordings["both"])


def test_all_ways_tell_the_facts_that_questions_ask(home: Path) -> None:
    world, half = default_world(), task("world", TASK)
    assert len(half.train) >= LABELS
    names = {
        relation.fill(relation.question, subject): Fact(relation.id, subject.name)
        for relation in world.relations
        for subject in relation.facts
    }
    wanted = {names[item.context] for item in (*half.train, *half.test)}
    for way in ("fixed", "both"):
        config = EXPERIMENT.config(EXPERIMENT.arm(way), 1)
        documents = train_documents(config.corpus, 5_000, home, config.text)
        told = {fact for one in documents for fact in one.facts}
        assert len(wanted & told) / len(wanted) > 0.97, way


def test_documents_are_begun_up_to_an_answer_that_ends_a_sentence() -> None:
    text = "Lima is the capital of Peru. The currency of Peru is the sol. Peru lies in Asia."
    facts = tuple(Fact(f"countries.{one}", "Peru") for one in ("capital", "currency", "continent"))
    begun = begun_texts(
        [Document(text, "biography", facts=facts)] * 2,
        default_world(),
        Context(TOKENIZER, 128),
        9,
    )
    # The first sentence has nothing before it, the third one says something else.
    assert begun == [("Lima is the capital of Peru. The currency of Peru is the", "sol")]


def test_the_recorded_model_has_never_learned_to_answer_questions(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half, step = task("world", TASK), recorded.recording().last.step
    few = replace(half, train=half.train[::30], test=half.test[::15])
    monkeypatch.setattr(told, "find_task", lambda *_: few)
    found = figures(Figures("told", asked("both"), recorded.RUN, step), home)
    assert found.figures[OTHERS].value < found.figures[COMMONEST].value
    assert found.figures[TRAINED].n == len(few.train)
    assert len(found.shown) == 3
