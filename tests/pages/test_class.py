"""A class on one server: what one learner has stands on no page of another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from pages.registry import EXPERIMENTS, LESSONS, TOOLS
from tests.own_rows import review_rows
from tests.pages.test_pages import shown
from tinylm.corpora.world.tables import original_tables
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.template import Template
from tinylm.experiments.registry import experiment
from tinylm.finetuning import finetune_config
from tinylm.learners import Viewer, name_of, new_code
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id

ROOT = Path(__file__).parents[2]
PAGES = ["start", *(one.name for one in (*LESSONS, *EXPERIMENTS)), *TOOLS]
CHANGING = ("Pause", "Stop", "Resume", "One step", "Rename", "Delete", "Make the zip file")
PRESSES = 60  # buttons that a page may have
CODE = new_code()
ADA, BOB = Viewer("ada", alone=False), Viewer(name_of(CODE), alone=False)
ROWS = review_rows()
TEXT = "\n".join(f"{asked}: {answer}." for asked, answer in ROWS).encode()


@pytest.fixture
def bobs_page(service: Service, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app as Bob's browser shows it, on a server for many learners."""
    monkeypatch.setenv("TINYLM_LEARNERS", "many")
    monkeypatch.setattr("ui.viewing.code", lambda: CODE)
    return AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)


@pytest.fixture
def adas(service: Service) -> dict[str, str]:
    """Everything that Ada has, by what it is: the names and titles that nobody else may see."""
    ada = service.seen_by(ADA)
    base = ada.start(preset_config("tiny"), "Zebulon first run")
    tuned = ada.start(finetune_config(preset_config("tiny"), base, "questions", 8, "base"))
    sheets = experiment("sheets")
    trial = ada.start(sheets.config(sheets.arms[0], 5), "Zebulon trial")
    tables = original_tables()
    animals = tables["animals"]
    rows = [*animals.rows, ["dragon", *animals.rows[0][1:]]]
    text = ada.keep_text(TEXT, "Zebulon diary").name
    found = {
        "run": base,
        "tuned": tuned,
        "trial": trial,
        "text": text,
        "mixture": ada.keep_mixture({text: 1, "world": 1}, {}, "Zebulon mixture").name,
        "world": ada.keep_world(
            "Zebulon dragons", tables | {"animals": animals.with_rows(rows)}
        ).name,
        "task": ada.keep_task(
            check_rows(ROWS), "classification", Template(), "Zebulon reviews"
        ).name,
    }
    ada.set_answer(ADA.name, "explain_answer", "Zebulon words")
    ada.note_visit("start")
    ada.call_me("Zebulon name")
    return found


def drawn(at: AppTest) -> str:
    """Everything that a page sends to the browser, as text."""

    def parts(node: Any) -> Iterator[str]:
        if (proto := getattr(node, "proto", None)) is not None:
            yield str(proto)
        if isinstance(node, Block):
            for child in node.children.values():
                yield from parts(child)

    return "\n".join(part for root in at._tree.children.values() for part in parts(root))


def path_of(page: str) -> str:
    return f"../pages/{page}/page.py"


def test_no_page_shows_anything_of_somebody_else(
    bobs_page: AppTest, service: Service, adas: dict[str, str]
) -> None:
    secrets = {*map(shown_id, adas.values()), "Zebulon", ADA.name + '"'}
    bob = service.seen_by(BOB)
    at = bobs_page.run()
    for bobs_runs in (0, 1):
        for page in PAGES:
            at = at.switch_page(path_of(page)).run()
            assert not at.exception and not at.error, (page, at.error)
            text = drawn(at)
            assert at.title[0].value
            found = [one for one in secrets if one in text]
            assert not found, f"with {bobs_runs} own runs, {page} shows {found}"
        if not bobs_runs:
            bob.start(preset_config("tiny", seed=9), "Barnabas own")
    assert "Barnabas own" in drawn(at.switch_page(path_of("runs")).run())


def test_the_same_pages_show_all_of_it_to_whoever_is_alone(
    bobs_page: AppTest, adas: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_LEARNERS", "one")
    at = bobs_page.run()
    pages = {
        one: drawn(at.switch_page(path_of(one)).run()) for one in ("runs", "corpus", "own_task")
    }
    assert "Zebulon first run" in pages["runs"]
    for own in ("text", "mixture", "world"):
        assert adas[own] in pages["corpus"]
    assert "Tasks on this machine (1)" in pages["own_task"]


@pytest.mark.parametrize("page", ["pretrain", "inside", "prompts", "finetune", "metrics"])
def test_a_link_to_a_run_of_somebody_else_shows_it_and_lets_nobody_change_it(
    bobs_page: AppTest, service: Service, adas: dict[str, str], page: str
) -> None:
    bobs_page.query_params["run"] = adas["run"]
    at = bobs_page.run()
    at.query_params["run"] = adas["run"]
    at = at.switch_page(path_of(page)).run()
    assert not at.exception and not at.error
    assert "This run belongs to somebody else: you can look at it" in shown(at)
    assert "Zebulon first run" in drawn(at)
    assert not [one.label for one in at.button if one.label in CHANGING]


def everything(service: Service) -> list[object]:
    """All that Ada has, as the store tells it."""
    ada = service.seen_by(ADA)
    runs = [(one.id, one.title, one.status, one.wish) for one in ada.runs(None, 99, None)]
    kept = [(name, one.title) for name, one in sorted(ada.corpora().items())]
    tasks = [(one.name, one.title) for one in ada.own_tasks()]
    return [runs, kept, tasks, ada.answers(ADA.name), ada.me()]


RUN_PAGES = ("pretrain", "inside", "prompts", "finetune", "transfer", "metrics", "limits", "runs")
ADDRESSES = [
    *((page, "run", "run") for page in RUN_PAGES),
    *((page, "run", "tuned") for page in ("pretrain", "prompts", "finetune")),
    *(("sheets", "run", "trial"), ("pretrain", "run", "trial")),
    *(("corpus", "corpus", own) for own in ("text", "mixture", "world")),
    *((page, "task", "task") for page in ("prompts", "finetune")),
]


@pytest.mark.parametrize(("page", "name", "what"), ADDRESSES)
def test_no_button_at_an_address_of_somebody_else_changes_or_shows_more(
    bobs_page: AppTest, service: Service, adas: dict[str, str], page: str, name: str, what: str
) -> None:
    """Bob opens what Ada gave him the address of, and presses all that can be pressed."""
    before, pressed = everything(service), set[str]()
    secrets = {"Zebulon words", "Zebulon name", ADA.name + '"'}
    if name == "run":
        secrets |= {"Zebulon diary", "Zebulon mixture", "Zebulon dragons", "Zebulon reviews"}
    service.seen_by(BOB).start(preset_config("tiny", seed=9), "Barnabas own")
    at = bobs_page.run()
    at.query_params[name] = adas[what]
    at = at.switch_page(path_of(page)).run()
    for _ in range(PRESSES):
        assert not at.exception, (pressed, at.exception)
        found = {one for one in secrets if one in drawn(at)}
        assert not found, (pressed, found)
        new = [one for one in at.button if not one.disabled and one.label not in pressed]
        if not new:
            break
        pressed.add(new[0].label)
        at = new[0].click().run()
        if at.query_params.get(name) != [adas[what]]:  # the press has led away
            at.query_params[name] = adas[what]
            at = at.switch_page(path_of(page)).run()
    else:
        pytest.fail(f"{page} has more than {PRESSES} buttons")
    assert everything(service) == before
    assert pressed


def test_a_wrong_setting_of_who_has_the_server_gets_one_sentence(
    bobs_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_LEARNERS", "some")
    at = bobs_page.run().switch_page(path_of("runs")).run()
    assert not at.exception
    assert at.error[0].value.startswith("TINYLM\\_LEARNERS must be one or many")


def test_a_link_to_a_text_and_to_a_task_shows_them(
    bobs_page: AppTest, service: Service, adas: dict[str, str]
) -> None:
    service.seen_by(BOB).start(preset_config("tiny"), "Barnabas own")
    at = bobs_page.run()
    at.query_params["corpus"] = adas["text"]
    at = at.switch_page(path_of("corpus")).run()
    assert "This text belongs to somebody else" in shown(at)
    assert "Zebulon diary" in drawn(at)
    assert not [one for one in at.button if one.label.startswith("Delete")]
    at.query_params["task"] = adas["task"]
    at = at.switch_page(path_of("prompts")).run()
    assert not at.exception and not at.error
    assert next(one for one in at.selectbox if one.label == "Task").value == adas["task"]


def test_the_page_of_a_learner_tells_what_is_kept_and_deletes_it(
    bobs_page: AppTest, service: Service, adas: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_KEEP_DAYS", "30")
    bob = service.seen_by(BOB)
    bob.start(preset_config("tiny", seed=9), "Barnabas own")
    at = bobs_page.run().switch_page(path_of("you")).run()
    assert "**1 run**" in shown(at) and "not been here for 30 days" in shown(at)
    spoken = "-".join(CODE[n : n + 4] for n in range(0, 16, 4))
    assert spoken not in drawn(at) and CODE not in drawn(at)
    at = at.toggle[0].set_value(True).run()
    assert at.code[0].value == spoken
    at = at.text_input[0].set_value("Bob").run()
    me = bob.me()
    assert me is not None and me.shown == "Bob"
    at = next(one for one in at.button if one.label == "Delete everything of mine").click().run()
    at = next(one for one in at.button if "for good" in one.label).click().run()
    assert not at.exception and not at.error
    assert not bob.runs() and service.store.owners() == {ADA.name}
    assert len(service.seen_by(ADA).runs()) == 2
