"""The line: each learner has a turn, one place for long work, and nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from tests.runs_fakes import FakeClock, tiny
from tinylm.process import own_token
from tinylm.questions.corpora import Download, Size
from tinylm.questions.models import NextToken, Score
from tinylm.questions.tokens import Merges
from tinylm.runs.store import Store
from tinylm.runs.store.database import Database
from tinylm.runs.store.line import DRAWN_AT_ONCE, MANY, OF_ONE, PAUSED, PERSON_WAITS, Taken
from tinylm.runs.store.rows import Claim, Command
from tinylm.runs.store.tables import jobs, runs, turns
from tinylm.runs.store.watch import STALE_AFTER

HERE, THERE = "one-computer:1:1", "another-computer:1:1"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(database_address: str, clock: FakeClock) -> Iterator[Store]:
    """The store of a class."""
    store = Store(database_address, clock=clock, ticks=clock)
    store.set_note(MANY, True)
    yield store
    store.close()


def queued(store: Store, clock: FakeClock, *owners: str) -> list[str]:
    """A waiting run for each of these owners, in this order."""
    found = []
    for owner in owners:
        clock.now += 1
        found.append(store.create_run(tiny(), owner=owner))
    return found


def claimed(store: Store, worker: str = HERE) -> Claim:
    claim = store.claim_next(worker)
    assert isinstance(claim, Claim)
    return claim


def served(store: Store, number: int) -> list[str]:
    """The owners of the next runs, each of which ends before the next one begins."""
    found = []
    for _ in range(number):
        claim = claimed(store)
        found.append(store.run(claim.run_id).owner)
        store.finish_run(claim, "done")
    return found


def test_learners_take_turns_however_many_runs_one_has_queued(
    store: Store, clock: FakeClock
) -> None:
    queued(store, clock, "ada", "ada", "ada", "ben", "ben", "eve")
    assert served(store, 6) == ["ada", "ben", "eve", "ada", "ben", "ada"]
    assert store.claim_next(HERE) is None
    queued(store, clock, "eve", "ada", "new", "ben")  # eve was served longest ago, before ben
    assert served(store, 4) == ["new", "eve", "ben", "ada"]


def test_a_run_that_is_put_back_keeps_its_place_and_its_owners_turn(
    store: Store, clock: FakeClock
) -> None:
    queued(store, clock, "ada", "ada", "ben", "eve")
    assert served(store, 1) == ["ada"]
    claim = claimed(store)
    assert store.run(claim.run_id).owner == "ben"
    store.put_back(claim)
    row = store.run(claim.run_id)
    assert (row.status, row.started) == ("queued", None)
    store.put_back(claim)  # and nothing happens to a run that is somebody else's by now
    again = claimed(store)
    assert again.run_id == claim.run_id
    store.put_back(claim)
    assert store.run(claim.run_id).status == "running"
    store.finish_run(again, "done")
    assert served(store, 2) == ["eve", "ada"]


@pytest.mark.parametrize(("wish", "status"), [("pause", "paused"), ("stop", "stopped")])
def test_a_run_that_was_halted_as_it_is_put_back_rests(
    store: Store, clock: FakeClock, wish: Command, status: str
) -> None:
    queued(store, clock, "ada")
    claim = claimed(store)
    store.wish(claim.run_id, wish)
    store.put_back(claim)
    row = store.run(claim.run_id)
    assert (row.status, row.ended) == (status, clock.now)
    assert store.wish(claim.run_id, "run") and claimed(store).run_id == claim.run_id


def test_a_run_that_was_deleted_as_it_is_put_back_can_be_removed(
    store: Store, clock: FakeClock
) -> None:
    queued(store, clock, "ada")
    claim = claimed(store)
    assert not store.delete_run(claim.run_id)  # a worker has it
    store.put_back(claim)
    assert store.deleted_at_rest() == [claim.run_id]


def test_the_runs_of_the_class_are_those_of_one_more_learner(
    store: Store, clock: FakeClock
) -> None:
    queued(store, clock, "", "", "ada", "ada")
    assert served(store, 4) == ["", "ada", "", "ada"]


def test_a_learner_has_one_place_and_the_next_run_starts_when_it_is_free(
    store: Store, clock: FakeClock
) -> None:
    first, second, bens = queued(store, clock, "ada", "ada", "ben")
    ada, ben = claimed(store), claimed(store, THERE)
    assert (ada.run_id, ben.run_id) == (first, bens)
    assert store.claim_next(THERE) is None
    store.finish_run(ada, "paused")
    assert claimed(store).run_id == second


def test_one_alone_has_all_places_first_come_first_served(store: Store, clock: FakeClock) -> None:
    store.set_note(MANY, None)
    waiting = queued(store, clock, "ada", "ada", "ben", "ada")
    assert [claimed(store).run_id for _ in waiting] == waiting


def test_nothing_begins_while_the_class_is_paused(store: Store, clock: FakeClock) -> None:
    (run_id,) = queued(store, clock, "ada")
    store.request([Size("names")], "ben")
    store.set_note(PAUSED, True)
    assert store.claim_next(HERE) is None
    store.request([NextToken("a-run", 0, "a")], "ben")
    assert store.claim_question(HERE) is not None  # a short question is answered all the same
    store.set_note(PAUSED, False)
    assert claimed(store).run_id == run_id
    store.set_note(PAUSED, True)
    store.set_note(MANY, False)  # who is alone has no teacher to go on
    assert store.claim_next(HERE) == Size("names").key()


def test_what_a_dead_worker_had_holds_up_nobody(store: Store, clock: FakeClock) -> None:
    first, second = queued(store, clock, "ada", "ada")
    assert claimed(store, THERE).run_id == first
    assert store.claim_next(HERE) is None
    clock.now += STALE_AFTER + 1
    assert claimed(store).run_id == second
    assert store.take_over() == [first]  # and it waits for the learner's next place
    assert store.claim_next(HERE) is None


def test_a_run_that_cannot_be_read_costs_nobody_a_turn(store: Store, clock: FakeClock) -> None:
    broken, after, other = queued(store, clock, "ada", "ada", "ben")
    with store._db.write() as connection:
        connection.execute(update(runs).where(runs.c.id == broken).values(config="{"))
    assert claimed(store).run_id == after
    assert store.run(broken).status == "failed"
    assert claimed(store).run_id == other


def test_long_questions_share_the_turns_of_runs(store: Store, clock: FakeClock) -> None:
    asked = [Size(f"text-{n}") for n in range(3)]
    store.request(asked, "ada")
    (run_id,) = queued(store, clock, "ben")
    assert claimed(store, THERE).run_id == run_id  # nobody waits for the sizes of texts
    assert store.claim_next(HERE) == asked[0].key()
    assert store.claim_next(HERE) is None  # ada's other questions wait for her place
    store.finish_job(asked[0].key(), None, "no")
    assert store.claim_next(HERE) == asked[1].key()


def questions(store: Store, number: int) -> list[str]:
    """The next questions, each answered before the next one is taken."""
    found = []
    for _ in range(number):
        taken = store.claim_question(HERE)
        assert taken is not None
        found.append(taken.job)
        store.finish_job(taken.job, None, "no")
    return found


def test_questions_go_by_urgency_and_then_by_turns(store: Store, clock: FakeClock) -> None:
    many = {name: [Score(name, n, "facts") for n in range(3)] for name in ("ada", "ben")}
    for name, asked in many.items():
        clock.now += 1
        store.request(asked, name)
    one = NextToken("a-run", 0, "a")
    store.request([one], "eve")
    ada, ben = many["ada"], many["ben"]
    expected = [one, ada[0], ben[0], ada[1], ben[1], ada[2], ben[2]]
    assert questions(store, 7) == [question.key() for question in expected]
    assert store.claim_question(HERE) is None


def test_one_alone_is_answered_in_the_order_of_asking(store: Store, clock: FakeClock) -> None:
    store.set_note(MANY, None)
    asked = [Score("a-run", n, "facts") for n in range(20)]
    store.request(asked, "ada")
    assert questions(store, 20) == [question.key() for question in asked]


def test_slow_questions_of_one_learner_leave_places_to_others(
    store: Store, clock: FakeClock
) -> None:
    store.request([Merges(f"text-{n}", False) for n in range(6)], "ada")
    for _ in range(OF_ONE):
        assert store.claim_question(HERE) is not None
    assert store.claim_question(HERE) is None
    last = NextToken("a-run", 0, "a")
    store.request([Merges("another", False), last], "ben")
    taken = store.claim_question(HERE, PERSON_WAITS)
    assert taken == Taken(last.key(), DRAWN_AT_ONCE)
    assert store.claim_question(HERE, PERSON_WAITS) is None
    taken = store.claim_question(HERE)
    assert taken is not None and taken.priority < PERSON_WAITS


def test_of_a_learner_who_is_forgotten_no_name_and_no_question_stays(
    store: Store, clock: FakeClock
) -> None:
    queued(store, clock, "ada")
    store.request([NextToken("a-run", 0, "a")], "ada")
    store.finish_run(claimed(store), "done")
    assert store.claim_question(HERE) is not None
    store.forget_learner("ada")
    with store._db.read() as connection:
        assert connection.execute(select(turns)).all() == []
        assert connection.scalars(select(jobs.c.question)).all() == []


def test_what_two_ask_goes_with_whoever_comes_sooner(store: Store, clock: FakeClock) -> None:
    long, short = Size("names"), Merges("names", False)
    store.request([long, *(Merges(f"text-{n}", False) for n in range(OF_ONE)), short], "ada")
    queued(store, clock, "ada", "ada")
    store.claim_job(long.key(), THERE)
    store.request([other := Size("another")], "ada")
    for _ in range(OF_ONE):
        assert store.claim_question(THERE) is not None
    assert (store.claim_next(HERE), store.claim_question(HERE)) == (None, None)
    store.join([long.key(), other.key(), short.key()], "ben")
    assert store.claim_next(HERE) == other.key()
    taken = store.claim_question(HERE)
    assert taken is not None and taken.job == short.key()
    store.join([other.key()], "eve")  # it goes on, and stays whose it is
    assert store.claim_next(HERE) is None


def test_a_worker_that_comes_back_from_the_dead_ends_nothing_of_another(
    store: Store, clock: FakeClock
) -> None:
    asked = NextToken("a-run", 0, "a")
    store.request([asked], "ada")
    assert store.claim_question(THERE) is not None
    assert store.jobs([asked])[asked.key()].status == "running"
    clock.now += STALE_AFTER + 1
    assert store.request([asked], "ada") == [asked]
    store.finish_job(asked.key(), None, "No.", worker=THERE)
    assert store.jobs([asked])[asked.key()].status == "queued"
    assert store.claim_question(HERE) is not None
    store.finish_job(asked.key(), None, "No.", worker=THERE)
    assert store.jobs([asked])[asked.key()].status == "running"
    store.finish_job(asked.key(), None, "No.", worker=HERE)
    assert store.jobs([asked])[asked.key()].status == "failed"


def test_many_workers_at_once_answer_each_question_once(database_address: str) -> None:
    first = Store(database_address, patience=30.0)
    first.set_note(MANY, True)
    asked = [NextToken("a-run", n, "a") for n in range(40)]
    for n, question in enumerate(asked):
        first.request([question], f"learner-{n % 5}")
    taken: list[str] = []

    def work(number: int) -> None:
        store = Store(database_address, patience=30.0)
        worker = f"{own_token()}-{number}"
        while len(taken) < len(asked):
            if (found := store.claim_question(worker)) is not None:
                taken.append(found.job)
                store.finish_job(found.job, None, "no", worker=worker)
        store.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(30)
    assert sorted(taken) == sorted(question.key() for question in asked)
    first.close()


def test_a_download_takes_no_place_of_those_that_compute(store: Store, clock: FakeClock) -> None:
    texts = [Download(f"text-{n}") for n in range(OF_ONE)]
    store.request(texts, "ada")
    assert set(questions_begun(store, OF_ONE)) == {text.key() for text in texts}
    asked = NextToken("a-run", 0, "a")
    store.request([asked], "ada")
    assert questions_begun(store, 1) == [asked.key()]


def questions_begun(store: Store, number: int) -> list[str]:
    taken = [store.claim_question(HERE) for _ in range(number)]
    return [one.job for one in taken if one is not None]


def test_a_look_at_what_may_not_begin_waits_for_no_writer(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(store, clock, "ada", "ada")
    claimed(store)

    def never(_: Database) -> object:
        raise AssertionError("a look takes the lock of those who write")

    monkeypatch.setattr(Database, "write", never)
    assert store.claim_next(HERE) is None
    assert store.claim_question(HERE) is None


def test_many_workers_at_once_give_each_learner_one_place_and_lose_nothing(
    database_address: str,
) -> None:
    first = Store(database_address, patience=30.0)
    first.set_note(MANY, True)
    waiting = [first.create_run(tiny(), owner=f"learner-{n % 5}") for n in range(20)]
    done: list[str] = []
    going_on: Counter[str] = Counter()
    lock, most = threading.Lock(), []

    def work() -> None:
        store = Store(database_address, patience=30.0)
        while len(done) < len(waiting):
            claim = store.claim_next(own_token())
            if not isinstance(claim, Claim):
                continue
            owner = store.run(claim.run_id).owner
            with lock:
                going_on[owner] += 1
                most.append(max(going_on.values()))
            store.beat(claim)
            with lock:
                going_on[owner] -= 1
                done.append(claim.run_id)
            store.finish_run(claim, "done")
        store.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(done) == sorted(waiting)
    assert set(most) == {1}
    assert {first.run(run_id).status for run_id in waiting} == {"done"}
    first.close()
