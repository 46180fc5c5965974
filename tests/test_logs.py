"""Lines of the log say what they are about, and hold nothing that is a learner's alone."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from server import streamlit_log
from server.headers import SecurityHeaders
from server.origins import OwnPagesOnly
from tests.runs_fakes import CountingEngine, tiny
from tinylm import logs
from tinylm.corpora.files.report import Brought
from tinylm.learners import new_code, shown_code
from tinylm.questions.models import NextToken
from tinylm.runs.service import Service
from tinylm.runs.work.execute import Context, execute_job, execute_run

TEXT = "Dear diary, the brass key lies under the mat"


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """All that is written to the log during the test, as JSON lines, and below as text."""
    streams = [io.StringIO(), io.StringIO()]
    handlers = []
    for stream, as_json in zip(streams, (True, False), strict=True):
        handlers.append(logging.StreamHandler(stream))
        handlers[-1].setFormatter(logs.formatter(as_json=as_json))
        handlers[-1].addFilter(logs.say_where)
        logging.root.addHandler(handlers[-1])
    logging.getLogger("tinylm").setLevel(logging.INFO)
    yield lambda: "".join(stream.getvalue() for stream in streams)
    logging.getLogger("tinylm").setLevel(logging.NOTSET)
    for handler in handlers:
        logging.root.removeHandler(handler)


def objects(written: str) -> list[dict[str, object]]:
    """The lines that are JSON."""
    return [json.loads(line) for line in written.splitlines() if line.startswith("{")]


@pytest.fixture
def worked(home: Path) -> Iterator[tuple[Service, Callable[[CountingEngine], Context]]]:
    service = Service(home)
    yield service, lambda engine: Context(home, service.store, engine, "here:1:1")
    service.close()


def test_what_a_worker_writes_names_the_run(
    worked: tuple[Service, Callable[[CountingEngine], Context]], written: Callable[[], str]
) -> None:
    service, context = worked
    run = service.start(tiny())
    execute_run(context(CountingEngine()), run)
    found = objects(written())
    assert {(line["room"], line["level"], line["run"]) for line in found} == {
        ("worker", "INFO", run)
    }
    assert (found[-1]["status"], found[-1]["lost"]) == ("done", False)
    assert all(line["time"] and line["message"] for line in found)
    assert f" INFO worker run={run} the run ends here: done" in written()


def test_an_error_is_logged_with_its_place_and_its_job_but_not_with_the_learners_text(
    worked: tuple[Service, Callable[[CountingEngine], Context]],
    written: Callable[[], str],
    home: Path,
) -> None:
    service, context = worked
    question = NextToken("world-tiny-abc", 60, TEXT)
    service.ask(question)
    execute_job(context(CountingEngine(error=ValueError(f"no token in {TEXT!r}"))), question.key())
    assert TEXT in service.ask(question).error  # the learner's own page says all of it
    failed, over = objects(written())
    assert "ValueError" in str(failed["error"]) and "runs_fakes.py" in str(failed["error"])
    assert {(line["job"], line["kind"], line["run"]) for line in (failed, over)} == {
        (question.key(), question.kind, "world-tiny-abc")
    }
    files = "".join(path.read_text("utf-8") for path in (home / "logs").iterdir())
    assert "runs_fakes.py" in files
    assert "diary" not in written() + files and "brass" not in written() + files


def test_a_file_that_cannot_be_read_is_not_quoted(written: Callable[[], str]) -> None:
    from tinylm.corpora.files.child import read_file

    class Path(str):
        def __fspath__(self) -> str:
            raise RuntimeError(TEXT)

    brought = Brought("diary.txt", Path("x"))
    assert read_file(brought, lambda share: None)[1].problem
    assert "diary" not in written()


@pytest.mark.parametrize("secret", ["open sesame", 'Schl\u00fcssel "1"', "back\\slash"])
def test_codes_and_passwords_are_hidden(
    written: Callable[[], str], monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("TINYLM_TEACHER_CODE", secret)
    code = new_code()
    log = logging.getLogger("tinylm.store")
    log.warning("cannot reach postgresql://ada:s3cret@host:5432/school and {'x': 'a@b'}")
    log.warning("cookie: tinylm_learner=%s; path=/", code)
    log.warning("somebody wrote %s and %s", shown_code(code), secret)
    hidden = ("s3cret", code, shown_code(code), secret, json.dumps(secret)[1:-1])
    assert not any(one in written() for one in hidden)
    assert "postgresql://ada:***@host:5432/school" in written() and "'a@b'" in written()


def test_a_request_leaves_no_code_in_the_log(written: Callable[[], str]) -> None:
    code = new_code()
    app = Starlette(middleware=[Middleware(SecurityHeaders), Middleware(OwnPagesOnly)])
    with TestClient(app) as client:
        headers = {"cookie": f"tinylm_learner={code}", "origin": "https://elsewhere.example"}
        assert client.post("/anywhere", headers=headers).status_code == 403
    assert "elsewhere.example" in written() and code not in written()


def test_a_thread_may_carry_on_what_its_lines_are_about(written: Callable[[], str]) -> None:
    say = logging.getLogger("tinylm.worker").info
    with logs.about(run="one"):
        with logs.about(job="two"):
            threads = [
                threading.Thread(target=say, args=("alone",)),
                threading.Thread(target=logs.carried(lambda: say("carried"))),
            ]
        say("after")
    for thread in threads:
        thread.start()
        thread.join()
    found = {
        str(line["message"]): (line.get("run"), line.get("job")) for line in objects(written())
    }
    assert found == {"after": ("one", None), "alone": (None, None), "carried": ("one", "two")}


def test_streamlit_writes_into_the_same_log(
    written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit import logger

    monkeypatch.setattr(logger, "setup_formatter", logger.setup_formatter)
    before = dict(logger._loggers)
    try:
        streamlit_log.join()
        logger.get_logger("streamlit.tinylm_test").warning("a line")
        logger.get_logger("uvicorn.error").info("another")
        logger.get_logger("uvicorn.access").info("a request for /?run=mine")
    finally:
        monkeypatch.undo()
        logger.update_formatter()
        for one in logger._loggers.values():
            one.propagate = False
        assert before.items() <= logger._loggers.items()
    assert [line["room"] for line in objects(written())] == ["streamlit", "uvicorn"]


@pytest.mark.parametrize("form", ["json", "text", "yaml"])
def test_a_process_writes_every_line_in_the_form_that_is_asked_for(form: str) -> None:
    code = (
        "import logging, threading, warnings\n"
        "from tinylm import logs\n"
        "logs.begin(logging.WARNING); logs.begin()\n"
        "logging.getLogger('tinylm.store').info('a line')\n"
        "warnings.warn('a warning')\n"
        "logging.getLogger('urllib3').info('of no interest')\n"
        "thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()\n"
        "raise KeyError('x')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env={"TINYLM_LOG": form, "PATH": ""},
    )
    assert done.returncode == 1 and done.stdout == ""
    if form == "json":
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        levels = [line["level"] for line in lines]
        assert levels == ["INFO", "WARNING", "CRITICAL", "CRITICAL"]
        assert "KeyError" in lines[-1]["error"]
    else:
        assert ("TINYLM_LOG must be text or json" in done.stderr) == (form == "yaml")
        assert " INFO store a line" in done.stderr and "ZeroDivisionError" in done.stderr
    assert "of no interest" not in done.stderr
