"""An experiment is carried out through ordinary runs, and goes on wherever it was left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fake_engine import FakeEngine
from tests.runs_fakes import CountingEngine
from tinylm.config import RunConfig
from tinylm.errors import BadRequest
from tinylm.experiments.base import Arm, Experiment
from tinylm.learners import Viewer
from tinylm.questions.experiments import Figures, Look
from tinylm.runs.service import Service
from tinylm.runs.store.runs import OF_ANY
from tinylm.runs.trials import ArmState, Trials

TINY = Experiment(
    name="sheets",  # the fake engine answers for experiments that there are
    title="A try",
    question="Does it go on?",
    arms=(
        Arm("one", "the first", {"batch_size": 2}),
        Arm("two", "the second", {"batch_size": 3}),
        Arm("tuned", "tuned after the first", after="one", task="questions", labels=8),
    ),
    figures={"a": "something"},
    preset="tiny",
    looks=3,
)


def carried_out(trials: Trials) -> None:
    """Advance until nothing changes; the runs and jobs of these services are done at once."""
    for _ in range(20):
        trials.advance()


@pytest.fixture
def immediate(home: Path) -> Service:
    return Service(home, engine=FakeEngine(), immediate=True)


def test_every_arm_is_trained_once_and_measured_on_the_way_and_at_its_end(
    immediate: Service,
) -> None:
    trials = Trials(immediate, TINY, seed=5)
    carried_out(trials)
    states = trials.states()
    assert [one.arm.name for one in states] == ["one", "two", "tuned"]
    assert all(one.trained and one.measured is not None for one in states)
    assert [list(one.looks) for one in states] == [[20, 40], [20, 40], [13, 26, 39]]
    assert len(immediate.runs(experiment="sheets")) == 3
    base, _, tuned = (one.run for one in states)
    assert base is not None and tuned is not None
    assert tuned.parent == base.id
    assert base.config.train.seed == tuned.config.train.seed == 5
    carried_out(Trials(immediate, TINY, seed=5))  # as after a reload
    assert len(immediate.runs(experiment="sheets")) == 3


def test_another_seed_and_another_learner_have_runs_of_their_own(immediate: Service) -> None:
    for seed, owner in ((5, ""), (6, ""), (5, "somebody")):
        carried_out(Trials(immediate.seen_by(Viewer(owner)), TINY, seed))
    assert len(immediate.runs(experiment="sheets")) == 9


def test_runs_of_experiments_are_in_no_list_of_runs(immediate: Service) -> None:
    carried_out(Trials(immediate, TINY, seed=5))
    assert not immediate.runs()
    assert not immediate.runs(experiment="sheet")
    assert len(immediate.runs(experiment=None)) == 3
    assert {run.config.experiment for run in immediate.runs(experiment=OF_ANY)} == {
        run.config.experiment for run in immediate.runs(experiment=None) if run.config.experiment
    }


def test_what_is_measured_of_a_base_trains_nothing(immediate: Service) -> None:
    config = TINY.base_config(3)
    base = immediate.run(immediate.start(config))
    of_base = Experiment("sheets", "T", "Q?", TINY.arms[:2], {"a": "b"}, "tiny", of_base=True)
    trials = Trials(immediate, of_base, seed=3, base=base)
    carried_out(trials)
    assert [one.measured is not None for one in trials.states()] == [True, True]
    assert not immediate.runs(experiment="sheets")


def test_arms_are_fine_tuned_from_a_base_that_is_there(immediate: Service) -> None:
    base = immediate.run(immediate.start(TINY.base_config(3)))
    arms = (
        Arm("base", "the base"),
        Arm("tuned", "after it", after="base", task="questions", labels=8),
        Arm("further", "after that", after="tuned", task="questions", labels=9),
    )
    of_base = Experiment("sheets", "T", "Q?", arms, {"a": "b"}, "tiny", looks=4, of_base=True)
    trials = Trials(immediate, of_base, seed=3, base=base)
    trials.advance()  # the base is asked about, and the first arm begun
    carried_out(trials)
    given, tuned, further = trials.states()
    assert given.run == base and not given.looks and given.measured is not None
    assert [list(one.looks) for one in (tuned, further)] == [[10, 20, 30]] * 2
    assert tuned.measured is not None and further.measured is not None
    assert tuned.run is not None and further.run is not None
    assert (tuned.run.parent, further.run.parent) == (base.id, tuned.run.id)
    again = dict(trials.questions(arms[2], further.run))
    assert isinstance(again[40], Figures) and isinstance(again[30], Look)


def test_it_stops_and_goes_on(home: Path) -> None:
    engine = CountingEngine(gate_at=30, error=BadRequest("There is no room."))
    engine.gate.set()
    service = Service(home, engine=engine, immediate=True)
    trials = Trials(service, TINY, seed=5)
    carried_out(trials)
    (first, *_) = trials.states()
    assert first.error == "There is no room."
    assert len(engine.resumed_from) == 1, "what failed is not tried again by itself"
    engine.error = None
    trials.advance(retry=True)
    assert trials.states()[0].trained
    assert engine.resumed_from[:2] == [0, 30], "from its last checkpoint"


def test_what_one_tab_stops_no_other_tab_resumes(home: Path) -> None:
    service = Service(home, engine=FakeEngine())
    here, there = Trials(service, TINY, seed=5), Trials(service, TINY, seed=5)
    here.advance()
    there.advance()
    assert [one.training for one in here.states()] == [True, False, False]
    here.stop()
    for _ in range(3):
        first, *others = there.advance()
    assert first.halted and not first.training
    assert not any(one.run for one in others)
    assert there.advance(retry=True)[0].training, "the button goes on with it"
    assert len(service.runs(experiment="sheets")) == 1


def test_a_stopped_base_is_measured_all_the_same(home: Path) -> None:
    service = Service(home, engine=FakeEngine())
    run = service.start(TINY.base_config(3))
    service.stop(run)
    state = ArmState(TINY.arms[0], replace(service.run(run), config=RunConfig()))
    assert state.run is not None and state.run.status == "stopped"
    assert not state.halted and not state.training


def test_the_runs_of_a_whole_class_hide_none_of_one_learner(immediate: Service) -> None:
    mine = Trials(immediate.seen_by(Viewer("me")), TINY, seed=5)
    carried_out(mine)
    config = TINY.config(TINY.arms[0], 5)
    for _ in range(200):
        immediate.store.create_run(config, "another", "somebody")
    assert all(one.trained for one in mine.states())


def test_looks_wait_for_nobody_and_figures_on_the_long_queue() -> None:
    assert (Look.queue, Figures.queue) == ("short", "long")
    assert Look.priority < 0
