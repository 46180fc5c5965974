"""Writes the report of a run: one HTML file that opens without a network and can be printed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version

from tinylm import __version__
from tinylm.config import RunConfig
from tinylm.evaluation.tasks.base import spread
from tinylm.events import EvalDone, Sampled
from tinylm.export.base import ExportedRun, Format
from tinylm.export.takehome import again, wording
from tinylm.export.takehome.curves import curve
from tinylm.export.takehome.rendering import our_own, rendered
from tinylm.export.takehome.scores import tables
from tinylm.predictions import TASK

SAMPLES = 5  # texts that the report quotes, spread over the training
COUNTED = ("torch", "numpy", "numba", "tiktoken")  # packages that a training depends on


def _files(run: ExportedRun) -> dict[str, bytes]:
    """The one file; of a run without a curve it says so."""
    config, home = run.config, run.home
    text = wording.text_of(config, home, run.titles)
    evals = [one for one in run.evals if run.step < 0 or one.step <= run.step]
    page = rendered(
        "report.html",
        script="",
        style=our_own("base.css", "print.css", "report.css"),
        title=run.title or run.shown,
        run=run.shown,
        step=run.step,
        looks=wording.looks(config, run.step),
        made=wording.made(config, run.step, text, home, run.titles),
        started=run.started,
        seconds=run.seconds,
        text=text,
        of="text" if config.kind == "pretrain" else "answers",
        curve=curve([(p.step, p.loss) for p in run.curve], [(e.step, e.loss) for e in run.evals]),
        evals=evals,
        best=_best(evals),
        samples=_samples(run.samples),
        tables=tables(run.results, lambda name: wording.task_title(config, name, home, run.titles)),
        predictions=run.predictions,
        judged=sum(bool(one.verdict) for one in run.predictions),
        right=sum(one.verdict == "right" for one in run.predictions),
        task=TASK,
        explanation=run.explanation,
        settings=wording.settings(config, config.model),
        commands=_commands(config),
        stands_for=again.stands_for(config),
        versions=_versions(),
        version=__version__,
    )
    return {f"{run.shown}-report.html": page}


def _best(evals: Sequence[EvalDone]) -> EvalDone | None:
    """The lowest loss of those that were measured on as much text as the last one."""
    same = (one for one in evals if one.num_tokens == evals[-1].num_tokens)
    return min(same, key=lambda one: one.loss, default=None)


def _samples(samples: Sequence[Sampled]) -> list[Sampled]:
    """Some of the texts that it wrote, with the first and the last."""
    if len(samples) <= SAMPLES:
        return list(samples)
    return [*spread(samples[:-1], SAMPLES - 1), samples[-1]]


def _commands(config: RunConfig) -> list[str]:
    """To train again, and to measure the run whose id that has told."""
    train = [again.command(config)]
    if config.kind == "pretrain":
        measure = [again.in_shell("eval", "RUN", "--loss")]
    else:
        measure = [
            again.in_shell("eval", "RUN", "--task", again.task(config), "--num-fewshot", "0")
        ]
    return train + measure


def _versions() -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    return ", ".join([f"Python {python}", *(f"{name} {version(name)}" for name in COUNTED)])


FORMAT = Format(
    order=2,
    name="report",
    title="what happened in the run, as one HTML file",
    files=_files,
    packed=False,
)
