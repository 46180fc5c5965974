"""What the store knows of a run for its export: the curve, samples, and what was measured."""

from __future__ import annotations

from contextlib import suppress

from tinylm.config import ELSEWHERE
from tinylm.errors import BadRequest, TinylmError
from tinylm.evaluation.tasks import is_own
from tinylm.export.base import ExportedRun
from tinylm.predictions import EXPLANATION, predictions
from tinylm.questions.exports import Export, Result
from tinylm.questions.models import Score
from tinylm.runs.belongings import kind_of
from tinylm.runs.service import Service

CURVE_POINTS = 2_000  # of a file that a page offers
UNTRAINED = "untrained"


def exported_run(service: Service, run_id: str, step: int) -> ExportedRun:
    """The run at a checkpoint (-1: the last one), with all points of its curve.

    What its owner predicted and explained belongs to it. Raises NotFound, and BadRequest for a
    model that was made elsewhere.
    """
    row = service.run(run_id)
    asked = export_question(
        service, row.id, step, "", learner=row.owner, curve_points=max(1, row.num_steps)
    )
    return ExportedRun.of(asked, service.run_dir(row.id))


def export_question(
    service: Service,
    run_id: str,
    step: int,
    name: str,
    *,
    learner: str | None = None,
    curve_points: int = CURVE_POINTS,
) -> Export:
    """The question whose answer is the run at a checkpoint in the format `name`.

    With a `learner`, it tells what they predicted and explained. Raises NotFound, and BadRequest
    for a model that was made elsewhere.
    """
    row = service.run(run_id)
    if row.kind == ELSEWHERE:
        raise BadRequest(
            "A model that was made elsewhere is not exported: use the files that it came in."
        )
    told = service.told(row.id)
    answers = service.answers(learner) if learner is not None else {}
    titles = titles_of(service, row.corpus)
    own_tasks = None if service.viewer.alone else tuple(filter(is_own, titles))
    personal = learner is not None or bool(titles)
    return Export(
        row.id,
        step,
        name,
        title=row.title,
        curve=service.curve(row.id, curve_points),
        evals=told.evals,
        started=told.started,
        results=results_of(service, row.id, step),
        rewards=told.rewards,
        own_tasks=own_tasks,
        titles=tuple(titles.items()),
        config=row.config,
        seconds=row.seconds,
        samples=told.samples,
        predictions=tuple(predictions(answers)),
        explanation=str(answers.get(EXPLANATION, "")),
        reader=service.viewer.name if personal else "",
    )


def titles_of(service: Service, corpus: str) -> dict[str, str]:
    """What the viewer calls this text, if people brought it, and their own tasks; {} for one alone.

    Others who brought the same ones call them otherwise.
    """
    if service.viewer.alone:
        return {}
    found = {one.name: one.title for one in service.own_tasks()}
    if kind_of(corpus):
        with suppress(TinylmError):  # it was deleted
            found[corpus] = service.corpus(corpus).title
    return found


def results_of(service: Service, run_id: str, step: int) -> tuple[Result, ...]:
    """What is known of a checkpoint on held-out items of all groups, and of its controls.

    Of each task, number of examples and control it is the measurement on the most items.
    """
    saved = service.checkpoints(run_id)
    last = saved[-1] if saved else 0
    step = last if step < 0 else step
    whole = [
        asked
        for asked in service.asked(Score, run_id)
        if asked.step in (step, 0) and not asked.group and not (asked.control and not asked.step)
    ]
    found: dict[tuple[str, int, str], Result] = {}
    for asked, job in service.known_all({asked: asked for asked in whole}).items():
        control = asked.control if asked.step == step else UNTRAINED
        key = asked.task, asked.num_fewshot, control
        if job.answer is not None and (key not in found or job.answer.n > found[key].n):
            one = job.answer
            figures = one.n, one.accuracy, one.low, one.high, one.chance
            found[key] = Result(asked.task, asked.num_fewshot, *figures, control)
    return tuple(found[key] for key in sorted(found))
