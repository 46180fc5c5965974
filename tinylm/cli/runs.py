"""`tinylm runs` and `tinylm resume`: lists the runs, and goes on with one that is not done."""

from __future__ import annotations

import sys
from functools import partial

import click

from tinylm.cli.options import json_option, run_argument
from tinylm.cli.terminal import carry_out_run, print_json, program, take_part
from tinylm.cli.trackers import Logging, MakeTracker, log_to_option
from tinylm.config import ELSEWHERE
from tinylm.evaluation.metrics import perplexity
from tinylm.home import home_dir
from tinylm.runs.service import Service
from tinylm.torchrun import place


@click.command()
@json_option
def runs(as_json: bool) -> None:
    """List the runs, newest first."""
    found = Service(home_dir()).runs(experiment=None)
    if not found and not as_json:
        print(f"There is no run yet. Try: {program()} train", file=sys.stderr)
    for run in found:
        if as_json:
            print_json(
                {"run": run.id, "title": run.title, "kind": run.kind, "status": run.status}
                | {"step": run.step, "steps": run.num_steps, "val/loss": run.last_val}
            )
        else:
            shown = "" if run.last_val is None else f"perplexity {perplexity(run.last_val):.2f}"
            steps = f"{run.step:>6}/{run.num_steps:<6}"
            if run.kind == ELSEWHERE:
                steps, shown = f"{'':13}", f"made elsewhere: {run.title}"
            print(f"{run.id:38} {run.status:12} {steps} {shown}")


@click.command()
@run_argument("A run that was paused, stopped or interrupted, that failed, or that waits.")
@log_to_option
@json_option
def resume(run: str, as_json: bool, log_to: MakeTracker | None) -> int:
    """Go on with a run that is not done."""
    if place().helps:
        return take_part()
    service = Service(home_dir())
    with Logging(log_to) as log:
        return carry_out_run(service, partial(service.resume_here, run), as_json, log.show)
