"""Downloads from a server on this machine: whole with the right hash, or nothing and a sentence."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from tests.runs_fakes import CountingEngine, wait_until
from tinylm.cli.main import main
from tinylm.corpora import corpora_of, info, load, preview
from tinylm.corpora.sources import downloads
from tinylm.corpora.sources.downloads import (
    SOURCES,
    delete_download,
    download,
    is_here,
    speeches,
    stories,
)
from tinylm.corpora.sources.uploads import MAX_BYTES
from tinylm.errors import BadRequest, Cancelled, NotFound, StorageError, Unreachable
from tinylm.questions.models import NextToken
from tinylm.runs.service import Service
from tinylm.runs.store.runs import RunStore
from tinylm.runs.work.worker import Worker
from ui.frame import file_size, literal

ROOT = Path(__file__).parents[2]
PLAY = "\n\n".join(f"SPEAKER {i}:\nI say line {i}.\nAnd more of it." for i in range(2_000)).encode()


class Server(ThreadingHTTPServer):
    """Serves `body` in the way that the path asks for; /slow waits until `gate` is open."""

    body = PLAY
    gate = threading.Event()
    asked: threading.Event


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        way = self.path.split("/")[1]
        if way == "refusing":
            self.send_error(503)
            return
        if way == "moved":
            self.send_response(302)
            self.send_header("Location", "/good/x.txt")
            self.end_headers()
            return
        body = {"wrong": PLAY[::-1], "page": b"<html>Sign in</html>", "long": PLAY + b"more"}.get(
            way, PLAY
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = len(body) // 2
        self.wfile.write(body[:half])
        self.wfile.flush()
        self.server.asked.set()
        if way == "slow":
            self.server.gate.wait(20)
        if way == "short":
            return
        try:
            self.wfile.write(body[half:])
        except OSError:  # the other side has gone
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Answers)
    made.gate, made.asked = threading.Event(), threading.Event()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.gate.set()
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture(autouse=True)
def _small_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """The play of these tests instead of Tiny Shakespeare."""
    real = SOURCES["tinyshakespeare"]
    small = replace(real, sha256=hashlib.sha256(PLAY).hexdigest(), size=len(PLAY))
    monkeypatch.setitem(SOURCES, "tinyshakespeare", small)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def mirror(server: Server, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Points the downloads at one of the server's ways to answer."""

    def use(way: str) -> None:
        monkeypatch.setenv(downloads.MIRROR, f"http://127.0.0.1:{server.server_port}/{way}/")

    return use


def left(home: Path) -> list[str]:
    """The files of the downloads, without the locks."""
    folder = home / "downloads"
    found = folder.rglob("*") if folder.exists() else ()
    return sorted(path.name for path in found if not path.name.endswith(".lock"))


@pytest.mark.parametrize("way", ["good", "moved"])
def test_a_text_is_downloaded_listed_and_loaded(tmp_path: Path, mirror: Any, way: str) -> None:
    mirror(way)
    with pytest.raises(NotFound, match="not on this machine yet"):
        load("tinyshakespeare", home=tmp_path)
    assert "tinyshakespeare" not in corpora_of(tmp_path)
    heard: list[int] = []
    found = download("tinyshakespeare", tmp_path, heard.append)
    assert heard == sorted(heard) and heard[-1] == len(PLAY)
    assert left(tmp_path) == ["tinyshakespeare.txt"]
    assert corpora_of(tmp_path)["tinyshakespeare"] == found == info("tinyshakespeare", tmp_path)
    corpus = load("tinyshakespeare", home=tmp_path)
    assert corpus.train[0].text == "SPEAKER 0:\nI say line 0.\nAnd more of it."
    assert len(corpus.train) + len(corpus.val) == 2_000
    assert preview("tinyshakespeare", "val", 0, 1, home=tmp_path) == list(corpus.val[:1])
    delete_download("tinyshakespeare", tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("wrong", "another SHA-256"),
        ("page", "another SHA-256"),
        ("long", "it is longer"),
        ("short", r"broke off after 0\.. of 0\.. MB"),
        ("refusing", "answers 503"),
    ],
)
def test_what_is_not_the_text_is_refused_and_nothing_stays(
    tmp_path: Path, mirror: Any, way: str, words: str
) -> None:
    mirror(way)
    with pytest.raises(Unreachable, match=words) as caught:
        download("tinyshakespeare", tmp_path)
    assert "another machine and bring the file here" in str(caught.value)
    assert left(tmp_path) == [] and not is_here("tinyshakespeare", tmp_path)


def test_offline_says_what_to_do(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.server_port
    server.server_close()  # nobody listens there now
    monkeypatch.setenv(downloads.MIRROR, f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable, match="cannot be reached from this machine: go online"):
        download("tinyshakespeare", tmp_path)
    assert left(tmp_path) == []


def test_cancelled_in_the_middle_leaves_nothing(tmp_path: Path, mirror: Any) -> None:
    mirror("good")
    heard: list[int] = []
    with pytest.raises(Cancelled, match="nothing of it is kept"):
        download("tinyshakespeare", tmp_path, heard.append, lambda: len(heard) == 2)
    assert heard[-1] < len(PLAY)
    assert left(tmp_path) == []


def test_two_do_not_download_the_same_and_a_killed_one_is_tidied(
    tmp_path: Path, mirror: Any
) -> None:
    mirror("good")
    part = tmp_path / "downloads" / ".tinyshakespeare.part"
    part.mkdir(parents=True)
    (part / "tmp1234").write_bytes(b"half of i")
    with (
        FileLock(tmp_path / "downloads" / ".tinyshakespeare.lock"),
        pytest.raises(BadRequest, match="being downloaded already"),
    ):
        download("tinyshakespeare", tmp_path)
    download("tinyshakespeare", tmp_path)
    assert left(tmp_path) == ["tinyshakespeare.txt"]


def test_a_file_that_was_changed_is_noticed(tmp_path: Path, mirror: Any) -> None:
    mirror("good")
    download("tinyshakespeare", tmp_path)
    (tmp_path / "downloads" / "tinyshakespeare.txt").write_bytes(PLAY[::-1])
    with pytest.raises(StorageError, match="damaged: delete it and download it again"):
        load("tinyshakespeare", home=tmp_path)


def test_a_file_brought_by_hand_is_known_by_its_hash(tmp_path: Path) -> None:
    assert downloads.take_up(b"another text", tmp_path) is None
    assert left(tmp_path) == []
    for killed in ("tinyshakespeare.1-2.part", ".tinyshakespeare.hand.part"):
        (tmp_path / "downloads").mkdir(exist_ok=True)
        (tmp_path / "downloads" / killed).write_bytes(b"half of i")
    found = downloads.take_up(PLAY, tmp_path)
    assert found is not None and found.name == "tinyshakespeare"
    assert left(tmp_path) == ["tinyshakespeare.txt"]
    assert load("tinyshakespeare", 3, tmp_path).train[0].text.startswith("SPEAKER 0")


def test_a_mirror_keeps_its_login_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    one = SOURCES["tinystories"]
    monkeypatch.setenv(downloads.MIRROR, "https://ada:secret@texts.example:8443/class/")
    assert one.host == "texts.example"
    assert one.address == "https://ada:secret@texts.example:8443/class/tinystories.txt"


@pytest.mark.parametrize(
    "mirror", ["texts.example/class", "https://", "ftp://a", "https://[a", "https://ada:secret@a:b"]
)
def test_a_mirror_that_is_no_address_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    monkeypatch.setenv(downloads.MIRROR, mirror)
    with pytest.raises(BadRequest, match="TINYLM_MIRROR is no address: start") as caught:
        download("tinystories", tmp_path)
    assert "secret" not in str(caught.value)
    with pytest.raises(BadRequest, match="is no address"):
        print(SOURCES["tinystories"].host)


@given(st.lists(st.text("abc :,.\n", min_size=1, max_size=60), max_size=8))
def test_cutting_loses_only_white_space_and_marks(parts: list[str]) -> None:
    told = "\n<|endoftext|>\n".join(parts)
    for cut, text in ((stories, told), (speeches, "\n\n".join(parts))):
        kept = "".join("".join(cut(text)).split())
        assert kept == "".join("".join(parts).split())
        assert all(piece.strip() for piece in cut(text))


def test_the_sources_say_where_their_text_comes_from() -> None:
    for name, one in SOURCES.items():
        assert one.info.name == name and one.info.licence and one.url.startswith("https://")
        assert len(bytes.fromhex(one.sha256)) == 32 and 50_000 < one.size <= MAX_BYTES


# The worker -----------------------------------------------------------------------------------


@pytest.fixture
def working(home: Path) -> Iterator[Service]:
    """A service with a worker in a thread of this process."""
    made = Service(home)
    worker = Worker(home, "short", engine=CountingEngine(), poll=0.02)
    thread = threading.Thread(target=worker.serve)
    thread.start()
    yield made
    worker.stop.set()
    thread.join(20)
    made.close()
    assert not thread.is_alive()


def test_a_worker_downloads_and_others_need_not_wait(
    working: Service, server: Server, mirror: Any
) -> None:
    mirror("slow")
    working.download("tinyshakespeare")
    working.download("tinyshakespeare")  # asked twice, fetched once
    assert server.asked.wait(10)
    asked = {"": NextToken("a-run", 0, "x")}
    assert working.ask_all(asked, wait=10)[""].status == "done"
    server.gate.set()
    wait_until(lambda: is_here("tinyshakespeare", working.home))
    wait_until(lambda: working.downloading("tinyshakespeare")[0].status == "done")
    delete_download("tinyshakespeare", working.home)
    working.download("tinyshakespeare")  # once more
    wait_until(lambda: is_here("tinyshakespeare", working.home))


def test_a_download_shows_how_far_it_is_and_can_be_cancelled(
    working: Service, server: Server, mirror: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinylm.runs.work.downloading.LOOK_EVERY", 0.0)
    mirror("slow")
    working.download("tinyshakespeare")
    wait_until(lambda: working.downloading("tinyshakespeare")[1] > 0)
    assert working.downloading("tinyshakespeare")[1] < len(PLAY)
    working.cancel_download("tinyshakespeare")
    server.gate.set()
    wait_until(lambda: working.downloading("tinyshakespeare")[0].over)
    assert "was cancelled" in working.downloading("tinyshakespeare")[0].error
    assert left(working.home) == []


def test_a_store_that_is_busy_for_a_moment_ends_no_download(
    working: Service, mirror: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = RunStore.turn

    def busy(store: RunStore, job_id: str, name: str, value: float) -> None:
        if value:  # the worker's, once bytes are there
            raise StorageError("The database is busy: try again.")
        turn(store, job_id, name, value)

    monkeypatch.setattr("tinylm.runs.work.downloading.LOOK_EVERY", 0.0)
    monkeypatch.setattr(RunStore, "turn", busy)
    mirror("good")
    working.download("tinyshakespeare")
    wait_until(lambda: working.downloading("tinyshakespeare")[0].over)
    assert is_here("tinyshakespeare", working.home)


def test_a_waiting_download_is_taken_back(home: Path) -> None:
    service = Service(home)
    service.download("tinyshakespeare")
    service.cancel_download("tinyshakespeare")
    assert service.downloading("tinyshakespeare") is None
    with pytest.raises(NotFound, match="these can"):
        service.download("everything")
    service.close()


# The terminal and the page --------------------------------------------------------------------


def test_the_terminal_downloads_and_says_why_not(
    home: Path, mirror: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror("refusing")
    assert main(["corpora", "--download", "tinyshakespeare"]) == 1
    output = capsys.readouterr()
    assert "answers 503" in output.err and len(output.err.strip().splitlines()) == 1
    assert main(["train", "--corpus", "tinyshakespeare"]) == 2
    assert "corpora --download tinyshakespeare" in capsys.readouterr().err
    mirror("good")
    assert main(["corpora", "--download", "tinyshakespeare", "--json"]) == 0
    (only,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert only["name"] == "tinyshakespeare"
    assert main(["corpora"]) == 0
    output = capsys.readouterr()
    assert "tinyshakespeare" in output.out and "downloaded with --download: tinystories\n" in (
        output.err
    )
    assert main(["corpora", "--download", "everything"]) == 2


def test_the_terminal_knows_the_file_by_its_hash(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "input.txt"
    path.write_bytes(PLAY)
    tiny = ("train", "--preset", "tiny", "--steps", "4", "--set", "threads=1", "--json")
    assert main([*tiny, "--corpus", str(path)]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["config"]["corpus"] == "tinyshakespeare"


def open_page() -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
    return at.switch_page("../pages/corpus/page.py").run()


def test_a_card_downloads_chooses_and_deletes(service: Service, mirror: Any) -> None:
    mirror("refusing")
    at = open_page()
    button = at.button(key="download-tinyshakespeare")
    assert button.label == f"Download {file_size(len(PLAY))}"
    at = button.click().run()
    assert not at.exception
    assert literal("answers 503 instead") in at.error[0].value
    mirror("good")
    at = at.button(key="download-tinyshakespeare").click().run()
    assert not at.exception and not at.error
    assert at.button(key="choose-tinyshakespeare").disabled  # chosen
    assert at.code[0].value.startswith("SPEAKER 0")
    gone = next(one for one in at.button if one.label == "Delete the downloaded text")
    at = gone.click().run()
    assert at.button(key="download-tinyshakespeare")
    assert at.button(key="choose-world").disabled


def test_a_download_under_way_shows_a_bar_and_a_button(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "hand_over", lambda *_: None)  # nobody works on it
    at = open_page().button(key="download-tinystories").click().run()
    assert not at.exception
    at = at.button(key="cancel-tinystories").click().run()
    assert not at.exception
    assert service.downloading("tinystories") is None
