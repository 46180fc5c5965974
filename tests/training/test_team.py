"""Several processes train one model: the same curve as one process, and a clean end whatever ends.

The processes are real ones, which torchrun starts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from tests import tiny
from tinylm import torchrun
from tinylm.answers import engine
from tinylm.config import RunConfig, TrainConfig
from tinylm.errors import BadRequest
from tinylm.events import Event, StepDone
from tinylm.model.gpt import GPT
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.text.batches import IGNORE
from tinylm.torchrun import ID, Place, place, share_of
from tinylm.training.forward import begun, new_model
from tinylm.training.optimizer import Optimizer
from tinylm.training.team import Team
from tinylm.training.update import shares, update

TWO = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "tinylm")
SETTINGS: dict[str, Any] = {
    "corpus": "names",
    "precision": "fp32",
    "threads": 1,
    "documents": 60,
    "n_embd": 16,
    "block_size": 32,
    "steps": 24,
    # Two rows in one part for one process, and three in two parts for the other.
    "batch_size": 5,
    "micro_batch_size": 2,
}


def started(home: Path, *words: str) -> subprocess.Popen[str]:
    """A command of the terminal in two processes."""
    environment = os.environ | {"TINYLM_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    settings = [f"--set={name}={value}" for name, value in SETTINGS.items() if name != "corpus"]
    chosen = ("--corpus", SETTINGS["corpus"], *settings) if words[0] == "train" else ()
    command = (*TWO, *words, *chosen)
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, text=True, stdout=pipe, stderr=pipe)


def told(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def losses(events: list[dict[str, Any]]) -> dict[int, float]:
    return {one["step"]: one["loss"] for one in events if one["type"] == "step"}


def one_sentence(error: str) -> list[str]:
    return [line for line in error.splitlines() if line.startswith("tinylm:")]


def helper_of(process: subprocess.Popen[str]) -> psutil.Process:
    """The process of torchrun that does not lead."""
    children = psutil.Process(process.pid).children()
    return next(one for one in children if one.environ()["RANK"] == "1")


def events_until(process: subprocess.Popen[str], step: int) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        yield (event := json.loads(line))
        if event["type"] == "step" and event["step"] >= step:
            return


def test_two_processes_have_the_curve_of_one_and_either_goes_on_with_the_others_run(
    tmp_path: Path,
) -> None:
    with started(tmp_path, "train", "--preset", "tiny", "--json") as two:
        begun = list(events_until(two, 5))
        two.send_signal(signal.SIGINT)  # which torchrun passes on: the run is paused
        rest, said = two.communicate(timeout=120)
    assert len(one_sentence(said)) == 1 and "was interrupted" in one_sentence(said)[0]
    paused = begun + told(rest)
    run, step = paused[-1]["run"], paused[-1]["steps"]
    assert paused[-1]["status"] == "interrupted" and 5 <= step < 24
    assert sum(one["type"] == "run_started" for one in paused) == 1  # only one process tells of it
    service = Service(tmp_path)
    alone: dict[int, float] = {}
    service.run_here(preset_config("tiny", **SETTINGS), on_event=noted(alone))
    both = losses(paused)
    assert service.resume_here(run, on_event=noted(both)).status == "done"
    assert alone.keys() == both.keys() == set(range(1, 25))
    assert max(abs(alone[step] - both[step]) for step in alone) < 1e-3


def noted(losses: dict[int, float]) -> Callable[[Event], None]:
    def note(event: Event) -> None:
        if isinstance(event, StepDone):
            losses[event.step] = event.loss

    return note


def test_a_run_of_one_goes_on_in_two_and_the_end_of_either_ends_it_with_a_checkpoint(
    tmp_path: Path,
) -> None:
    service, begun_alone = Service(tmp_path), dict[int, float]()
    config = preset_config("tiny", **SETTINGS | {"steps": 100_000})
    row = service.run_here(
        config, on_event=noted(begun_alone), interrupted=lambda: len(begun_alone) > 2
    )
    assert row.status == "interrupted" and row.step == 3
    with started(tmp_path, "resume", row.id, "--json") as process:
        begun = list(events_until(process, row.step + 3))
        helper_of(process).kill()
        rest, said = process.communicate(timeout=120)
    assert process.returncode != 0
    (sentence,) = one_sentence(said)
    assert "Another of the 2 processes of this run has ended" in sentence
    result = (begun + told(rest))[-1]
    assert result["status"] == "failed" and result["steps"] >= row.step + 3
    assert result["steps"] in service.checkpoints(row.id)


def test_a_leader_that_ends_in_an_update_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others wait for its gradient, and gloo would wait for them to take the message."""
    sent: list[int] = []
    for name in ("broadcast", "all_reduce"):
        monkeypatch.setattr(
            f"tinylm.training.team.distributed.{name}", lambda value, *rest: sent.append(len(value))
        )
    team = Team(Place(0, 2, 0, 1))
    batch = torch.zeros(2, 3, dtype=torch.int64)
    team.give((batch, batch), 0, 1.0)
    given = len(sent)
    team.dismiss()
    assert len(sent) == given == 3
    team.add_up(torch.zeros(1))
    team.dismiss()
    assert len(sent) == given + 2


def test_a_process_is_alone_unless_torchrun_says_otherwise() -> None:
    names = {"RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}
    assert place(names) == Place() == (0, 1, 0, 1) and not Place().helps
    found = place(names | {ID: "none"})
    assert found == (1, 4, 1, 2) and found.helps
    assert share_of(2) == 2


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("at_once", [0, 1, 2])
def test_the_shares_of_all_processes_are_the_batch(size: int, at_once: int) -> None:
    targets = torch.full((4, 6), IGNORE)
    for row, counted in enumerate((1, 6, 3, 2)):
        targets[row, :counted] = 1
    found = [
        part
        for rank in range(size)
        for part in shares(targets, at_once, Team(Place(rank, size, 0, 1)))
    ]
    assert sum(share for _, share in found) == pytest.approx(1)
    rows = [row for part, share in found if share for row in range(*part.indices(4))]
    assert sorted(rows) == [0, 1, 2, 3]
    assert not at_once or all(part.stop - part.start <= at_once for part, _ in found)


@pytest.mark.parametrize("changes", [{"micro_batch_size": 1}, {"activation_checkpointing": "on"}])
def test_less_memory_gives_the_same_update(changes: dict[str, Any], one_thread: None) -> None:
    found = []
    for settings in (TrainConfig(), TrainConfig(**changes)):
        model = new_model(tiny.MODEL, settings)
        optimizer = Optimizer(model, settings)
        random = torch.Generator().manual_seed(0)
        ids = torch.randint(1, 256, (4, 33), generator=random)
        targets = ids[:, 1:].clone()
        targets[0, 3:] = IGNORE  # rows that count differently
        measured = [
            update(model, optimizer, (ids[:, :-1], targets), step, settings) for step in range(3)
        ]
        found.append((measured, model.embedding.weight.detach().clone()))
    (one, weights), (other, again) = found
    for first, second in zip(one, other, strict=True):
        assert first == pytest.approx(second, abs=1e-5)
    assert torch.allclose(weights, again, atol=1e-5)


def test_what_several_processes_cannot_do_is_said_before_they_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(place: Place, config: RunConfig) -> None:
        monkeypatch.setattr(torchrun, "place", lambda: place)
        list(engine.run(config, tmp_path, tmp_path))

    with pytest.raises(BadRequest, match="Rewards are learned in one process"):
        refused(Place(0, 2, 0, 2), RunConfig(method="reward"))
    with pytest.raises(BadRequest, match="by the terminal alone"):
        refused(Place(1, 2, 1, 2), RunConfig())
    with pytest.raises(BadRequest, match="choose device=cpu"):
        Team(Place(0, 2, 0, 2)).device("mps")
    with pytest.raises(BadRequest, match="This machine has 0 graphics processors"):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
        Team(Place(0, 2, 0, 2)).device("cuda")


def test_torch_compile_without_a_compiler_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = TrainConfig(compile="on")
    model = new_model(tiny.MODEL, settings)
    assert type(model) is GPT  # whose loops torch.compile can make
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(BadRequest, match=r"needs a C\+\+ compiler"):
        begun(model, Optimizer(model, settings), RunConfig(train=settings), "fp32", None)
