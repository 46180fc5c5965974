"""Facts, moods and questions, asked of models of ours and of one that was made elsewhere.

    python -m benchmarks.elsewhere.smollm RUN[,RUN ...] [...] --elsewhere FILE.gguf --items 0

imports the file into the home folder (TINYLM_HOME), unless it is there, and measures all models
with the same items and the same examples on one thread. Runs with a comma between them are
trainings of one kind, and make one column. What is measured is kept in `--out` after each figure,
so a second call goes on. The tables for docs/measurements.md are printed at the end: answers that
are right letter by letter, and, without examples, right answers with the best odds of all that
the task allows.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import mean

from tinylm.answers.loading import load_model
from tinylm.config import ELSEWHERE
from tinylm.elsewhere import prepared
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.measure import measure
from tinylm.evaluation.tasks import task as find_task
from tinylm.home import home_dir
from tinylm.runs.adopting import adopt
from tinylm.runs.service import Service
from tinylm.training.device import use_threads

TASKS = ("facts", "moods", "questions")
SHOTS = (0, 1, 4, 8)
SEEDS = (1, 2, 3)  # of the examples in the prompts; without examples there is nothing to draw


def imported(service: Service, file: Path) -> str:
    """The run of this file, which is imported unless a run of its name is there."""
    for row in service.runs(ELSEWHERE):
        if row.title == file.stem:
            return row.id
    with prepared(file, service.home) as made:
        return adopt(service.home, service.store, made).id


def figure(service: Service, run: str, task: str, shots: int, seed: int, items: int) -> dict:
    """One measurement, with the processor seconds that it took."""
    model, tokenizer, config = load_model(
        service.home, run, service.best_step(run) or 0, elsewhere=True
    )
    began = time.process_time()
    found = measure(
        model,
        tokenizer,
        find_task(config.corpus, task, service.home),
        num_fewshot=shots,
        limit=items,
        seed=seed,
        ranked=not shots,
    )
    return {
        "n": found.n,
        "correct": found.correct,
        "ranked": found.ranked.correct if found.ranked else None,
        "examples": found.examples.mean,
        "seconds": round(time.process_time() - began, 1),
    }


def cell(trainings: list[list[dict]], name: str) -> str:
    """The mean, lowest and highest of its trainings (of one: of its draws), the items' interval."""
    draws = [[one[name] / one["n"] for one in figures] for figures in trainings]
    shares = [mean(one) for one in draws] if len(draws) > 1 else draws[0]
    n = trainings[0][0]["n"]
    low, high = wilson(round(mean(shares) * n), n)
    seeds = f" ({min(shares):.0%}–{max(shares):.0%})" if len(shares) > 1 else ""
    return f"{mean(shares):.0%}{seeds} [{low:.0%}, {high:.0%}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN[,RUN]")
    parser.add_argument("--elsewhere", type=Path, required=True, metavar="FILE")
    parser.add_argument("--items", type=int, default=100, help="of each task; 0: all")
    parser.add_argument("--out", type=Path, default=Path("elsewhere.json"))
    options = parser.parse_args()
    use_threads(1)
    service = Service(home_dir())
    other = imported(service, options.elsewhere)
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    columns, items = [*(names.split(",") for names in options.runs), [other]], options.items
    for seed in SEEDS:
        for run in (run for names in reversed(columns) for run in names):  # the longest first
            for task in TASKS:
                for shots in SHOTS if seed == SEEDS[0] else SHOTS[1:]:
                    key = f"{run} {task} {shots} {seed} {items}"
                    if key not in known:
                        known[key] = figure(service, run, task, shots, seed, items)
                        options.out.write_text(json.dumps(known, indent=1))
                        print(key, known[key], flush=True)
    for kind in ("correct", "ranked"):
        print(f"\n{kind}\n\n| task | k | {' | '.join(map(', '.join, columns))} |")
        print("|---|---|" + "---|" * len(columns))
        for task in TASKS:
            for shots in SHOTS if kind == "correct" else SHOTS[:1]:
                cells = []
                for names in columns:
                    seeds = SEEDS if shots else SEEDS[:1]
                    found = [
                        [known[f"{run} {task} {shots} {seed} {items}"] for seed in seeds]
                        for run in names
                    ]
                    cells.append(cell(found, kind))
                print(f"| {task} | {shots} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
