"""`--log-to`: what a tracker receives, what is refused, and that a run outlives its failure."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from tinylm.cli.main import main
from tinylm.cli.terminal import print_json
from tinylm.cli.trackers import Logging, tracker
from tinylm.events import EvalDone, Event, Preparing, Rewarded, StepDone

EVENTS: list[Event] = [
    Preparing(0, "Reading"),
    EvalDone(0, 0, 7.5, 1808.0, 3.5, 900),
    StepDone(1, 128, 7.25, 0.1, 1.0, 9e3),
    Rewarded(1, 0.5),
]


def log(where: str) -> None:
    with Logging(tracker(where)) as logging:
        for event in EVENTS:
            logging.show(event)


def test_event_files_grow_while_a_run_trains(tmp_path: Path) -> None:
    log(f"tensorboard:{tmp_path}")
    (file,) = tmp_path.iterdir()
    found = [
        (event.step, value.tag)
        for event in EventFileLoader(str(file)).Load()
        for value in event.summary.value
    ]
    assert (0, "val/loss") in found and (1, "train/loss") in found and (1, "train/reward") in found


@pytest.mark.parametrize("package", ["trackio", "wandb"])
def test_a_project_receives_the_figures_by_their_names(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    fake = SimpleNamespace(
        init=lambda project: told.append(project),
        log=lambda figures, step: told.append((step, sorted(figures))),
        finish=lambda: told.append("finished"),
    )
    monkeypatch.setitem(sys.modules, package, fake)
    log(f"{package}:school")
    assert told == [
        "school",
        (0, ["val/bits_per_byte", "val/loss", "val/perplexity"]),
        (1, ["grad_norm", "lr", "tokens_per_sec", "train/loss"]),
        (1, ["train/reward"]),
        "finished",
    ]


@pytest.mark.parametrize("package", ["trackio", "wandb"])
def test_what_a_tracker_prints_does_not_mix_with_the_json(
    package: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Trackio greets, and says farewell, on standard output."""
    fake = SimpleNamespace(
        init=lambda project: print("* begun"),
        log=lambda figures, step: print("* logged"),
        finish=lambda: print("* finished"),
    )
    monkeypatch.setitem(sys.modules, package, fake)
    with Logging(tracker(f"{package}:school")) as logging:
        for event in EVENTS:
            print_json(event)
            logging.show(event)
    out, error = capsys.readouterr()
    assert len([json.loads(line) for line in out.splitlines()]) == len(EVENTS)
    assert error.splitlines() == ["* begun", *["* logged"] * 3, "* finished"]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("paper", "takes one of tensorboard:FOLDER"),
        ("tensorboard:", "takes one of"),
        ("excel:x", "takes one of"),
        ("trackio:x", "pip install trackio"),
        ("wandb:x", "pip install wandb"),
        ("tensorboard:{taken}/x", "cannot be written"),
    ],
)
def test_what_cannot_be_logged_to_is_one_line_and_nothing_is_trained(
    home: Path,
    tmp_path: Path,
    where: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "taken").write_text("a file is in the way")
    for package in ("trackio", "wandb"):
        monkeypatch.setitem(sys.modules, package, None)
    where = where.replace("{taken}", str(tmp_path / "taken"))
    assert main(["train", "--preset", "tiny", "--log-to", where]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_a_tracker_that_fails_is_left_and_the_run_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Failing:
        def log(self, step: int, figures: dict[str, float]) -> None:
            raise OSError("the disk is full")

        def close(self) -> None:
            raise AssertionError

    with Logging(Failing) as logging:
        for event in EVENTS:
            logging.show(event)
    assert capsys.readouterr().err == (
        "tinylm: --log-to failed (the disk is full): the run goes on.\n"
    )


def test_a_tracker_that_cannot_begin_is_refused_before_the_run(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("no key was found\nlog in first")

    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=fail))
    assert main(["train", "--preset", "tiny", "--log-to", "wandb:cats"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot begin (no key was found): mend that, or leave --log-to out" in line
    assert not list((home / "runs").glob("*"))
