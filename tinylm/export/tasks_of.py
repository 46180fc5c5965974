"""The tasks that may go with a run: those of its text, and own ones of whoever takes it."""

from __future__ import annotations

from dataclasses import replace

from tinylm.evaluation.tasks import Task, is_own, tasks_for
from tinylm.export.base import ExportedRun


def tasks_of(run: ExportedRun, corpus: str) -> tuple[Task, ...]:
    """The tasks that a text teaches, and those own ones that may be in the files of the run."""
    return tuple(
        replace(task, title=run.titles.get(task.name, task.title))
        for task in tasks_for(corpus, run.home)
        if run.own_tasks is None or not is_own(task.name) or task.name in run.own_tasks
    )
