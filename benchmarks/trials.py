"""Runs that are cut off and resumed, and what must not depend on that; for kills and power.

Every run here is a tiny one (TRIAL), carried out by the real worker in a process of its own. These
processes are forked from one that has loaded torch already (`Parent`), because loading it anew for
each of them would take most of the time, and do without the compiled loops of tinylm/fast.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tinylm.home import run_dir
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.training.checkpoints import MODEL, OPTIMIZER, STATE, SUMS

INTERVAL = 10  # steps between two checkpoints
TRIAL = preset_config(
    "tiny",
    corpus="names",
    documents=300,
    n_embd=16,
    block_size=32,
    batch_size=2,
    steps=60,
    checkpoint_interval=INTERVAL,
    eval_interval=2 * INTERVAL,
    threads=1,
)
PATIENCE = 180.0  # seconds after which a run that has not ended counts as stuck
LOOK_EVERY = 0.1  # seconds
ALLOWED = ("cache", "downloads", "logs", "queue", "runs", "tinylm.db")  # how names in a home begin


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


class Parent:
    """A process that has loaded torch and forks a process for every request.

    `serve(home, **request)` of the module `module` is what such a process does.
    """

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.trials", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def fork(self, home: Path, **request: object) -> int:
        """Start a process; returns its id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"home": str(home)} | request) + "\n")
        self._process.stdin.flush()
        return int(self._read())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def be_parent(serve: Callable[..., object]) -> None:
    """Fork a process for each line of standard input, and print its id."""
    sys.modules["tinylm.fast"] = None  # type: ignore[assignment]  # nothing needs to be compiled
    from tinylm.answers import engine

    with tempfile.TemporaryDirectory() as folder:  # loads what is loaded once in each process
        for _ in engine.run(TRIAL, Path(folder, "run"), Path(folder)):
            pass
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is forgotten
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if pid := os.fork():
            print(pid, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(
            Path(request["home"], "logs", "trial.log"), os.O_CREAT | os.O_WRONLY | os.O_APPEND
        )
        for handle in (1, 2):
            os.dup2(log, handle)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        try:
            serve(Path(request.pop("home")), **request)
        finally:
            os._exit(0)


def kill(pid: int) -> None:
    assert pid > 1, "other numbers stand for several processes"
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def finished(service: Service, run_id: str) -> bool:
    """Resume the run as often as it comes to rest before its end; whether it ended in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        row = service.run(run_id)
        if row.status == "done":
            return True
        if row.resumable:
            service.resume(run_id)
        pause(LOOK_EVERY)
    return False


def kept(service: Service, run_id: str) -> dict[str, Any]:
    """All that must be the same whether or not a run was cut off."""
    told = service.told(run_id)
    folder = run_dir(service.home, run_id)
    row = service.run(run_id)
    return {
        "steps": [
            (p.step, p.tokens_seen, p.loss, p.lr, p.grad_norm)
            for p in service.curve(run_id, max_points=row.num_steps)
        ],
        "validation": told.evals,
        "texts": (told.samples, told.film, told.probes),
        "row": (row.step, row.tokens_seen, row.last_loss, row.last_val),
        "weights": {
            step: (folder / f"checkpoints/step-{step:06d}/model.safetensors").read_bytes()
            for step in service.checkpoints(run_id)
        },
    }


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """The names of what is not the same.

    A worker that ends gently saves one checkpoint more, so there may be more weights.
    """
    different = [
        name for name in ("steps", "validation", "texts", "row") if found[name] != expected[name]
    ]
    if not expected["weights"].items() <= found["weights"].items():
        different.append("weights")
    return different


def untidy(service: Service, run_id: str) -> list[str]:
    """What the folder of a run that is done has too much or too little."""
    folder = run_dir(service.home, run_id)
    steps = service.checkpoints(run_id)
    wanted = {"tokenizer.json"}
    for step in steps:
        files = [MODEL, STATE, SUMS, *([OPTIMIZER] if step in steps[-2:] else [])]
        wanted |= {f"checkpoints/step-{step:06d}/{file}" for file in files}
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    return sorted(found ^ wanted)


def leftovers(home: Path) -> list[str]:
    """Files and folders that nobody will ever read."""
    parts = [p.relative_to(home).as_posix() for p in home.rglob(".part-*")]
    odd = [p.name for p in home.iterdir() if not p.name.startswith(ALLOWED)]
    return parts + odd


def new_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="tinylm-trials-"))
    (home / "logs").mkdir()
    return home


def remove_home(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    from importlib import import_module

    be_parent(import_module(sys.argv[1]).serve)
