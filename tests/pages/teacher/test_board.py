"""The board of a class of thirty: what it says, what it costs, and what its buttons do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from pages.teacher import keys
from pages.teacher.board import in_words, row
from pages.teacher.charts import class_curves
from tests.fake_engine import FakeEngine
from tests.pages.teacher.test_teacher_page import (
    CODE,
    _a_browser_with_a_name,
    code,
    teacher_page,
    view,
)
from tests.pages.test_pages import click, open_page, shown
from tests.runs_fakes import FakeClock, started, step_done
from tinylm.presets import preset_config
from tinylm.questions.models import Score
from tinylm.runs.board import Board, BoardReader
from tinylm.runs.service import Service
from tinylm.runs.store.line import PAUSED

__all__ = ["CODE", "_a_browser_with_a_name", "code", "open_page", "teacher_page"]  # fixtures

CLASS = 30
STEPS = 50
WAIT = 3  # learners whose runs still wait


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def thirty(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> Iterator[Service]:
    """A class of thirty, whose runs have come to different losses; some still wait."""
    service = Service(tmp_path_factory.mktemp("class"), engine=FakeEngine(), clock=clock)
    fill(service)
    yield service
    service.close()


def fill(service: Service) -> None:
    for number in range(CLASS):
        name = f"learner-{number:02}"
        service.store.meet(name, "pretrain" if number % 2 else "prompts")
        if number == 4:
            service.store.call(name, "Maya")
        config = preset_config("tiny", seed=number, corpus="names" if number == 7 else "world")
        run = service.store.create_run(config, owner=name)
        if number < CLASS - WAIT:
            claim = service.store.claim_run(run, "there:1:1")
            assert claim is not None
            steps = [
                step_done(step, config, 2.0 + abs(number - 4) / 10 + 3 / step)
                for step in range(1, STEPS + 1)
            ]
            service.store.add_events(run, [started(0, config), *steps], claim)
            service.store.finish_run(claim, "done")


@pytest.fixture
def board(thirty: Service) -> Board:
    return BoardReader(thirty.store).look()


def test_everybody_has_a_seat_and_only_what_compares_is_in_one_picture(board: Board) -> None:
    assert (len(board.seats), board.here) == (CLASS, CLASS)
    assert (board.training, board.waiting) == (0, WAIT)
    assert (len(board.lines), board.apart) == (CLASS - WAIT - 1, 1)
    assert board.lines[0].label == "Maya"
    said = in_words(board)
    assert f"The lowest loss is {board.lines[0].loss:.2f}, after {STEPS} steps" in said
    assert "cannot be compared" in said and f"{WAIT} wait" in said


def test_who_gave_no_name_has_a_number_and_no_page_shows_the_name_in_the_store(
    board: Board,
) -> None:
    labels = {seat.label for seat in board.seats}
    assert "Maya" in labels and "Learner 1" in labels
    assert not any("learner-" in str(row(seat)) for seat in board.seats)
    assert "learner-" not in str(class_curves(board.lines))


def test_a_number_stays_when_somebody_before_goes(thirty: Service) -> None:
    before = {seat.name: seat.label for seat in BoardReader(thirty.store).look().seats}
    gone = next(name for name, label in before.items() if label == "Learner 1")
    thirty.store.forget_learner(gone)
    thirty.store.meet("somebody-new")
    after = {seat.name: seat.label for seat in BoardReader(thirty.store).look().seats}
    assert after.pop("somebody-new") == f"Learner {CLASS + 1}"
    assert after == {name: label for name, label in before.items() if name != gone}


def test_the_leader_alone_is_thick_and_named(board: Board) -> None:
    figure = class_curves(board.lines)
    widths = [trace["line"]["width"] for trace in figure["data"]]
    assert len(set(widths[:-1])) == 1 and widths[-1] > widths[0]
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["<b>Maya</b>"]


def test_a_look_at_a_class_at_rest_costs_a_handful_of_queries(thirty: Service) -> None:
    reader, queries = BoardReader(thirty.store), []

    def count(*_: Any) -> None:
        queries.append(1)

    reader.look()
    engine = thirty.store._db._engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        reader.look()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(queries) <= 8


def test_a_curve_stays_while_the_next_run_waits(thirty: Service) -> None:
    before = {line.label for line in BoardReader(thirty.store).look().lines}
    thirty.store.create_run(preset_config("tiny"), owner="learner-4")
    board = BoardReader(thirty.store).look()
    assert {line.label for line in board.lines} == before
    assert board.waiting == WAIT + 1


def test_a_run_that_trains_is_seen_and_stopped_however_many_came_after(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinylm.runs.board.RUNS", 2)
    service.store.meet("ada")
    first = service.store.create_run(preset_config("tiny"), owner="ada")
    for _ in range(3):
        service.store.wish(service.store.create_run(preset_config("tiny"), owner="ada"), "stop")
    assert [run.id for run in BoardReader(service.store).look().moving] == [first]


def test_the_best_score_with_examples_counts_and_one_without_does_not(
    service: Service,
) -> None:
    service.store.meet("ada")
    run = service.store.create_run(preset_config("tiny"), owner="ada")
    reader = BoardReader(service.store)
    assert reader.look().seats[0].best is None
    for shots in (0, 1, 8):
        service.ask(Score(run, 60, "facts", shots))
    service.ask(Score(run, 60, "facts", 8, control="shuffled"))
    best = reader.look().seats[0].best
    assert best is not None
    assert (best.asked.num_fewshot, best.accuracy) == (8, pytest.approx(0.77, abs=0.01))
    service.delete(run)
    assert reader.look().seats[0].best is None


def test_who_left_long_ago_is_not_here(thirty: Service, clock: FakeClock) -> None:
    clock.now += 3600
    try:
        board = BoardReader(thirty.store).look()
        assert board.here == 0
        assert row(board.seats[0])["seen"] == "1 h 0 min ago"
    finally:
        clock.now -= 3600


def test_an_empty_class_is_told_what_to_do_first() -> None:
    assert "Show the class its link first" in in_words(Board())


def test_the_page_of_thirty_and_its_buttons(
    service: Service, teacher_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_LEARNERS", "many")
    fill(service)
    at = view(teacher_page, "Board")
    assert not at.exception and not at.error
    assert "The lowest loss is" in shown(at)
    assert len(at.dataframe[0].value) == CLASS  # without the teacher
    waiting = [run for run in service.store.runs() if run.status == "queued"]
    assert len(waiting) == WAIT
    at.session_state[keys.STEERED] = waiting[0].id
    at = click(at.run(), "Pause")
    assert service.run(waiting[0].id).status == "paused"
    at = click(at, "Pause the class")
    assert service.store.note(PAUSED) is True
    assert "The class is paused" in shown(at)
    at = click(at, "Go on with the class")
    assert service.store.note(PAUSED) is None
    at = click(at, "Stop all runs")
    assert not at.error
    assert not [run for run in service.store.runs() if run.active]
