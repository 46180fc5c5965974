"""The ready plans are those of docs/teaching.md, and one press fills the form with one."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.classroom.story import PLANS, name_of_step
from pages.registry import minutes_in_all
from pages.teacher import keys
from pages.teacher.ready import EXPERIMENT, READY, WITHOUT, ReadyPlan, Step
from pages.teacher.sheet import LINES, sheet
from tests.pages.teacher.test_teacher_page import CODE, TEACHER, signed_in, view
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture

TEACHING = Path(__file__).parents[3] / "docs" / "teaching.md"


def steps_in_docs(title: str) -> list[Step]:
    """The steps in the table of the plan with this title."""
    _, _, rest = TEACHING.read_text("utf-8").partition(f"\n## {title}")
    part = rest.partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) to (\d+) \| (.*?) \| ?(.*?) ?\|", part, re.MULTILINE)
    return [Step(int(begins), int(ends), name, does) for begins, ends, name, does in rows]


@pytest.mark.parametrize("plan", READY, ids=lambda plan: plan.title)
def test_a_ready_plan_is_that_of_the_guide(plan: ReadyPlan) -> None:
    assert list(plan.steps) == steps_in_docs(plan.title)
    assert all(first.ends == then.begins for first, then in pairwise(plan.steps))
    assert all(step.path or step.name in WITHOUT for step in plan.steps)
    first_run = next(step for step in plan.steps if "starts a run" in step.does)
    assert f"{plan.seconds} seconds" in first_run.does


@pytest.mark.parametrize(
    "step",
    [step for plan in READY for step in plan.steps if step.name != "break"],
    ids=lambda step: f"{step.begins}-{step.name}",
)
def test_the_guide_says_of_each_step_what_to_ask_and_what_comes_out_and_what_may_not(
    step: Step,
) -> None:
    told = re.findall(r"^\*\*(.+?)\.\*\* (.+?)\n\n", TEACHING.read_text("utf-8"), re.M | re.S)
    page, _, how = step.name.lower().partition(", ")
    name = step.name.lower() if how == "in fives" else page
    found = [text for title, text in told if title.lower().partition(", the ")[0] == name]
    assert found
    for text in found:
        assert [one for one in ("*Ask:*", "*Comes out:*", "*May not:*") if one not in text] == []


def test_one_press_ticks_the_lessons_and_sets_the_budget_and_it_can_be_changed(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.viewing.learner", lambda: TEACHER)
    monkeypatch.setenv("TINYLM_TEACHER_CODE", CODE)
    at: AppTest = view(signed_in(open_page("teacher"), CODE), "Plan")
    for plan in READY:
        at = click(at, plan.title)
        assert not at.exception and not at.error
        assert set(at.session_state[keys.LESSONS]) == set(plan.lessons)
        assert at.session_state[keys.BUDGET] == plan.seconds
        enough = plan.minutes > minutes_in_all(plan.lessons)
        assert ("has time for all of it" in shown(at)) == enough
        assert ("is shorter, so it takes" in shown(at)) != enough
    assert "docs/teaching.md" in shown(at) and "starts a run of one minute" in shown(at)
    at.session_state[keys.BUDGET] = 30
    at = click(at.run(), "Save it for the class")
    assert service.store.note("class/budget") == 30


# Steps of the script that are not named by their page
PAGES = {
    **dict.fromkeys(("begin", "watch", "longer"), "pretrain"),
    **dict.fromkeys(("tune", "tuned"), "finetune"),
    "fewshot": "prompts",
    "start": "",
}


@pytest.mark.parametrize(("minutes", "plan"), [("45", READY[0]), ("180", READY[1])])
def test_the_plans_that_are_measured_are_those_of_the_guide(minutes: str, plan: ReadyPlan) -> None:
    """The script shows no experiment on a projector; where it must, it waits for a run."""
    walked = [PAGES.get(name_of_step(step), name_of_step(step)) for step in PLANS[minutes]]
    ours = [step.path for step in plan.steps if step.name not in ("break", "the board", EXPERIMENT)]
    if minutes == "180":
        assert walked.pop(walked.index("metrics") + 1) == "pretrain"
    assert walked == ours


def test_the_sheet_to_hand_out_is_that_of_the_guide() -> None:
    _, _, rest = TEACHING.read_text("utf-8").partition("\n## A sheet to hand out\n")
    quoted = [line for line in rest.splitlines() if line.startswith(">")]
    said = " ".join(re.sub(r"^> ?", "", line) for line in quoted)
    ours = " ".join([f"**{LINES[0]}**", *LINES[1:]])
    assert " ".join(said.split()) == " ".join(ours.split())
    page = sheet().decode()
    assert page.count("<li>") == len(LINES) - 2 and "Germany -&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
