"""Do heads that copy and few-shot accuracy rise together? Both at every checkpoint of a run.

    TINYLM_HOME=... python -m benchmarks.inside RUN [--items 100] [--shots 4]

Prints a Markdown table, and Spearman's rank correlation over the checkpoints.
"""

from __future__ import annotations

import argparse

from scipy.stats import spearmanr

from tinylm.engine import perform
from tinylm.runs.checkpoints import CheckpointFolder
from tinylm.runs.home import home_dir, run_dir


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--shots", type=int, default=4)
    options = parser.parse_args()
    home = home_dir()
    steps = [0, *CheckpointFolder(str(run_dir(home, options.run) / "checkpoints")).steps()]
    points = perform("copying", {"run": options.run, "steps": steps}, home)["points"]
    print(f"| step | induction score, best head | facts, k = {options.shots} | 95 % interval |")
    print("|---|---|---|---|")
    best, accuracies = [], []
    for point in points:
        asked = {"run": options.run, "step": point["step"], "task": "facts"}
        asked |= {"num_fewshot": options.shots, "limit": options.items}
        found = perform("score", asked, home)
        best.append(max(map(max, point["scores"])))
        accuracies.append(found["accuracy"])
        print(
            f"| {point['step']:,} | {best[-1]:.3f} | {accuracies[-1]:.2f} | "
            f"{found['low']:.2f} to {found['high']:.2f} |",
            flush=True,
        )
    found = spearmanr(best, accuracies)
    # No p-value: the checkpoints of one run are not independent of each other.
    print(f"\nSpearman {found.statistic:.2f} over {len(best)} checkpoints of one run")


if __name__ == "__main__":
    main()
