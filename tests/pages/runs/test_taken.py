"""Runs: a run is made into a zip file for other programs, which a learner downloads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fake_engine import ANSWERS
from tests.pages.test_pages import Open, click, open_page, pick, shown, trained
from tinylm.errors import BadRequest
from tinylm.home import exports_dir
from tinylm.questions.exports import Export, Exported
from tinylm.questions.models import Score
from tinylm.runs.exporting import export_question
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture


def test_a_button_makes_the_zip_file_and_another_downloads_it(
    open_page: Open,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = trained(service)

    def made(asked: Export) -> Exported:
        folder = exports_dir(service.home, asked.run)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{asked.format}.zip").write_bytes(b"x" * 2_000)
        return Exported(f"{asked.format}.zip", 2_000, ("README.md", "model"))

    monkeypatch.setitem(ANSWERS, Export, made)
    at = click(open_page("runs"), "Make the zip file")
    assert not at.exception and "It holds `README.md`, `model`." in shown(at)
    assert [one.label for one in at.get("download_button")] == ["Download the zip file (2.0 kB)"]
    at = pick(at, "For which program?", "gguf")
    assert not at.get("download_button")  # that one is not made yet
    at = click(at, "Make the zip file")
    (exports_dir(service.home, run) / "gguf.zip").unlink()
    at.run()
    command = f"python -m tinylm export {run} --format gguf --out FOLDER"
    assert command in [block.value for block in at.code]


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


def test_the_card_gets_what_was_measured_of_this_checkpoint(service: Service, home: Path) -> None:
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
    assert [(one.task, one.num_fewshot) for one in question.results] == [("facts", 0), ("facts", 4)]
    assert question.evals == service.evals(run) and question.curve
