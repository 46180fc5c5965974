"""The service: what pages and the terminal call."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.runs_fakes import CountingEngine, tiny
from tinylm.config import RunConfig, TrainConfig
from tinylm.errors import BadRequest, NotFound, StorageError
from tinylm.events import Event
from tinylm.home import home_dir
from tinylm.learners import Viewer
from tinylm.questions.models import NextToken, Sample, Score
from tinylm.runs import cleaning as care
from tinylm.runs.forecast import Place
from tinylm.runs.service import Service, waiting
from tinylm.runs.service.waiting import MAX_QUEUED, OF_LEARNER
from tinylm.runs.store.database import Database
from tinylm.runs.store.line import PERSON_WAITS
from tinylm.runs.store.rows import remaining_seconds
from tinylm.runs.store.tables import jobs


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service without a worker: what is started stays in the queue."""
    service = Service(tmp_path)
    yield service
    service.close()


@pytest.fixture
def inline(tmp_path: Path) -> Iterator[Service]:
    """A service that does everything at once."""
    service = Service(tmp_path, engine=CountingEngine(), immediate=True)
    yield service
    service.close()


def test_start_queues_a_checked_run(service: Service) -> None:
    run_id = service.seen_by(Viewer("ada")).start(tiny(), "My run")
    assert service.store.queued_runs() == [run_id]
    assert (service.run(run_id).title, service.run(run_id).owner) == ("My run", "ada")
    with pytest.raises(BadRequest, match="steps must be between"):
        service.start(RunConfig(train=TrainConfig(steps=0)))
    assert len(service.runs()) == 1


def test_too_many_waiting_runs_are_refused_in_words(service: Service) -> None:
    for _ in range(MAX_QUEUED):
        last = service.start(tiny())
    place = service.place(last)
    assert place is not None and place.number == MAX_QUEUED
    with pytest.raises(BadRequest, match="are waiting already"):
        service.start(tiny())
    service.stop(last)
    service.start(tiny())


def test_the_place_in_line_moves_up(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SHARED", -1.0)
    first, second = service.start(tiny()), service.start(tiny())
    assert service.place(second) == Place(2, None)  # nobody works here: it waits for ever
    service.pause(first)
    assert service.place(first) is None
    assert service.place(second) == Place(1, None)
    service.resume(first)
    assert service.place(first) == Place(2, None)


def test_a_class_may_queue_so_much_and_each_learner_a_part(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "OF_CLASS", OF_LEARNER + 2)
    ada, ben = (service.seen_by(Viewer(name, alone=False)) for name in ("ada", "ben"))
    for _ in range(OF_LEARNER):
        last = ada.start(tiny())
    with pytest.raises(
        BadRequest, match=f"may have {OF_LEARNER} waiting runs.*open one from the Runs page"
    ):
        ada.start(tiny())
    ben.start_pair(tiny(), tiny(seed=2), ("one", "other"))
    with pytest.raises(BadRequest, match="The class may have"):
        ben.start(tiny())
    ada.stop(last)
    ben.start(tiny())
    for go_on in (ada.resume, ada.single_step):  # stopping and going on is no way around it
        with pytest.raises(BadRequest, match="The class may have"):
            go_on(last)
    assert ada.run(last).status == "stopped"


def start_in(service: Service) -> str:
    """Start a run of Ada's: "" where it waits now, else the sentence that refuses it."""
    try:
        service.seen_by(Viewer("ada", alone=False)).start(tiny())
    except BadRequest as error:
        return str(error)
    return ""


def test_two_servers_cannot_both_give_the_last_place(
    database_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes with one database know nothing of each other but what the database says."""
    one, other = Service(tmp_path, url=database_address), Service(tmp_path, url=database_address)
    for _ in range(OF_LEARNER - 1):
        assert start_in(one) == ""
    insert, said = one.store._insert, list[str]()
    late = threading.Thread(target=lambda: said.append(start_in(other)))

    def insert_meanwhile(*given: Any, **state: Any) -> str:
        late.start()
        late.join(0.2)  # the other looks for room while this one's run is not stored yet
        return insert(*given, **state)

    monkeypatch.setattr(one.store, "_insert", insert_meanwhile)
    assert start_in(one) == ""
    late.join()
    assert len(said) == 1 and f"may have {OF_LEARNER} waiting runs" in said[0]
    assert one.store.count_queued("ada") == OF_LEARNER
    one.close()
    other.close()


def test_a_pair_is_queued_whole_or_not_at_all(service: Service) -> None:
    ada = service.seen_by(Viewer("ada", alone=False))
    for _ in range(OF_LEARNER - 1):
        ada.start(tiny())
    with pytest.raises(BadRequest, match=f"you have {OF_LEARNER - 1}:"):
        ada.start_pair(tiny(), tiny(seed=2), ("one", "other"))
    assert service.store.count_queued("ada") == OF_LEARNER - 1


@pytest.mark.parametrize("name", ["run", "pause", "stop", "resume", "delete", "run_dir"])
@pytest.mark.parametrize("bad", ["world-tiny-aaaaaa", "../../etc", ""])
def test_an_unknown_run_is_a_sentence_everywhere(service: Service, name: str, bad: str) -> None:
    with pytest.raises(NotFound, match="Pick one on the Runs page"):
        getattr(service, name)(bad)


def test_delete_removes_the_files_and_spares_the_children(inline: Service) -> None:
    parent = inline.start(tiny())
    child = inline.start(tiny(kind="finetune", parent=parent, task="facts", init="base"))
    inline.ask(NextToken(parent, 10, "a"))
    folder = inline.run_dir(parent)
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert inline.disk_usage(parent) == 2
    inline.delete(parent)
    assert not folder.exists()
    assert [row.id for row in inline.runs()] == [child]
    assert inline.run(child).parent == parent
    with pytest.raises(NotFound):
        inline.delete(parent)
    assert inline.evals(child)


def test_files_that_cannot_be_removed_now_are_removed_later(
    inline: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = inline.start(tiny())
    folder = inline.run_dir(run_id)

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError("in use")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        inline.delete(run_id)
    assert inline.runs() == [] and folder.exists()
    Service(inline.home).close()
    assert not folder.exists()


def test_inline_everything_is_done_at_once(inline: Service) -> None:
    run_id = inline.start(tiny())
    assert inline.run(run_id).status == "done"
    assert remaining_seconds(inline.run(run_id)) == 0.0
    assert inline.ask(NextToken(run_id, 60, "a")).status == "done"


def test_the_same_question_has_one_answer(inline: Service) -> None:
    run_id = inline.start(tiny())
    question = NextToken(run_id, 60, "a")
    job = inline.ask(question)
    assert inline.ask(NextToken(run_id, 60, "a")) == job == inline.known(question)
    assert inline.ask(NextToken(run_id, 0, "a")).id != job.id
    assert inline.known(NextToken(run_id, 20, "a")) is None


def test_known_answers_cost_one_read_and_no_write(
    inline: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = {text: NextToken("a-run", 0, text) for text in "abc"}
    ahead = [NextToken("a-run", 0, "d")]
    first = inline.ask_all(questions, ahead=ahead)
    reads: list[str] = []
    read = Database.read

    def counted(database: Database) -> object:
        reads.append("read")
        return read(database)

    def never(_: Database) -> object:
        raise AssertionError("a known answer is written")

    monkeypatch.setattr(Database, "read", counted)
    monkeypatch.setattr(Database, "write", never)
    assert inline.ask_all(questions, ahead=ahead) == first
    assert reads == ["read"]


def test_what_is_asked_ahead_comes_behind_and_nobody_waits_for_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, later = NextToken("a-run", 0, "a"), NextToken("a-run", 0, "b")

    def looked(*_: object) -> int:
        raise InterruptedError("it waited, and looks for answers")

    monkeypatch.setattr(service, "num_over", looked)
    with pytest.raises(InterruptedError):
        service.ask_all({"": first}, ahead=[later], wait=9.0)
    queued = service.known_all({1: later, 0: first})
    assert [queued[0].status, queued[1].status] == ["queued", "queued"]
    assert queued[0].created < queued[1].created
    service.store.finish_job(first.key(), None, "No.")
    assert service.ask_all({"": first}, ahead=[later], wait=9.0)[""].error == "No."
    assert service.known_all({"": later})[""].status == "queued"


def test_changed_code_answers_anew(inline: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    question = NextToken("a-run", 0, "a")
    before = inline.ask(question)
    monkeypatch.setattr("tinylm.questions.base.code_version", lambda: "of another source")
    assert inline.known(question) is None
    assert inline.ask(question).id != before.id


def test_what_was_answered_about_a_run_can_be_listed(inline: Service) -> None:
    first, second = NextToken("a-run", 0, "a"), NextToken("a-run", 0, "b")
    for question in (first, second, NextToken("b-run", 0, "a"), Score("a-run", 0, "facts")):
        inline.ask(question)
    assert inline.asked(NextToken, "a-run") == [first, second]
    assert inline.asked(NextToken, "no-run") == []
    with inline.store._db.write() as connection:  # a question of another version
        connection.execute(update(jobs).where(jobs.c.id == first.key()).values(question="{}"))
    assert inline.asked(NextToken, "a-run") == [second]


def test_an_unanswered_question_comes_back_as_queued(service: Service) -> None:
    first = service.ask(NextToken("a-run", 0, "a"))
    assert first.status == "queued" and not first.over
    service.ask(NextToken("a-run", 0, "a"))
    service.ask(Score("a-run", 0, "facts"))
    service.ask(Sample("a-run", 0, "a"))
    taken = [service.store.claim_question("here:1:1") for _ in range(4)]
    assert taken[0] is not None and taken[0].job == first.id  # a long scoring does not go first
    assert taken[2] is not None and taken[2].priority < PERSON_WAITS
    assert taken[3] is None


def test_a_run_of_the_terminal_is_seen_by_pages(tmp_path: Path) -> None:
    service = Service(tmp_path, engine=CountingEngine())
    seen: list[Event] = []
    statuses: set[str] = set()

    def watch(event: Event) -> None:
        seen.append(event)
        statuses.update(row.status for row in service.runs())

    row = service.run_here(tiny(), on_event=watch)
    assert row.status == "done" and row.step == 60
    assert statuses == {"running"}
    assert [event.type for event in seen].count("step") == 60
    assert service.store.queued_runs() == []


def test_a_run_of_the_terminal_that_is_interrupted_can_be_resumed(tmp_path: Path) -> None:
    service = Service(tmp_path, engine=CountingEngine())
    row = service.run_here(tiny(), interrupted=lambda: True)
    assert (row.status, row.resumable) == ("interrupted", True)

    def press_control_c(event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.run_here(tiny(), on_event=press_control_c)
    assert {row.status for row in service.runs()} == {"interrupted"}


def test_answers_are_kept(service: Service) -> None:
    service.set_answer("ada", "corpus/guess", 0.5)
    assert service.answers("ada") == {"corpus/guess": 0.5}


def test_a_home_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="set TINYLM_HOME"):
        Service(tmp_path / "file" / "home")


def test_home_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TINYLM_HOME", str(tmp_path))
    assert home_dir() == tmp_path
    monkeypatch.delenv("TINYLM_HOME")
    assert home_dir().name == ".tinylm"


def test_sizes_of_files_that_vanish_count_nothing(tmp_path: Path) -> None:
    assert care.folder_size(tmp_path / "nothing") == 0


def test_the_server_side_loads_no_torch() -> None:
    code = (
        "import sys, tinylm.runs.service, tinylm.runs.work.supervisor; "
        "sys.exit(int('torch' in sys.modules or 'streamlit' in sys.modules))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
