"""Answers many questions in parallel, with one process per core; in the app, workers do this."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

from tinylm.openmp import share_processors
from tinylm.process import usable_cores
from tinylm.questions.base import A, Question

K = TypeVar("K")


def carry_out(
    questions: Mapping[K, Question[A]], home: Path, processes: int = 0
) -> Iterator[tuple[K, A]]:
    """Yield each key with its answer, in the order in which the answers are ready.

    Each process has one thread: the models are so small that two processes with one thread each
    get more done than one process with two. `processes` 0 means one per core. Raises what a
    question raises, and cancels the questions that have not begun.
    """
    context = multiprocessing.get_context("spawn")
    count = min(processes or usable_cores(), max(1, len(questions)))
    with ProcessPoolExecutor(count, mp_context=context, initializer=share_processors) as pool:
        waiting = {pool.submit(_answer, question, home): k for k, question in questions.items()}
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _answer(question: Question[A], home: Path) -> A:
    from tinylm.answers.engine import answer  # only the child processes need torch

    return answer(question, home, threads=1)
