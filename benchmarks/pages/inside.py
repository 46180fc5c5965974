"""Do the scores of heads that copy or read examples rise with few-shot accuracy during training?

    TINYLM_HOME=... python -m benchmarks.pages.inside RUN [--items 100] [--shots 4]

Prints a Markdown table with a row for each checkpoint, and Spearman's rank correlations.
"""

from __future__ import annotations

import argparse

from scipy.stats import spearmanr

from tinylm.answers.engine import answer
from tinylm.home import home_dir, run_dir
from tinylm.questions.inside import Copying, Reading
from tinylm.questions.models import Score
from tinylm.training.checkpoints import CheckpointFolder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--shots", type=int, default=4)
    options = parser.parse_args()
    home = home_dir()
    steps = [0, *CheckpointFolder(str(run_dir(home, options.run) / "checkpoints")).steps()]
    run, at = options.run, tuple(steps)
    points = answer(Copying(run, at), home).points
    reading = answer(Reading(run, at, "facts"), home).points
    print(
        f"| step | induction score, best head | last token reads answers, best head (even: "
        f"{reading[0].even:.3f}, n = {reading[0].n}) | reads separators, best head | "
        f"facts, k = {options.shots} | 95 % interval |"
    )
    print("|---|---|---|---|---|---|")
    columns: dict[str, list[float]] = {"induction": [], "answers": [], "separators": []}
    accuracies = []
    for point, read in zip(points, reading, strict=True):
        asked = Score(run, point.step, "facts", options.shots, limit=options.items)
        found = answer(asked, home)
        for name, heads in (
            ("induction", point.scores),
            ("answers", read.answers),
            ("separators", read.separators),
        ):
            columns[name].append(max(map(max, heads)))
        accuracies.append(found.accuracy)
        shown = " | ".join(f"{values[-1]:.3f}" for values in columns.values())
        print(
            f"| {point.step:,} | {shown} | {accuracies[-1]:.2f} | "
            f"{found.low:.2f} to {found.high:.2f} |",
            flush=True,
        )
    # No p-value: the checkpoints of one run are not independent of each other.
    for name, values in columns.items():
        print(f"\nSpearman of {name} and accuracy {spearmanr(values, accuracies).statistic:.2f}")
    print(f"\nover {len(accuracies)} checkpoints of one run")


if __name__ == "__main__":
    main()
