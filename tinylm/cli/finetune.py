"""`tinylm finetune`: adapts a run to a task, or trains the task from scratch."""

from __future__ import annotations

from functools import partial

import click

from tinylm.cli.options import (
    completed_runs,
    given_settings,
    json_option,
    number_option,
    refuse,
    run_argument,
    setting_option,
    settings_options,
)
from tinylm.cli.terminal import carry_out_run, take_part
from tinylm.cli.trackers import Logging, MakeTracker, log_to_option
from tinylm.config import SETTINGS, check_applies
from tinylm.errors import NotFound
from tinylm.evaluation.tasks import is_own
from tinylm.evaluation.tasks import task as find_task
from tinylm.finetuning import finetune_config, tuned_title
from tinylm.home import home_dir
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow
from tinylm.setting import Value
from tinylm.torchrun import place


@click.command()
@run_argument(
    "The run to begin from, or the word scratch for random weights.", metavar="RUN|scratch"
)
@click.option("--task", required=True, metavar="NAME", help="The task to learn.")
@number_option(
    "--examples",
    1,
    SETTINGS["num_examples"].high,
    required=True,
    metavar="N",
    help="How many labelled examples it may read.",
)
@click.option(
    "--like",
    metavar="RUN",
    shell_complete=completed_runs,
    help="With scratch: the run whose shape and tokenizer are taken.  [default: the newest]",
)
@setting_option("method")
@setting_option("lora_rank")
@setting_option("lora_matrices")
@setting_option("replay")
@settings_options
@log_to_option
@json_option
def finetune(
    run: str,
    task: str,
    examples: int,
    like: str | None,
    settings: tuple[str, ...],
    as_json: bool,
    log_to: MakeTracker | None,
    **given: Value | None,
) -> int:
    """Adapt a run to a task, or train the task from scratch."""
    if place().helps:
        return take_part()
    service = Service(home_dir())
    scratch = run == "scratch"
    if not scratch:
        refuse(("like",), "the run itself gives shape and tokenizer")
    base = _newest(service, like) if scratch else service.run(run)
    changes = given_settings(settings, **given)
    init = "scratch" if scratch else "base"
    config = finetune_config(base.config, base.id, task, examples, init, **changes)
    check_applies(config, changes)
    # The name of an own task is a hash, which tells nobody which one was learned.
    title = tuned_title(config, find_task(base.corpus, task).title) if is_own(task) else ""
    with Logging(log_to) as log:
        return carry_out_run(service, partial(service.run_here, config, title), as_json, log.show)


def _newest(service: Service, wanted: str | None) -> RunRow:
    if wanted:
        return service.run(wanted)
    runs = [run for run in service.runs("pretrain") if service.checkpoints(run.id)]
    if not runs:
        raise NotFound("There is no pre-trained run whose shape could be taken: train one first.")
    return runs[0]
