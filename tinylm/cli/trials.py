"""`tinylm experiment NAME`: its recording, or its runs and figures made anew, live."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from tinylm.cli.carry_out import carry_out
from tinylm.cli.terminal import print_json
from tinylm.config import RunConfig
from tinylm.errors import BadRequest, NotFound
from tinylm.experiments.base import Experiment
from tinylm.experiments.recording import Trial, over, recording
from tinylm.experiments.registry import experiment
from tinylm.home import home_dir
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow
from tinylm.runs.trials import Trials


def show_recorded(name: str, as_json: bool) -> None:
    """Print what was recorded of an experiment. Raises NotFound."""
    found, recorded = experiment(name), recording(name)
    if recorded is None:
        raise NotFound(f"Nothing was recorded of {name}: run it with --live.")
    if as_json:
        for trial in recorded.trials:
            print_json({"type": "trial"} | _plain(trial))
    else:
        print(f"{found.question}  ({recorded.in_words})")
    _print_over(found, recorded.trials, as_json, None)


def run_trials(
    name: str, run: str | None, seeds: Sequence[int] | None, processes: int, as_json: bool
) -> None:
    """Train and measure an experiment, and print each trial and the figures over the seeds.

    Raises TinylmError.
    """
    found = experiment(name)
    if run and not found.of_base:
        raise BadRequest(f"The experiment {name} trains its own runs: leave out the run.")
    service, began, trials = Service(home_dir()), time.perf_counter(), []
    base = service.run(run) if run else None
    for seed in seeds or found.seeds:
        for trial in carry_through(service, found, seed, base, processes):
            trials.append(trial)
            if as_json:
                print_json({"type": "trial"} | _plain(trial))
            else:
                print(f"{trial.arm}, seed {trial.seed}")
                for figure, one in trial.measured.figures.items():
                    print(
                        f"  {figure:34} {one.value:.3f} [{one.low:.3f}, {one.high:.3f}] n={one.n}"
                    )
    _print_over(found, trials, as_json, time.perf_counter() - began)


def carry_through(
    service: Service,
    found: Experiment,
    seed: int,
    base: RunRow | None = None,
    processes: int = 0,
) -> Iterator[Trial]:
    """Train and measure every arm with one seed, in this process; what was trained is found again.

    Raises TinylmError, also for a run that was stopped.
    """
    if found.of_base and base is None:
        base = base_of(service, found, seed)
    trials = Trials(service, found, seed, base=base)
    for arm in found.arms:
        if found.of_base and not arm.after:
            assert base is not None
            run = base
        else:
            config = trials.settings(arm)
            if config is None:
                raise NotFound(f"The arm before {arm.title!r} has no run that is done.")
            run = _trained(service, config, f"{found.title}: {arm.title}")
        asked = trials.questions(arm, run)
        answers = dict(carry_out(asked, service.home, processes))
        end = max(answers)
        yield Trial(
            arm.name,
            seed,
            answers[end],
            {step: answers[step] for step in sorted(answers) if step != end},
            train_loss=run.last_loss,
            val_loss=run.last_val,
            tokens=run.tokens_seen,
        )


def base_of(service: Service, found: Experiment, seed: int) -> RunRow:
    """The run that an experiment `of_base` measures with this seed, trained if there is none."""
    return _trained(service, found.base_config(seed), f"Base of experiments, seed {seed}")


def _trained(service: Service, config: RunConfig, title: str) -> RunRow:
    """The run with these settings: one that is done, or else it is trained here."""
    name = config.experiment.partition("/")[0]
    for row in service.runs(experiment=name):
        # The step to begin from is filled in when a run is started.
        if row.owner == "" and replace(row.config, parent_step=-1) == config:
            if row.resumable:
                row = service.resume_here(row.id)
            if row.status == "done":
                return row
    row = service.run_here(config, title)
    if row.status != "done":
        raise BadRequest(f"The run {row.id} is {row.status}. {row.error}".strip())
    return row


def _print_over(
    found: Experiment,
    trials: list[Trial] | tuple[Trial, ...],
    as_json: bool,
    seconds: float | None,
) -> None:
    """Each figure of each arm over the seeds."""
    table: dict[str, Any] = {
        arm.name: {
            name: one._asdict()
            for name, one in over(
                trial.measured.figures for trial in trials if trial.arm == arm.name
            ).items()
        }
        for arm in found.arms
    }
    if as_json:
        timed = {} if seconds is None else {"seconds": seconds}
        print_json({"type": "result", "experiment": found.name, "arms": table} | timed)
        return
    for arm in found.arms:
        print(arm.title)
        for name, one in table[arm.name].items():
            print(
                f"  {name:34} {one['mean']:.3f}   seeds {one['lowest']:.3f} to "
                f"{one['highest']:.3f} ({one['seeds']})   n = {one['n']}"
            )
    if seconds is not None:
        print(f"{seconds:.0f} s in all", file=sys.stderr)


def _plain(trial: Trial) -> dict[str, Any]:
    plain: dict[str, Any] = to_builtins(trial, str_keys=True)
    return plain
