"""One setting at several values: how good each is at the tasks of the made world.

    python -m benchmarks.learning.sweep muon_lr 0.013,0.009,0.0065 [--preset quick] [--seed 1]
        [--set threads=1] [--shots 0,1,4,8]

Trains the preset once per value and prints the validation loss, its excess over the true entropy
and the leading metric of each task (BLEU as a share) at each number of examples.
"""

from __future__ import annotations

import argparse
import os
import tempfile

from benchmarks.learning.claims import leading, tinylm, trained

TASKS = ("facts", "kinds", "moods", "topics", "to_nuveli", "to_drazgok")


def measure(options: argparse.Namespace, value: str) -> None:
    """One training and its scores, printed as a block of lines."""
    settings = [f"{options.name}={value}", *options.settings]
    base, wall = trained(options.preset, options.seed, settings)
    ladder, _ = tinylm("ladder", base["run"])
    excess = base["val/loss"] - ladder["entropy"]["loss"]
    print(
        f"{options.name} = {value}: {base['tokens_seen']:,} tokens, {wall:.0f} s, val/loss "
        f"{base['val/loss']:.4f}, {excess:.4f} over the true entropy",
        flush=True,
    )
    tasks = [part for name in TASKS for part in ("--task", name)]
    scores, _ = tinylm("eval", base["run"], "--num-fewshot", options.shots, *tasks)
    for name in TASKS:
        rows = [row for row in scores["scores"] if row["task"] == name]
        shown = ", ".join(f"k = {row['num_fewshot']} {leading(row):.3f}" for row in rows)
        print(f"  {name:12} {shown}   n = {rows[0]['n']}", flush=True)


def main() -> None:
    """Every value in one home."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="a setting, as in --set")
    parser.add_argument("values", help="its values, with commas between")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shots", default="0,1,4,8")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TINYLM_HOME"] = home
        for value in options.values.split(","):
            measure(options, value)


if __name__ == "__main__":
    main()
