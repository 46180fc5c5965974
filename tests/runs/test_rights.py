"""Who may call what of the service: every public method is decided here, or a test fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.own_rows import review_rows
from tests.runs_fakes import CountingEngine, tiny
from tinylm.corpora.sources.own_worlds import save_world
from tinylm.corpora.sources.uploads import save_upload
from tinylm.corpora.world.tables import Grids, original_tables
from tinylm.errors import Forbidden
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.store import kept_tasks
from tinylm.evaluation.tasks.own.template import Template
from tinylm.events import RunStarted
from tinylm.learners import Viewer
from tinylm.questions.corpora import Download, Statistics
from tinylm.questions.exports import Export
from tinylm.runs.service import Service
from tinylm.runs.service.people import OF_ALL

ROWS = review_rows()
TEXT = "\n".join(f"{asked}: {answer}." for asked, answer in ROWS).encode()
ADA, BOB = Viewer("ada", alone=False), Viewer("bob", alone=False)
NOBODY = Viewer("", alone=False)  # a browser that keeps no cookies
TEACHER = Viewer("eve", alone=False, teacher=True)
ALONE = Viewer("bob", alone=True)

Call = Callable[[Service, str], object]

# What only the owner of a run may do, the teacher, and who is alone
CHANGES: dict[str, Call] = {
    "pause": lambda service, run: service.pause(run),
    "stop": lambda service, run: service.stop(run),
    "resume": lambda service, run: service.resume(run),
    "single_step": lambda service, run: service.single_step(run),
    "set_lr_factor": lambda service, run: service.set_lr_factor(run, 2.0),
    "rename": lambda service, run: service.rename(run, "mine now"),
    "delete": lambda service, run: service.delete(run),
    "resume_here": lambda service, run: service.resume_here(run),
    "ask": lambda service, run: service.ask(Export(run, 0, "curve")),
    "ask_all": lambda service, run: service.ask_all({1: Export(run, 0, "curve")}),
    "ask_anew": lambda service, run: service.ask_anew(Export(run, 0, "curve")),
    "answers": lambda service, run: service.answers("ada"),
    "set_answer": lambda service, run: service.set_answer("ada", "key", 1),
    "cancel_download": lambda service, run: service.cancel_download("tinyshakespeare"),
}
# The same of what Ada brought: her text, her world, and her task
CHANGES_THINGS: dict[str, Call] = {
    "delete_corpus": lambda service, text: service.delete_corpus(text),
    "delete_task": lambda service, text: service.delete_task(the_task(service)),
}
# What everybody may do who keeps a cookie, and what then belongs to them
STARTS: dict[str, Call] = {
    "start": lambda service, run: service.start(tiny()),
    "start_pair": lambda service, run: service.start_pair(tiny(), tiny(), ("a", "b")),
    "run_here": lambda service, run: service.run_here(tiny()),
    "keep_text": lambda service, run: service.keep_text(TEXT + b"More.", "Another"),
    "keep_mixture": lambda service, run: service.keep_mixture({"world": 1, "names": 1}, {}),
    "keep_world": lambda service, run: service.keep_world("World", with_a_new_row()),
    "keep_task": lambda service, run: service.keep_task(
        check_rows(ROWS[:-1]), "classification", Template(), "Another"
    ),
    "taken_in": lambda service, run: service.taken_in(save_upload(TEXT, "Text", service.home)),
}
# What the teacher alone may do, and who is alone
SEES_ALL: dict[str, Call] = {"everybodys_runs": lambda service, run: service.everybodys_runs()}
# What the teacher alone may do with what is hers, as the class has it in common
GIVES: dict[str, Call] = {
    "give_run": lambda service, run: service.give_run(run),
    "give_thing": lambda service, run: service.give_thing(adas_text(service)),
}
# What everybody may do who knows the id
READS: dict[str, Call] = {
    "run": lambda service, run: service.run(run),
    "curve": lambda service, run: service.curve(run),
    "evals": lambda service, run: service.evals(run),
    "latest": lambda service, run: service.latest(run, RunStarted),
    "told": lambda service, run: service.told(run),
    "stage": lambda service, run: service.stage(run),
    "checkpoints": lambda service, run: service.checkpoints(run),
    "best_step": lambda service, run: service.best_step(run),
    "place": lambda service, run: service.place(run),
    "run_dir": lambda service, run: service.run_dir(run),
    "lr_factor": lambda service, run: service.lr_factor(run),
    "asked": lambda service, run: service.asked(Export, run),
}
# What shows nothing of a single learner, or only what belongs to the viewer: see the tests below
HARMLESS: dict[str, Call] = {
    "runs": lambda service, run: service.runs(),
    "disk_usage": lambda service, run: service.disk_usage(),
    "workers": lambda service, run: service.workers(),
    "slots": lambda service, run: service.slots(),
    "budget": lambda service, run: service.budget(),
    "check_memory": lambda service, run: service.check_memory(tiny()),
    "class_answers": lambda service, run: service.class_answers(OF_ALL[0]),
    "known": lambda service, run: service.known(Download("tinyshakespeare")),
    "known_all": lambda service, run: service.known_all({1: Download("tinyshakespeare")}),
    "num_over": lambda service, run: service.num_over([]),
    "take_back": lambda service, run: service.take_back([]),
    "download": lambda service, run: service.download("tinyshakespeare"),
    "downloading": lambda service, run: service.downloading("tinyshakespeare"),
    "may_cancel_download": lambda service, run: service.may_cancel_download("tinyshakespeare"),
    "is_mine": lambda service, run: service.is_mine("ada"),
    "may_change": lambda service, run: service.may_change(service.run(run)),
    "me": lambda service, run: service.me(),
    "note_visit": lambda service, run: service.note_visit("start"),
    "call_me": lambda service, run: service.call_me("Somebody"),
    "may_give": lambda service, run: service.may_give(),
    "is_given": lambda service, run: service.is_given("upload-0123456789ab"),
    "may_delete": lambda service, run: service.may_delete("upload-0123456789ab"),
    "num_readers": lambda service, run: service.num_readers("upload-0123456789ab"),
    "corpora": lambda service, run: service.corpora(),
    "corpus": lambda service, run: service.corpus("world"),
    "own_tasks": lambda service, run: service.own_tasks(),
    "tasks_for": lambda service, run: service.tasks_for("world"),
    "versions_deleted": lambda service, run: service.versions_deleted(
        save_world("World", with_a_new_row(), service.home).name
    ),
}
# Called by the program itself, for whoever looks
OF_THE_PROCESS = {"seen_by", "close", "announce", "hand_over"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path, engine=CountingEngine())
    made.seen_by(ADA).download("tinyshakespeare")
    yield made
    made.close()


@pytest.fixture
def adas(service: Service) -> str:
    return service.seen_by(ADA).start(tiny(), "Ada's secret")


def adas_text(service: Service) -> str:
    """A text that Ada keeps."""
    return service.seen_by(ADA).keep_text(TEXT, "Ada's text").name


def the_task(service: Service) -> str:
    return kept_tasks(service.home)[0].name


def with_a_new_row() -> Grids:
    tables = original_tables()
    animals = tables["animals"]
    row = ["dragon", *animals.rows[0][1:]]
    return tables | {"animals": animals.with_rows([*animals.rows, row])}


def is_refused(service: Service, viewer: Viewer, call: Call, run: str) -> bool:
    try:
        call(service.seen_by(viewer), run)
    except Forbidden as refusal:
        assert str(refusal).endswith(".")
        return True
    return False


def test_every_public_method_is_decided() -> None:
    public = {name for name, _ in inspect.getmembers(Service, callable) if name[0] != "_"}
    decided = {*CHANGES, *CHANGES_THINGS, *STARTS, *SEES_ALL, *GIVES, *READS, *HARMLESS}
    assert public == decided | OF_THE_PROCESS


@pytest.mark.parametrize("name", CHANGES)
def test_only_the_owner_and_the_teacher_change_a_run(
    service: Service, adas: str, name: str
) -> None:
    before = service.run(adas)
    assert is_refused(service, BOB, CHANGES[name], adas)
    nothing_done = name in ("answers", "set_answer")  # without a name there are none
    assert is_refused(service, NOBODY, CHANGES[name], adas) or nothing_done
    assert service.run(adas) == before
    assert not service.answers("ada")
    for viewer in (ADA, TEACHER, ALONE):
        own = service.seen_by(ADA).start(tiny())
        assert not is_refused(service, viewer, CHANGES[name], own)


@pytest.mark.parametrize("name", CHANGES_THINGS)
@pytest.mark.parametrize("viewer", [ADA, TEACHER, ALONE])
def test_only_the_owner_and_the_teacher_delete_a_text(
    service: Service, name: str, viewer: Viewer
) -> None:
    ada = service.seen_by(ADA)
    text = ada.keep_text(TEXT, "Ada's text").name
    ada.keep_task(check_rows(ROWS), "classification", Template(), "Ada's task")
    for other in (BOB, NOBODY):
        assert is_refused(service, other, CHANGES_THINGS[name], text)
    assert text in ada.corpora() and ada.own_tasks()
    assert not is_refused(service, viewer, CHANGES_THINGS[name], text)
    left = (text in service.corpora(), bool(service.own_tasks()))
    assert left == (name != "delete_corpus", name != "delete_task")


@pytest.mark.parametrize("name", STARTS)
def test_what_somebody_starts_is_theirs(service: Service, name: str) -> None:
    assert is_refused(service, NOBODY, STARTS[name], "")
    assert not service.runs()
    assert not is_refused(service, BOB, STARTS[name], "")
    owners = {run.owner for run in service.runs()}
    assert owners | {one.owner for one in service.store.belongings()} - {""} == {"bob"}


def test_everybodys_runs_are_for_the_teacher(service: Service, adas: str) -> None:
    for viewer in (ADA, BOB, NOBODY):
        assert is_refused(service, viewer, SEES_ALL["everybodys_runs"], adas)
    for viewer in (TEACHER, ALONE):
        assert [run.id for run in service.seen_by(viewer).everybodys_runs()] == [adas]


@pytest.mark.parametrize("name", READS | HARMLESS)
def test_whoever_knows_the_id_may_read(service: Service, adas: str, name: str) -> None:
    for viewer in (ADA, BOB, NOBODY, TEACHER, ALONE):
        assert not is_refused(service, viewer, (READS | HARMLESS)[name], adas)


def test_a_list_holds_ones_own_runs_and_those_of_the_class(service: Service, adas: str) -> None:
    of_class = service.start(tiny(), "For all")  # in the terminal
    bobs = service.seen_by(BOB).start(tiny())

    def listed(viewer: Viewer, owner: str | None = None) -> set[str]:
        return {run.id for run in service.seen_by(viewer).runs(owner=owner)}

    assert listed(ADA) == {adas, of_class}
    assert listed(BOB) == {bobs, of_class}
    assert listed(NOBODY) == {of_class}
    assert listed(ALONE) == listed(Viewer()) == {adas, bobs, of_class}
    assert listed(BOB, "ada") == listed(NOBODY, "ada") == set()
    assert listed(BOB, "bob") == {bobs}
    assert listed(TEACHER, "ada") == listed(ALONE, "ada") == {adas}


def test_what_belongs_to_the_class_is_changed_by_the_teacher_alone(service: Service) -> None:
    of_class = service.start(tiny())
    assert is_refused(service, ADA, CHANGES["delete"], of_class)
    assert not is_refused(service, ADA, CHANGES["ask"], of_class)  # everybody may take it home
    assert not is_refused(service, TEACHER, CHANGES["delete"], of_class)


@pytest.mark.parametrize("name", GIVES)
def test_nobody_gives_to_the_class_what_is_not_theirs(
    service: Service, adas: str, name: str
) -> None:
    """Not even the teacher a learner's, nor one who is alone, who has no class."""
    for viewer in (ADA, BOB, NOBODY, TEACHER, ALONE):
        assert is_refused(service, viewer, GIVES[name], adas)
    assert service.run(adas).owner == "ada"
    assert service.store.owners_of(adas_text(service)) == {"ada"}


def test_with_a_mixture_go_its_parts_and_titles_stay_apart(service: Service) -> None:
    eve, ada = service.seen_by(TEACHER), service.seen_by(ADA)
    text = eve.keep_text(TEXT, "My text").name
    mixture = eve.keep_mixture({text: 1, "world": 1}, {}, "My mixture").name
    own = ada.keep_text(TEXT + b" More.", "My text").name
    eve.give_thing(mixture)
    titles = {name: one.title for name, one in ada.corpora().items()}
    assert titles[own] == "My text" and titles[text] == "My text (of the class)"
    assert titles[mixture] == "My mixture"
    with pytest.raises(Forbidden, match="in your own list"):
        eve.give_thing(text)
    eve.give_thing(mixture, back=True)
    assert eve.is_given(text) is False and mixture not in ada.corpora()
    eve.give_thing(text)
    with pytest.raises(Forbidden, match="any more"):
        eve.give_thing(mixture, back=True)
    assert eve.is_given(text) is True  # it moves with a mixture of the class's alone


def test_a_teacher_gives_to_the_class_and_takes_back(service: Service) -> None:
    eve, ada = service.seen_by(TEACHER), service.seen_by(ADA)
    run = eve.start(tiny(), "For you")
    text = eve.keep_text(TEXT, "A text for you").name
    task = eve.keep_task(check_rows(ROWS), "classification", Template(), "A task for you").name

    def adas_lists() -> tuple[bool, bool, bool]:
        tasks = [one.name for one in ada.own_tasks()]
        return run in [one.id for one in ada.runs()], text in ada.corpora(), task in tasks

    assert adas_lists() == (False, False, False)
    for back in (False, True):
        eve.give_run(run, back=back)
        for name in (text, task):
            assert eve.is_given(name) is back
            eve.give_thing(name, back=back)
        assert adas_lists() == (not back, not back, not back)
        assert run in [one.id for one in eve.runs()] and text in eve.corpora()
        assert eve.corpus(text).title == "A text for you"
        for change in (ada.delete, ada.pause):
            with pytest.raises(Forbidden):
                change(run)
        for call in (eve.give_run, eve.give_thing):  # a second click finds it done
            with pytest.raises(Forbidden):
                call(run if call == eve.give_run else text, back=back)


def test_a_question_that_two_wait_for_is_not_taken_back_by_one(service: Service) -> None:
    ada, bob = service.seen_by(ADA), service.seen_by(BOB)
    job = ada.ask(Statistics("world"))
    bob.ask(Statistics("world"))
    assert bob.take_back([job.id]) == 0
    assert ada.known(Statistics("world")) is not None
    assert ada.take_back([job.id]) == 1
    assert ada.known(Statistics("world")) is None


def test_a_question_stays_with_whoever_still_waits_for_it(service: Service) -> None:
    ada, bob = service.seen_by(ADA), service.seen_by(BOB)
    job = ada.ask(Statistics("world"))
    bob.ask(Statistics("world"))
    assert ada.take_back([job.id]) == 0
    assert bob.take_back([job.id]) == 1


def test_nobody_takes_back_what_another_server_was_asked(tmp_path: Path) -> None:
    """A server knows who waits there, and the store who asked first."""
    here, there = Service(tmp_path), Service(tmp_path)
    job = here.seen_by(ADA).ask(Statistics("world"))
    for who in (BOB, NOBODY, TEACHER):
        assert there.seen_by(who).take_back([job.id]) == 0
    assert there.seen_by(ADA).take_back([job.id]) == 1
    here.close()
    there.close()


@pytest.mark.parametrize("prefix", ["", "bet", "mixture-", "explain"])
def test_what_others_answered_is_shown_only_where_a_lesson_compares_it(
    service: Service, prefix: str
) -> None:
    for who in (ADA, NOBODY):
        with pytest.raises(Forbidden, match="the teacher"):
            service.seen_by(who).class_answers(prefix)
    for who in (TEACHER, ALONE):
        assert service.seen_by(who).class_answers(prefix) == []


def test_disk_space_is_counted_of_ones_own_runs(service: Service, adas: str) -> None:
    folder = service.run_dir(adas)
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(b"12345")
    sizes = [service.seen_by(one).disk_usage() for one in (ADA, ALONE, BOB, NOBODY)]
    assert sizes == [5, 5, 0, 0]
