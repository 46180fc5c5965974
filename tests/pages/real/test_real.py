"""Figures of real models stand with their sources, beside the learner's own."""

from __future__ import annotations

import re

import pytest

from pages.foot import after
from pages.real.sizes import nearest, power, scientific, work
from pages.registry import EXPERIMENTS, LESSONS
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.learners import Viewer
from tinylm.places import ROOT
from tinylm.presets import preset_config
from tinylm.recorded import OnTask, elsewhere
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id
from ui.plan import WHOLE_APP
from ui.real import RealModel, real

__all__ = ["open_page"]  # a fixture


def test_every_figure_of_a_real_model_names_a_source_with_year_and_address() -> None:
    found = real()
    used = {fact.source for facts in found.facts.values() for fact in facts}
    used |= {model.source for model in found.models}
    assert used == set(found.sources)
    for source in found.sources.values():
        assert source.address.startswith("https://") and str(source.year) in source.title
    names = {lesson.name for lesson in (*LESSONS, *EXPERIMENTS)}
    assert set(found.facts) <= names


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.name)
def test_every_lesson_ends_with_the_way_to_the_next(open_page: Open, lesson: object) -> None:
    place = next(i for i, one in enumerate(LESSONS) if one is lesson)
    following = after(LESSONS[place], WHOLE_APP)
    labels = [str(one.proto.label) for one in open_page(LESSONS[place].name).get("page_link")]  # type: ignore[union-attr]
    assert labels[-1].startswith(f"Next: **{following.title}**" if following else "That was the")


def test_the_work_of_gpt3_is_that_of_its_paper() -> None:
    (gpt3,) = (model for model in real().models if model.name == "GPT-3")
    assert work(gpt3) == pytest.approx(3.14e23, rel=0.01)
    assert work(RealModel("x", 0, 1, None, None, None, "")) is None


def test_large_numbers_are_words() -> None:
    assert [power(one) for one in (900, 1.5e6, 300e9, 15.6e12)] == [
        "900",
        "1.5 million",
        "300 billion",
        "15.6 trillion",
    ]


def test_the_learners_own_run_stands_beside_them(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: "ada")
    run = service.seen_by(Viewer("ada")).start(preset_config("tiny"))
    at = open_page("real")
    assert re.search(rf"How much more text than your run {shown_id(run)} ", shown(at))
    assert "300 billion tokens" not in shown(at)
    at = click(at, "100,000 times more")
    assert not at.exception
    text = shown(at)
    assert re.search(r"You said .*100,000 times", text) and "300 billion tokens" in text
    assert "Instruction tuning" in text


def test_the_answer_that_counts_as_right_is_less_than_ten_times_off() -> None:
    """Before, a million was right where 162,760 was measured."""
    assert [nearest(10.0**power) for power in (0, 3.9, 4.1, 5.2, 6.1, 9)] == [
        "1,000 times more",
        "1,000 times more",
        "100,000 times more",
        "100,000 times more",
        "10 million times more",
        "10 million times more",
    ]


def test_numbers_beyond_words_are_powers_of_ten() -> None:
    assert (scientific(3.14e23), power(2e15)) == ("3.1 × 10²³", "2.0 × 10¹⁵")


@pytest.mark.parametrize("found", elsewhere().tasks, ids=lambda one: one.task)
def test_what_is_shown_beside_a_large_model_stands_in_the_measurements(found: OnTask) -> None:
    measured = (ROOT / "docs" / "measurements.md").read_text(encoding="utf-8")
    (row,) = re.findall(
        rf"^\| {found.task} \| {elsewhere().shots} \|(?:.*)\|(.*)\|(.*)\|$", measured, re.MULTILINE
    )
    for cell, figures in zip(row, (found.ours, found.theirs), strict=True):
        share, low, high = (f"{one:.0%}" for one in figures)
        assert cell.strip().startswith(f"{share} ") and cell.strip().endswith(f"[{low}, {high}]")


def test_a_larger_model_is_not_better_at_everything(open_page: Open) -> None:
    at = click(open_page("real"), "100,000 times more")
    assert not at.exception
    sheet, question = elsewhere().tasks
    assert sheet.ours[0] > sheet.theirs[0] and question.ours[0] < question.theirs[0]
    assert all(f"**{share:.0%}**" in shown(at) for share in (sheet.ours[0], question.theirs[0]))
