"""Which run a lesson begins with: never a demonstration, a failed, an unfinished or an own text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pages.registry import LESSONS
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow, shown_id
from ui.bases import (
    CHOSEN,
    LOOKED_AT,
    even_title,
    first_choice,
    shows_a_limit,
    skewed_title,
    unfit,
)
from ui.frame import literal
from ui.lesson import Progress

__all__ = ["open_page"]  # a fixture

ME, CLASSMATE = "me", "somebody else"


@pytest.fixture
def row(service: Service) -> RunRow:
    """A finished run of mine on the made world."""
    return replace(service.run(trained(service)), id="fit-aaaaaa", owner=ME)


def spoiled(row: RunRow) -> list[RunRow]:
    few = preset_config("glance", documents=200)
    return [
        replace(row, id="demonstration-aaaaaa", config=few),
        replace(row, id="failed-aaaaaa", status="failed"),
        replace(row, id="stopped-aaaaaa", status="stopped"),
        replace(row, id="running-aaaaaa", status="running"),
        replace(row, id="own-text-aaaaaa", config=preset_config("tiny", corpus="names")),
    ]


def test_the_newest_fit_run_of_the_learner_comes_first(row: RunRow) -> None:
    theirs = replace(row, id="theirs-aaaaaa", owner=CLASSMATE)
    runs = [*spoiled(row), theirs, row, replace(row, id="older-aaaaaa")]
    assert all(unfit(one) for one in spoiled(row))
    found, why = first_choice(runs, ME, "", "")
    assert found == row and "your newest finished run on the made world" in why
    found, why = first_choice([theirs], ME, "", "")
    assert found == theirs and "none of them is yours" in why


@pytest.mark.parametrize(("documents", "fit"), [(0, True), (100_000, True), (2_000, False)])
def test_only_a_run_on_much_less_text_than_its_preset_gives_is_a_demonstration(
    row: RunRow, documents: int, fit: bool
) -> None:
    run = replace(row, config=preset_config("full", documents=documents))
    assert bool(unfit(run)) != fit
    assert fit or "it read 2,000 documents" in unfit(run)


def test_the_pairs_of_limits_do_not_crowd_the_last_runs(open_page: Open, service: Service) -> None:
    mine = service.start(preset_config("tiny"))
    world = preset_config("tiny", corpus="names")
    shown_off = [service.start(world, title("franc")) for title in (skewed_title, even_title)]
    assert [shows_a_limit(service.run(one)) for one in (mine, *shown_off)] == [False, True, True]
    labels = [str(one.proto.label) for one in open_page("start").get("page_link")]
    others = {f"Open {shown_id(one)}" for one in shown_off}
    assert f"Open {shown_id(mine)}" in labels and not others & set(labels)


@pytest.mark.parametrize("learner", [ME, CLASSMATE])
def test_a_run_is_called_the_learners_only_where_it_is(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch, learner: str
) -> None:
    run = service.seen_by(Viewer(ME)).start(preset_config("tiny"))
    monkeypatch.setattr("ui.state.learner", lambda: learner)
    mine = learner == ME
    called = f"{'your' if mine else 'the'} run {shown_id(run)}"
    at = open_page("limits")
    assert str(next(one for one in at.button_group if one.label == "Model").value).startswith(
        called
    )
    assert f"At step 40 {called} gives" in shown(click(open_page("why"), "Facts"))
    at = click(open_page("real"), "100,000 times more")
    assert f"more text than {called} did" in shown(at)
    assert at.table[0].value["model"].iloc[0] == ("yours" if mine else literal(shown_id(run)))
    monkeypatch.setattr("pages.progress.progress_of", lambda _: [Progress(1)] * len(LESSONS))
    text = shown(open_page("start"))
    assert (f"With the run {shown_id(run)}" in text) == mine
    assert ("You have no figures of your own yet" in text) != mine


def test_an_unfit_run_is_taken_only_where_it_was_asked_for(row: RunRow) -> None:
    for one in spoiled(row):
        assert first_choice([one], ME, "", "") == (None, "")
        assert first_choice([one, row], ME, "", one.id)[0] == row
        found, why = first_choice([one, row], ME, one.id, one.id)
        assert found == one
        assert CHOSEN in why and unfit(one) in why


def test_a_fit_run_that_was_looked_at_last_stays(row: RunRow) -> None:
    older = replace(row, id="older-aaaaaa")
    found, why = first_choice([row, older], ME, "", older.id)
    assert found == older and LOOKED_AT in why


@pytest.mark.parametrize("page", ["prompts", "inside", "finetune", "transfer", "metrics"])
def test_a_demonstration_is_no_base_unless_it_is_chosen(
    open_page: Open, service: Service, page: str
) -> None:
    base = trained(service)
    demonstration = trained(service, documents=20)
    at = open_page(page)
    assert at.query_params["run"] == [base] or at.query_params["run"] == base
    assert "newest finished run on the made world" in shown(at)
    at = open_page(page, run=demonstration)
    assert demonstration in str(at.query_params["run"])
    assert "over-fitting" in shown(at)


def test_where_no_run_is_fit_the_page_asks_and_says_why(open_page: Open, service: Service) -> None:
    demonstration = trained(service, documents=20)
    at = open_page("prompts")
    assert not at.exception and not at.error
    box = next(box for box in at.selectbox if box.label == "Base model")
    assert box.value is None
    assert "whole text of the made world" in at.info[0].value
    at = box.set_value(demonstration).run()
    assert demonstration in str(at.query_params["run"])
    assert CHOSEN in shown(at)
    at = at.switch_page("../pages/inside/page.py").run()
    assert next(b for b in at.selectbox if b.label == "Base model").value == demonstration
