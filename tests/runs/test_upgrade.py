"""A home that the version before wrote: all that is in it opens, goes on, and can be deleted.

`data/make_home.py` says what is in it, and how it was made.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tinylm.answers.engine import answer
from tinylm.cli import checkup
from tinylm.cli.checkup import Patient
from tinylm.cli.main import main
from tinylm.corpora import load, world_of
from tinylm.corpora.sources.own_worlds import tables_of
from tinylm.events import Event, StepDone
from tinylm.learners import Viewer, name_of
from tinylm.questions.models import NextToken
from tinylm.runs.service import Service

PACKED = Path(__file__).parent / "data" / "home-0.1.0.tar.xz"
CODE = "0123456789abcdef01234567"


@pytest.fixture
def before(home: Path) -> Path:
    """The home as the version before left it."""
    with tarfile.open(PACKED) as packed:
        packed.extractall(home, filter="data")
    return home


@pytest.fixture
def service(before: Path) -> Iterator[Service]:
    opened = Service(before)
    yield opened
    opened.close()


@pytest.fixture
def reference(before: Path) -> dict[str, Any]:
    """The paused run, how it would have gone on, and what its checkpoint answered."""
    return dict(json.loads((before / "reference.json").read_text("utf-8")))


def odds(home: Path, run: str) -> list[tuple[str, float]]:
    found = answer(NextToken(run, 4, "On day", top=3), home, threads=1).tokens
    return [(one.text, pytest.approx(one.probability, rel=1e-4)) for one in found]


def told(reference: dict[str, Any]) -> list[tuple[str, float]]:
    return [(one["text"], one["probability"]) for one in reference["tokens"]]


def test_the_doctor_says_what_is_to_come_and_a_copy_is_kept(before: Path) -> None:
    assert checkup.database(Patient(1)).found.startswith("it is of version 4, and is copied")
    Service(before).close()
    assert checkup.database(Patient(1)).state == "ok"
    assert len(list(before.glob("tinylm.db.version-4-*"))) == 1


def test_a_checkpoint_answers_as_it_did(service: Service, reference: dict[str, Any]) -> None:
    row = service.run(reference["run"])
    assert (row.status, row.step, row.owner) == ("interrupted", 4, name_of(CODE))
    assert service.checkpoints(row.id) == [4]
    assert told(reference) == odds(service.home, row.id)


@pytest.mark.usefixtures("one_thread")
def test_a_run_goes_on_as_it_would_have_gone_on(
    service: Service, reference: dict[str, Any]
) -> None:
    losses: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, StepDone):
            losses.append(event.loss)

    assert service.resume_here(reference["run"], note).status == "done"
    assert losses == pytest.approx(reference["losses"][4:], rel=1e-5)
    assert len(service.curve(reference["run"])) == 8


def test_an_export_comes_back(
    service: Service, reference: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(service.home / "exported"), "--json"]) == 0
    row = service.run(json.loads(capsys.readouterr().out)["run"])
    assert row.id != reference["run"] and row.kind == "pretrain"
    assert told(reference) == odds(service.home, row.id)


def brought(service: Service) -> list[str]:
    """The names of the mixture, the text and the world."""
    kinds = ("mix-", "upload-", "made-")
    return [name for kind in kinds for name in service.corpora() if name.startswith(kind)]


def test_what_was_brought_is_listed_for_its_owner_and_can_be_read(service: Service) -> None:
    mine = service.seen_by(Viewer(name_of(CODE), alone=False))
    other = service.seen_by(Viewer(name_of("f" * 24), alone=False))
    mixture, text, world = brought(service)
    assert len(load(text, 0, service.home).train) > 0
    assert len(load(mixture, 20, service.home).train) == 20
    assert "wyvern" in repr(tables_of(world, service.home)["animals"])
    assert world_of(world, service.home) is not None
    (task,) = service.own_tasks()
    assert (task.title, task.kind) == ("Reviews", "classification")
    # What nobody's run reads has no known owner: whoever is alone sees it all the same.
    assert {"Birds", "With a wyvern"} <= {one.title for one in mine.corpora().values()}
    assert not {text, world, mixture} & set(other.corpora())
    assert mine.answers(name_of(CODE)) == {"predicted/perplexity": "about 40"}


def test_everything_can_be_deleted(service: Service, reference: dict[str, Any]) -> None:
    service.delete(reference["run"])
    service.delete_task(service.own_tasks()[0].name)
    for name in brought(service):
        service.delete_corpus(name)
    assert service.runs() == [] and service.own_tasks() == []
    kept = [one for one in service.home.rglob("*") if one.is_file()]
    assert not [one for one in kept if one.parent.name in ("uploads", "mixtures", "tasks")]
    assert not (service.home / "runs" / reference["run"]).exists()
