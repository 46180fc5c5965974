"""What `tinylm doctor` looks at: each check says what it found, and one sentence what to do.

No check changes anything, and none needs torch in this process.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Literal

import requests
from packaging.requirements import InvalidRequirement, Requirement

from tinylm import __version__, logs, storage
from tinylm.errors import TinylmError
from tinylm.home import database_url, home_dir
from tinylm.learners import is_alone
from tinylm.memory import GB, memory_here, memory_needed
from tinylm.places import ROOT
from tinylm.presets import preset_config
from tinylm.process import is_gone, own_token, token_host, usable_cores
from tinylm.runs.forgetting import keep_days
from tinylm.runs.store import looking
from tinylm.runs.store.copies import copies_at
from tinylm.runs.store.rows import WorkerRow
from tinylm.runs.store.tables import SCHEMA_VERSION
from tinylm.runs.teachers import teacher_code
from tinylm.runs.work import supervisor

State = Literal["ok", "note", "wrong"]

LITTLE_DISK, NO_DISK = 1.0 * GB, 0.1 * GB
WORKER = 0.25 * GB  # memory of a worker that waits
ANSWER_WITHIN = 3.0  # seconds for whatever listens on the port of the app
SIGN_WITHIN = 8  # looks, a second apart, until which a worker elsewhere that lives gives a sign
SECOND = 1.0


@dataclass(frozen=True)
class Finding:
    """What one check found, and in a sentence what to do; "" where nothing is to be done."""

    check: str
    state: State
    found: str
    to_do: str = ""


@dataclass(frozen=True)
class Patient:
    """This installation as the environment describes it; `port` is where the app is looked for."""

    port: int

    @cached_property
    def home(self) -> Path:
        """Raises StorageError."""
        return home_dir()

    @cached_property
    def look(self) -> looking.Look:
        """The store as it was when the checks began. Raises StorageError."""
        return looking.look(database_url(self.home))


Check = Callable[[Patient], Finding]


def findings(patient: Patient, checks: dict[str, Check]) -> Iterator[Finding]:
    """What each check finds; an error in words is a finding, too."""
    for name, check in checks.items():
        try:
            yield check(patient)
        except TinylmError as error:
            found, _, to_do = str(error).partition(": ")
            to_do = to_do or "Correct that, and look again."
            yield Finding(name, "wrong", found.rstrip("."), to_do[:1].upper() + to_do[1:])
        except OSError as error:
            found = f"{error.filename or 'something'} cannot be used ({error.strerror or error})"
            rights = "Give this user its rights, or set TINYLM_HOME to another folder."
            yield Finding(name, "wrong", found, rights)


def versions(_patient: Patient) -> Finding:
    """Whether the packages that are installed are those that this version was tested with."""
    missing, others = [], []
    for needed in _requirements():
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            here = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            missing.append(needed.name)
            continue
        if not needed.specifier.contains(here, prereleases=True):
            others.append(f"{needed.name} {here} instead of {str(needed.specifier).lstrip('=')}")
    shown = ", ".join(
        f"{name} {_version(name)}" for name in ("torch", "streamlit") if name not in missing
    )
    found = f"tinylm {__version__}, Python {platform.python_version()}, {shown}"
    again = "Install what is needed: pip install -r requirements.txt, in the folder of tinylm."
    if missing:
        return Finding("versions", "wrong", f"{found}; missing: {_some(missing)}", again)
    if others:
        return Finding("versions", "note", f"{found}; {_some(others)}", again)
    return Finding("versions", "ok", f"{found}, and all that is pinned fits")


def _requirements() -> Iterator[Requirement]:
    file = ROOT / "requirements.txt"
    lines = file.read_text("utf-8").splitlines() if file.exists() else metadata.requires("tinylm")
    for line in lines or ():
        if line.strip() and not line.startswith("#"):
            try:
                yield Requirement(line)
            except InvalidRequirement:
                continue


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _some(names: list[str], number: int = 3) -> str:
    more = f" and {len(names) - number} more" if len(names) > number else ""
    return ", ".join(names[:number]) + more


def settings(_patient: Patient) -> Finding:
    """Whether the settings of the environment have values that are understood."""
    supervisor.long_slots()
    is_alone("localhost")
    keep_days()
    teacher_code()
    names = sorted(name for name in os.environ if name.startswith("TINYLM_"))
    if logs.form() not in logs.FORMS:
        asked = "Set TINYLM_LOG to text or json, or leave it away."
        return Finding("settings", "wrong", "TINYLM_LOG has a value that is not known", asked)
    return Finding("settings", "ok", ", ".join(names) or "none is set, so all have their defaults")


def home(patient: Patient) -> Finding:
    """Whether this user may read and write the folder where everything is kept."""
    folder = patient.home
    other = "Set TINYLM_HOME to a folder that you may write to, or give this user its rights."
    if not folder.exists():
        above = _existing(folder)
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            return Finding(
                "home", "ok", f"{folder} is not there yet, and is made at the first start"
            )
        return Finding("home", "wrong", f"{folder} is not there and cannot be made", other)
    if not folder.is_dir():
        return Finding("home", "wrong", f"{folder} is no folder", other)
    kept = [folder, *folder.glob("*/"), *folder.glob("*.db*")] if os.access(folder, os.R_OK) else []
    closed = [one for one in kept or [folder] if not os.access(one, os.R_OK | os.W_OK)]
    if closed:
        said = f"this user may not read and write {closed[0]}"
        return Finding("home", "wrong", said, other)
    return Finding("home", "ok", f"{folder} can be read and written")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def disk(patient: Patient) -> Finding:
    """How much room there is where everything is kept."""
    try:
        free = shutil.disk_usage(_existing(patient.home)).free
    except OSError as error:
        return Finding("disk", "wrong", f"the room cannot be found out ({error.strerror})")
    found = f"{free / GB:.1f} GB are free"
    if free < LITTLE_DISK:
        state: State = "wrong" if free < NO_DISK else "note"
        return Finding("disk", state, found, "Free some space: each run keeps its checkpoints.")
    return Finding("disk", "ok", found)


def database(patient: Patient) -> Finding:
    """Whether the store can be read, and whether its tables are those of this version."""
    version = patient.look.version
    if version == 0:
        return Finding("database", "ok", "it is empty, and is prepared at the first start")
    if version < SCHEMA_VERSION:
        return Finding(
            "database",
            "note",
            f"it is of version {version}, and is copied and brought to version {SCHEMA_VERSION} "
            "when it is opened next",
            "End all processes of the earlier tinylm first; docs/scale.md says how to go back.",
        )
    return Finding("database", "ok", f"it can be read, and is of version {version}")


def copies(patient: Patient) -> Finding:
    """Whether copies from before an upgrade are kept, which deleting does not reach."""
    _ = patient.look  # an address that cannot be used is refused here, in its own words
    kept = copies_at(database_url(patient.home))
    if not kept:
        return Finding("copies", "ok", "no copy of an earlier version is kept")
    return Finding(
        "copies",
        "note",
        f"{_some(kept)} still {'holds' if len(kept) == 1 else 'hold'} what the database held "
        "before an upgrade, also what was deleted since",
        "Once you need no way back, delete that copy as docs/scale.md says.",
    )


def files(_patient: Patient) -> Finding:
    """Whether the place that several machines share can be read."""
    place = storage.look()
    if place is None:
        return Finding("files", "ok", "they are kept in the home alone")
    if not place.id:
        return Finding("files", "ok", f"{place.shown} is empty, and is prepared at the first start")
    return Finding("files", "ok", f"{place.shown} can be read")


def workers(patient: Patient) -> Finding:
    """Which workers are alive, and whether they are of this version."""
    alive = _alive(patient)
    if not alive:
        start = "Start the app, or a worker: python -m tinylm worker."
        if supervisor.wanted():
            return Finding("workers", "note", "none is alive", start)
        return Finding("workers", "wrong", "none is alive, and the app starts none", start)
    hosts = {worker.host for worker in alive}
    served = {worker.queue for worker in alive}
    number = "1 is" if len(alive) == 1 else f"{len(alive)} are"
    found = f"{number} alive on {len(hosts)} machine{'s' * (len(hosts) > 1)}"
    for queue, work in (("short", "questions"), ("long", "runs")):
        if not {queue, "both"} & served:
            more = f"Start one more: python -m tinylm worker --queue {queue}."
            return Finding("workers", "wrong", f"{found}, but none takes {work}", more)
    others = sorted({worker.version for worker in alive} - {__version__})
    if others:
        anew = "End them and start them anew."
        return Finding("workers", "wrong", f"{found}, some of tinylm {_some(others)}", anew)
    return Finding("workers", "ok", f"{found}, all of tinylm {__version__}")


def _alive(patient: Patient) -> list[WorkerRow]:
    """The workers of this computer whose processes live, and those elsewhere that give a sign."""
    before = {worker.id: worker.beats for worker in patient.look.workers}
    here = token_host(own_token())
    found = patient.look.workers
    for _ in range(SIGN_WITHIN):
        listed = [worker for worker in found if not is_gone(worker.id)]
        alive = [
            worker
            for worker in listed
            if token_host(worker.id) == here or worker.beats != before.get(worker.id)
        ]
        if alive == listed:
            break
        threading.Event().wait(SECOND)
        found = looking.look(database_url(patient.home)).workers
    return alive


def port(patient: Patient) -> Finding:
    """Whether the port of the app is free, or tinylm answers there."""
    try:
        socket.create_connection(("localhost", patient.port), ANSWER_WITHIN).close()
    except OSError:
        return Finding("port", "ok", f"{patient.port} is free")
    try:
        answer = requests.get(f"http://localhost:{patient.port}/health", timeout=ANSWER_WITHIN)
        said = answer.json()
    except (requests.RequestException, ValueError):
        said = {}
    if not isinstance(said, dict) or said.get("program") != "tinylm":
        other = f"Start the app on another: tinylm app --server.port {patient.port + 1}."
        return Finding("port", "note", f"{patient.port} is used by another program", other)
    found = f"tinylm {said.get('version')} answers at {patient.port}"
    if said.get("version") != __version__:
        again = "End that app and start it anew."
        return Finding("port", "wrong", f"{found}, but {__version__} is installed", again)
    if said.get("problem"):
        wait = "If it has just started, wait ten seconds; otherwise read its log."
        return Finding("port", "wrong", f"{found}, and says: {said['problem']}", wait)
    return Finding("port", "ok", found)


def memory(_patient: Patient) -> Finding:
    """Whether a run has enough memory."""
    here, needed = memory_here(), memory_needed(preset_config("quick"))
    found = f"{here.free / GB:.1f} GB of {here.total / GB:.1f} GB are free"
    if here.free < needed + WORKER:
        said = f"{found}, and a quick run takes about {needed / GB:.1f} GB"
        return Finding("memory", "note", said, "Close other programs, or choose a smaller model.")
    return Finding("memory", "ok", found)


def cores(_patient: Patient) -> Finding:
    """How many processors there are for runs and pages."""
    number, slots = usable_cores(), supervisor.long_slots()
    found = f"{number} core{'s' * (number > 1)}, and up to {slots} runs train at once"
    if number == 1:
        slow = "Expect pages to be slow while a run trains, or use a machine with more cores."
        return Finding("cores", "note", found, slow)
    return Finding("cores", "ok", found)
