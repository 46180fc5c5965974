"""The wait of a run, foretold: as the line lets them through, and at the pace of recent runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runs_fakes import CountingEngine, FakeClock, started, step_done, tiny
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.questions.corpora import Size
from tinylm.runs.forecast import Going, Pace, Place, Ran, Waiter, class_minutes, places, work
from tinylm.runs.service import Service, waiting
from tinylm.runs.store import Store
from tinylm.runs.store.line import MANY, PAUSED
from tinylm.runs.store.rows import Claim


def line(*owners: str, seconds: float | None = 60.0) -> list[Waiter]:
    """One run of each of these owners, in this order."""
    return [Waiter(f"{n} {name}", name, seconds, time=n) for n, name in enumerate(owners)]


def test_in_a_class_each_learner_has_a_turn_and_one_place() -> None:
    found = places(line("ada", "ada", "ada", "ben", "eve"), [Going("eve", 30.0)], 2, True)
    assert found == {
        "0 ada": Place(1, 0.0),
        "3 ben": Place(2, 30.0),
        "4 eve": Place(3, 60.0),
        "1 ada": Place(4, 90.0),
        "2 ada": Place(5, 150.0),
    }


def test_one_alone_waits_for_the_next_free_place() -> None:
    found = places(line("ada", "ada", "ada"), [Going("ada", 10.0), Going("ada", 20.0)], 2, False)
    assert [place.seconds for place in found.values()] == [10.0, 20.0, 70.0]


def test_what_is_not_known_is_not_said() -> None:
    assert places(line("ada", "ben"), [], 0, True)["1 ben"] == Place(2, None)  # no worker
    found = places(line("ada", "ben"), [Going("eve", None), Going("", 5.0, False)], 1, True)
    assert set(found.values()) == {Place(1, None), Place(2, None)}
    found = places(line("ada", "ben", seconds=None), [], 1, True)
    assert list(found.values()) == [Place(1, 0.0), Place(2, None)]


OWNERS = st.sampled_from(["", "ada", "ben", "eve"])
SECONDS = st.none() | st.floats(-10.0, 1e6)


@given(
    st.lists(st.tuples(OWNERS, SECONDS, st.integers(0, 9), st.integers(-1, 1))),
    st.lists(st.tuples(OWNERS, SECONDS, st.booleans()), max_size=5),
    st.integers(0, 4),
    st.booleans(),
)
def test_everybody_gets_a_place_and_no_wait_is_negative(
    rows: list[tuple[str, float | None, int, int]],
    going: list[tuple[str, float | None, bool]],
    slots: int,
    many: bool,
) -> None:
    waits = [
        Waiter(str(n), owner, seconds, turn, urgency, n)
        for n, (owner, seconds, turn, urgency) in enumerate(rows)
    ]
    found = places(waits, [Going(*one) for one in going], slots, many)
    assert sorted(place.number for place in found.values()) == list(range(1, len(rows) + 1))
    assert all(place.seconds is None or place.seconds >= 0 for place in found.values())


def test_the_pace_is_that_of_runs_of_the_same_kind_and_size() -> None:
    quick, glance = preset_config("quick"), preset_config("glance")
    tuned = preset_config("quick", kind="finetune", parent="a-run", task="facts", init="base")
    pace = Pace([Ran(quick, 60.0), Ran(quick, 80.0), Ran(quick, 70.0), Ran(tiny(), 4.0)])
    assert pace.seconds(quick) == 70.0
    assert pace.seconds(tiny()) == 4.0  # most of it is preparing
    assert pace.seconds(glance) == pytest.approx(70.0 * work(glance) / work(quick), rel=0.2)
    assert pace.seconds(tuned) is None
    assert Pace([]).seconds(quick) is None


def test_a_class_knows_beforehand_when_the_last_one_is_done() -> None:
    assert class_minutes(30, 20.0, 2) == 5.0
    assert class_minutes(31, 60.0, 4) == 8.0
    assert class_minutes(30, 20.0, 0) == 10.0  # before a worker has come


def test_the_service_says_a_wait_that_falls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SHARED", -1.0)
    clock = FakeClock()
    service = Service(tmp_path, engine=CountingEngine())
    store = service.store = Store(service.url, clock=clock, ticks=clock)
    store.set_note(MANY, True)
    ada, ben = (service.seen_by(Viewer(name, alone=False)) for name in ("ada", "ben"))
    worker = "here:1:1"
    store.beat_worker(worker, "long")

    def trains(run_id: str, steps: int) -> None:
        clock.now += 1.0
        config = service.run(run_id).config
        store.add_events(run_id, [started(0, config), step_done(steps, config)], claim)

    def start(service: Service) -> str:
        clock.now += 1.0
        return service.start(tiny())

    first, second, third = start(ada), start(ada), start(ben)
    claim = store.claim_next(worker)
    assert isinstance(claim, Claim) and claim.run_id == first
    assert ben.place(third) == Place(1, None)  # nothing is known of a first run before it trains
    trains(first, 1)
    place, later = ben.place(third), ben.place(second)
    assert place is not None and place.seconds is not None and later is not None
    trains(first, 30)
    nearer = ben.place(third)
    assert nearer is not None and 0 < (nearer.seconds or 0) < place.seconds
    assert (place.number, later.number) == (1, 2)
    service.ask(Size("names"))
    assert ben.place(third) == nearer  # nobody waits for the size of a text
    store.set_note(PAUSED, True)
    assert ben.place(third) == Place(1, None, paused=True)
    service.close()
