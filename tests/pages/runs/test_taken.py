"""Runs: a run is made into a zip file for other programs, which a learner downloads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.fake_engine import ANSWERS
from tests.pages.test_pages import Open, click, open_page, pick, shown, trained
from tinylm.errors import BadRequest
from tinylm.home import exports_dir, home_dir
from tinylm.questions.exports import Export, Exported
from tinylm.questions.models import Score
from tinylm.runs.exporting import export_question
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture


def made(asked: Export) -> Exported:
    """Write a file as the real engine does."""
    folder = exports_dir(home_dir(), asked.run)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{asked.format}.{'html' if asked.format in ('report', 'page') else 'zip'}"
    (folder / name).write_bytes(b"x" * 2_000)
    return Exported(name, 2_000, ("README.md", "model"))


@pytest.fixture
def makes_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANSWERS, Export, made)


def downloads(at: AppTest) -> list[str]:
    return [one.label for one in at.get("download_button")]


def test_a_button_makes_the_zip_file_and_another_downloads_it(
    open_page: Open, service: Service, makes_files: None
) -> None:
    trained(service)
    at = click(open_page("runs"), "Make the zip file")
    assert not at.exception and "It holds `README.md`, `model`." in shown(at)
    assert downloads(at) == ["Download the zip file (2.0 kB)"]
    at = pick(at, "For which program?", "gguf")
    assert not downloads(at)  # that one is not made yet


def test_a_file_that_is_gone_is_made_again(
    open_page: Open, service: Service, makes_files: None
) -> None:
    run = trained(service)
    at = click(open_page("runs"), "Make the zip file")
    path = exports_dir(service.home, run) / "hf.zip"
    path.unlink()
    at = click(at.run(), "Make it again")
    assert not at.exception and path.exists()
    assert downloads(at) == ["Download the zip file (2.0 kB)"]


def test_the_report_has_what_this_learner_predicted_and_the_model_is_a_page(
    open_page: Open, service: Service, makes_files: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: "ada")
    run = trained(service)
    kept = {"question": "Loss?", "guess": "rise", "place": 1}
    service.set_answer("ada", "predicted: loss", kept)
    service.set_answer("bob", "predicted: loss", kept | {"guess": "fall"})
    service.set_answer("ada", "explanation", "It guesses.")
    at = click(click(open_page("runs"), "Make the report"), "Make the model's page")
    assert downloads(at) == ["Download the report (2.0 kB)", "Download the model's page (2.0 kB)"]
    report, page = service.asked(Export, run)
    assert [one.guess for one in report.predictions] == ["rise"]
    assert report.explanation == "It guesses." and report.samples and report.config.train.steps
    assert not page.predictions and not page.explanation
    assert "shows the odds of each next word" in shown(at)  # tokens are folded away there


def test_what_a_format_refuses_is_said(
    open_page: Open,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained(service)

    def refused(asked: Export) -> Exported:
        raise BadRequest("This format needs the package gguf: install it.")

    monkeypatch.setitem(ANSWERS, Export, refused)
    at = click(open_page("runs"), "Make the zip file")
    assert not at.exception and "needs the package gguf" in shown(at)
    assert "Ask again" in [button.label for button in at.button]


def test_an_export_gets_what_was_measured_of_this_checkpoint(service: Service, home: Path) -> None:
    run = trained(service)
    last = service.checkpoints(run)[-1]
    asked = [
        Score(run, last, "facts", 4),
        Score(run, last, "facts", 0),
        Score(run, last, "facts", 1, limit=9),
        Score(run, last, "facts", 2, control="shuffled"),
        Score(run, 0, "facts", 8),
    ]
    service.ask_all(dict(enumerate(asked)))
    question = export_question(service, run, last, "hf")
    found = [(one.task, one.num_fewshot, one.control, one.n) for one in question.results]
    whole = next(one.n for one in question.results)
    assert found == [
        ("facts", 0, "", whole),
        ("facts", 1, "", whole),
        ("facts", 2, "shuffled", whole),
        ("facts", 4, "", whole),
        ("facts", 8, "untrained", whole),
    ]
    assert question.evals == service.evals(run) and question.curve


def test_a_run_of_somebody_else_is_not_offered(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(service)
    assert "two files for your phone" in shown(open_page("runs"))
    monkeypatch.setattr(type(service), "may_change", lambda self, row: False)
    monkeypatch.setattr(
        "pages.runs.listed.listed", lambda: [replace(service.run(run), owner="bob")]
    )
    at = open_page("runs")
    assert not at.exception and "two files for your phone" not in shown(at)
