"""Which files of a run are kept: the newest of each format, and of what is personal each one's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs_fakes import CountingEngine, tiny
from tinylm.export.kept import file_name, is_here, keep
from tinylm.home import exports_dir
from tinylm.learners import Viewer
from tinylm.runs.exporting import export_question
from tinylm.runs.service import Service


@pytest.mark.parametrize("order", [("ada", "bob", ""), ("", "bob", "ada")])
def test_the_files_of_two_learners_do_not_replace_each_other(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    folder = exports_dir(tmp_path, "run-k7f3q2")
    for key in ("11111111", "22222222"):
        for reader in order:
            keep(folder / file_name("run-k7f3q2-report", reader, key, ".html"), b"text")
    found = {
        "run-k7f3q2-report-22222222.html",
        "run-k7f3q2-report.ada-22222222.html",
        "run-k7f3q2-report.bob-22222222.html",
    }
    assert {one.name for one in folder.iterdir()} == found
    assert all(is_here(folder / one) for one in found)
    assert {one.name for one in folder.iterdir()} == found


def test_a_report_is_the_learners_own_and_a_models_page_is_everybodys(tmp_path: Path) -> None:
    service = Service(tmp_path, engine=CountingEngine())
    run = service.start(tiny(), "For all")
    ada, bob = (service.seen_by(Viewer(name, alone=False)) for name in ("ada", "bob"))
    reports = [
        export_question(one, run, 0, "report", learner=one.viewer.name) for one in (ada, bob)
    ]
    pages = [export_question(one, run, 0, "page") for one in (ada, bob)]
    service.close()
    assert [one.reader for one in reports] == ["ada", "bob"]
    assert pages[0] == pages[1]
