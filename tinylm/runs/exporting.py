"""What the store knows of a run for its export: the curve, and what was measured."""

from __future__ import annotations

from tinylm.config import ELSEWHERE
from tinylm.errors import BadRequest
from tinylm.export.base import ExportedRun
from tinylm.questions.exports import Export, Result
from tinylm.questions.models import Score
from tinylm.runs.service import Service

CURVE_POINTS = 2_000  # of a file that a page offers


def exported_run(service: Service, run_id: str, step: int) -> ExportedRun:
    """The run at a checkpoint (-1: the last one), with all points of its curve.

    Raises NotFound, and BadRequest for a model that was made elsewhere.
    """
    row = service.run(run_id)
    if row.kind == ELSEWHERE:
        raise BadRequest(
            "A model that was made elsewhere is not exported: use the files that it came in."
        )
    told = service.told(row.id)
    return ExportedRun(
        folder=service.run_dir(row.id),
        step=step,
        curve=service.curve(row.id, max_points=row.num_steps),
        evals=service.evals(row.id),
        rewards=told.rewards,
        started=told.started,
        title=row.title,
        results=results_of(service, row.id, step),
    )


def export_question(service: Service, run_id: str, step: int, name: str) -> Export:
    """The question whose answer is the run at a checkpoint in the format `name`."""
    row = service.run(run_id)
    told = service.told(row.id)
    return Export(
        row.id,
        step,
        name,
        started=told.started,
        title=row.title,
        curve=service.curve(row.id, CURVE_POINTS),
        evals=service.evals(row.id),
        rewards=told.rewards,
        results=results_of(service, row.id, step),
        own_tasks=(
            None if service.viewer.alone else tuple(one.name for one in service.own_tasks())
        ),
    )


def results_of(service: Service, run_id: str, step: int) -> tuple[Result, ...]:
    """What is known of a checkpoint on all held-out items, with examples as they are."""
    saved = service.checkpoints(run_id)
    last = saved[-1] if saved else 0
    whole = [
        asked
        for asked in service.asked(Score, run_id)
        if asked.step == (last if step < 0 else step)
        and not (asked.group or asked.limit or asked.control)
    ]
    jobs = service.known_all({asked: asked for asked in whole})
    found = {
        (asked.task, asked.num_fewshot): Result(
            asked.task,
            asked.num_fewshot,
            *(job.answer.n, job.answer.accuracy, job.answer.low, job.answer.high),
            job.answer.chance,
        )
        for asked, job in jobs.items()
        if job.answer is not None
    }
    return tuple(found[key] for key in sorted(found))
