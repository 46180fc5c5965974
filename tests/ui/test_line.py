"""A place in line, in words."""

from __future__ import annotations

import pytest

from tests.runs_fakes import tiny
from tinylm.experiments.registry import experiment
from tinylm.runs.forecast import Place
from tinylm.runs.service import Service
from tinylm.runs.store.line import MANY, PAUSED
from tinylm.runs.trials import ArmState
from ui import compare, experiments
from ui.line import TICK, WAITING_TICK, place_words, state_line, tick_of


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(1, None), "next in line"),
        (Place(1, 0.0), "next in line, begins in a moment"),
        (Place(2, 7.0), "second in line, begins in about 10 s"),
        (Place(3, 44.0), "third in line, begins in about 40 s"),
        (Place(3, 118.0), "third in line, begins in about 2 min"),
        (Place(14, 900.0), "number 14 in line, begins in about 15 min"),
        (Place(2, None, True), "second in line; the class is paused until your teacher goes on"),
    ],
)
def test_a_place_is_said_no_finer_than_it_is_known(place: Place, words: str) -> None:
    assert place_words(place) == words


def test_only_a_run_that_waits_has_a_place(service: Service) -> None:
    store = service.store
    run_id = store.create_run(tiny(), owner="ada")
    assert state_line(service.run(run_id)) == "🔄 waiting for its turn · next in line"
    store.set_note(MANY, True)
    store.set_note(PAUSED, True)
    other = store.create_run(tiny(), owner="ben")
    service._lines.put("", (-1e9, {}))  # what was read before is too old
    assert "paused" in state_line(service.run(other))
    assert store.claim_run(run_id, "another-computer:1:1") is not None
    assert state_line(service.run(run_id)) == "🔄 training"


def test_a_line_that_hardly_moves_is_looked_at_less_often(service: Service) -> None:
    store = service.store
    store.set_note(MANY, True)
    first, second = (store.create_run(tiny(), owner=name) for name in ("ada", "ben"))
    assert tick_of([service.run(first)]) == TICK
    assert tick_of([service.run(second)]) == WAITING_TICK > TICK
    assert tick_of([service.run(first), service.run(second)]) == TICK
    assert store.claim_run(first, "another-computer:1:1") is not None
    service._lines.put("", (-1e9, {}))  # what was read before is too old
    assert tick_of([service.run(second)]) == TICK  # it is next now
    third = store.create_run(tiny(), owner="eve")
    service._lines.put("", (-1e9, {}))
    assert tick_of([service.run(first), service.run(third)]) == TICK  # one of them trains


def test_experiments_and_comparisons_look_as_rarely_while_all_wait(service: Service) -> None:
    store = service.store
    store.set_note(MANY, True)
    config = tiny(experiment="sheets")
    first, second = (store.create_run(config, owner=name) for name in ("ada", "ben"))
    arm = experiment("sheets").arms[0]
    states = {one: ArmState(arm, service.run(one)) for one in (first, second)}
    assert experiments._every([]) == experiments._every([states[first]]) == TICK
    assert experiments._every([states[second]]) == WAITING_TICK
    assert compare._every([service.run(second)]) == WAITING_TICK
    assert compare._every([service.run(first), service.run(second)]) == compare.TICK
