"""`tinylm doctor`: whether this installation works, and what to do where it does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import click
from msgspec import to_builtins

from tinylm.cli import checkup
from tinylm.cli.checkup import Check, Finding, Patient
from tinylm.cli.options import json_option, number_option
from tinylm.cli.terminal import print_json
from tinylm.cli.trying import Broken, Trial, probe, train_for

CHECKS: dict[str, Check] = {
    "versions": checkup.versions,
    "settings": checkup.settings,
    "home": checkup.home,
    "disk": checkup.disk,
    "database": checkup.database,
    "copies": checkup.copies,
    "files": checkup.files,
    "workers": checkup.workers,
    "port": checkup.port,
    "memory": checkup.memory,
    "cores": checkup.cores,
}
SIGNS = {"ok": "✓", "note": "!", "wrong": "✗"}
PRESET = "quick"
SECONDS = 5.0  # for which that preset is trained
SLOW = 180.0  # seconds of a whole run of it, after which a lesson should choose a shorter one


def torch(_patient: Patient) -> Finding:
    """Whether torch works, and how fast it trains here."""
    again = "Install it again: pip install --force-reinstall torch, in the version that is pinned."
    try:
        machine = probe()
        if not machine.compiled:
            print("The loops are not compiled yet: this takes a minute or more.", file=sys.stderr)
    except Broken as error:
        return Finding("torch", "wrong", f"it cannot be loaded ({error})", again)
    try:
        trial = train_for(SECONDS, PRESET, machine)
    except Broken as error:
        found = f"torch {machine.torch} is there, but {PRESET} could not be trained ({error})"
        return Finding("torch", "wrong", found, again)
    return speed(trial, machine.compiled)


def speed(trial: Trial, compiled: bool) -> Finding:
    """What a trial means for a lesson."""
    on, seconds = trial.started, trial.whole_run
    whole = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
    found = (
        f"{trial.tokens_per_sec:,.0f} tokens a second on {on.device} with {on.threads} thread"
        f"{'s' * (on.threads > 1)} and {on.precision}, at which speed the preset {PRESET} trains "
        f"for about {whole}"
    )
    if seconds > SLOW:
        slow = "Close other programs and look again, or choose the preset glance for a lesson."
        return Finding("torch", "note", found, slow)
    if not compiled:
        wait = "Let the app run for a minute before the lesson: its loops are not compiled yet."
        return Finding("torch", "note", found, wait)
    return Finding("torch", "ok", found)


def examine(patient: Patient) -> Iterator[Finding]:
    """All findings, the training last, which takes longest."""
    yield from checkup.findings(patient, CHECKS | {"torch": torch})


@click.command()
@number_option(
    "--port",
    1,
    65_535,
    metavar="N",
    help="Where the app is looked for.  [default: STREAMLIT_SERVER_PORT, or 8501]",
)
@json_option
def doctor(port: int | None, as_json: bool) -> int:
    """Look whether everything works here, and say what to do.

    Nothing is changed. The exit status is 1 where something is wrong.
    """
    usual = os.environ.get("STREAMLIT_SERVER_PORT", "").strip()
    chosen = port or (int(usual) if usual.isdecimal() else 8501)
    wrong = False
    for finding in examine(Patient(chosen)):
        wrong |= finding.state == "wrong"
        if as_json:
            print_json(to_builtins(finding))
        else:
            to_do = f" {finding.to_do}" if finding.to_do else ""
            print(f"{SIGNS[finding.state]} {finding.check:9} {finding.found}.{to_do}", flush=True)
    if not as_json and not wrong:
        print("Nothing is wrong.", file=sys.stderr)
    return int(wrong)
