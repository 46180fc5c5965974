"""Measures every task of the made world by three metrics, at one checkpoint."""

from __future__ import annotations

import math
from pathlib import Path

from tinylm.answers.experiments.solver import number, share
from tinylm.answers.loading import load_model
from tinylm.evaluation.metrics_of_answers import three_metrics
from tinylm.evaluation.tasks import taught_by
from tinylm.experiments.sudden import BLIND, EXACT, LENGTH, LOG, SHOTS, TASKS, TOKENS, figure
from tinylm.questions.experiments import Figure, Figures, Look, Measured

LOOKED_AT = 100  # items of each task in a look


def measure(question: Look | Figures, home: Path) -> Measured:
    """Exact match, token accuracy and log-probability of the right answer, for every task."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    limit = LOOKED_AT if isinstance(question, Look) else 0
    found: dict[str, Figure] = {}
    for task in taught_by(config.corpus, home):
        if task.name not in TASKS:
            continue
        one = three_metrics(model, tokenizer, task, SHOTS, limit)
        end = len(tokenizer.encode(task.after))
        blind = -(one.length + end) * math.log(model.config.vocab_size)
        found |= {
            figure(task.name, EXACT): share(round(one.exact * one.n), one.n),
            figure(task.name, TOKENS): number(round(one.tokens, 4), one.n),
            figure(task.name, LOG): number(round(one.log_probability, 4), one.n),
            figure(task.name, BLIND): number(round(blind, 4), one.n),
        }
        if isinstance(question, Figures):
            found[figure(task.name, LENGTH)] = number(round(one.length, 2), one.n)
    return Measured(found)
