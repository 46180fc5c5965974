"""The figures of the experiments that look inside, on a model that takes a moment."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests import tiny
from tests.inside.test_vectors import TASK
from tinylm.answers.experiments import sudden, vector
from tinylm.config import RunConfig
from tinylm.corpora.corpus import Corpus, Document
from tinylm.errors import BadRequest
from tinylm.experiments import sudden as sudden_experiment
from tinylm.experiments import vector as vector_experiment
from tinylm.questions.experiments import Figures, Look, Measured

MOODS = replace(TASK, name="moods", test=TASK.test[:2])
HOME = Path("nowhere")


@pytest.fixture(autouse=True)
def _little(monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    """A model that was never trained, a world of two relations, and a text of a few lines."""
    model = tiny.awake(block_size=64)
    loaded = model, tiny.tokenizer(), RunConfig(corpus="little", model=model.config)
    text = tuple(Document(one, "prose") for one in tiny.documents(3))
    for module in (vector, sudden):
        monkeypatch.setattr(module, "load_model", lambda *_: loaded)
        monkeypatch.setattr(module, "taught_by", lambda *_: (TASK, MOODS))
    monkeypatch.setattr(vector, "find_task", lambda *_: TASK)
    monkeypatch.setattr(vector, "load_corpus", lambda *_: Corpus("little", text, text))
    vector._vectors.cache_clear()


def asked(arm: str) -> Measured:
    return vector.measure(Figures("vector", arm, "run", 1), HOME)


def test_every_arm_measures_its_figures_on_all_held_out_facts() -> None:
    named = vector_experiment.EXPERIMENT.figures
    for arm in vector_experiment.EXPERIMENT.arms:
        found = asked(arm.name).figures
        assert found and set(found) <= set(named)
        assert all(math.isfinite(one.value) for one in found.values())
        right = found.get(vector_experiment.RIGHT)
        assert right is None or right.n == len(TASK.test)


def test_what_the_best_head_says_is_shown_with_and_without_the_list() -> None:
    shown = asked(vector_experiment.VECTOR).shown
    assert [one.title.rpartition(", ")[2] for one in shown] == [
        "without the list",
        "with the list",
    ] * (len(shown) // 2)
    assert {one.right for one in shown} <= {item.answer for item in TASK.test}


def test_each_head_is_silenced_in_turn_beside_the_whole_model() -> None:
    found = asked(vector_experiment.ABLATION).figures
    losses = [found[vector_experiment.effect("loss", rank)].value for rank in range(5)]
    assert len(set(losses)) == len(losses)
    assert found[vector_experiment.effect("moods", 4)].n == len(MOODS.test)
    assert vector_experiment.effect("to_nuveli", 0) not in found  # this world has no languages


def test_a_world_of_one_relation_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    one = replace(TASK, train=tuple(item for item in TASK.train if item.group == "t.p"))
    monkeypatch.setattr(vector, "find_task", lambda *_: one)
    with pytest.raises(BadRequest, match="two relations"):
        asked(vector_experiment.NONE)


def test_a_look_takes_fewer_items_and_a_blind_guess_is_that_of_the_vocabulary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = replace(TASK, name="facts")
    monkeypatch.setattr(sudden, "taught_by", lambda *_: (facts,))
    monkeypatch.setattr(sudden, "LOOKED_AT", 2)
    look = sudden.measure(Look("sudden", "run", "run", 1), HOME).figures
    end = sudden.measure(Figures("sudden", "run", "run", 1), HOME).figures
    assert {one.n for one in look.values()} == {2}
    assert {one.n for one in end.values()} == {len(facts.test)}
    length = end[sudden_experiment.figure("facts", sudden_experiment.LENGTH)].value
    blind = end[sudden_experiment.figure("facts", sudden_experiment.BLIND)].value
    after = len(tiny.tokenizer().encode(facts.after))
    assert blind == pytest.approx(-(length + after) * math.log(256), abs=0.05)
