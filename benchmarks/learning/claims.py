"""What pre-training buys, measured: few-shot, fine-tuning against scratch, labels saved.

    python -m benchmarks.learning.claims [--preset quick] [--seeds 1,2,3]
        [--parts base,fewshot,transfer,forgetting] [--set NAME=VALUE ...]

For each seed: trains the preset, then what `--parts` names. `base` asks that model all tasks,
with k = 0, 1, 2, 4, 8 and, at k = 8, with spoiled examples;
`fewshot` fine-tunes on labelled questions from that base and from scratch, and runs the few-shot
experiment; `transfer` the transfer experiment; `forgetting` fine-tunes in full, with replay and by
LoRA, and asks all tasks and the loss of the pre-training text before and after. Prints tables of
the means over seeds, with each seed's figure, in Markdown. `--home` keeps the runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tinylm.evaluation.metrics import METRICS

PARTS = ("base", "fewshot", "transfer", "forgetting")
Row = dict[str, Any]
Table = dict[tuple[Any, ...], list[Row]]


def tinylm(*arguments: str) -> tuple[Row, float]:
    """The result of one command of the terminal program, and its wall time in seconds."""
    command = [sys.executable, "-m", "tinylm", *arguments, "--json"]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    return json.loads(done.stdout.splitlines()[-1]), time.perf_counter() - began


def trained(
    preset: str, seed: int, settings: Sequence[str] = (), corpus: str = "world"
) -> tuple[Row, float]:
    """The result and wall time of one training, with `settings` like "steps=10" changed."""
    chosen = [part for setting in settings for part in ("--set", setting)]
    common = ("--corpus", corpus, "--preset", preset, "--seed", str(seed))
    return tinylm("train", *common, *chosen)


def leading(row: Row) -> Row:
    """A row of `eval` or of the experiment with its leading metric and interval as shares."""
    scale, name = METRICS[row["metric"]].scale, row["metric"]
    names = {"value": name, "lowest": f"{name}_low", "highest": f"{name}_high"}
    return row | {key: row[name] / scale for key, name in names.items()}


def train(preset: str, seed: int, settings: Sequence[str] = ()) -> str:
    """Train a base with this seed and print its figures. Returns its run id."""
    base, wall = trained(preset, seed, settings)
    print(
        f"seed {seed}: {base['tokens_seen']:,} tokens, {wall:.1f} s of wall time "
        f"({base['seconds']:.1f} s of it training), val/loss {base['val/loss']:.4f}, "
        f"{base['val/bits_per_byte']:.4f} bits per byte",
        flush=True,
    )
    ladder, _ = tinylm("ladder", base["run"])
    figures = ", ".join(f"{k} {v['loss']:.4f}" for k, v in ladder["models"].items())
    floor = ladder["entropy"]["loss"]
    print(
        f"  nats per token: {figures}, true entropy {floor:.4f}; "
        f"excess over it {base['val/loss'] - floor:+.4f}",
        flush=True,
    )
    return str(base["run"])


def tune(run: str, seed: int, labels: int) -> None:
    """Train the fine-tuned model and the one from scratch that are compared with the base."""
    common = ("--task", "questions", "--examples", str(labels), "--seed", str(seed))
    tinylm("finetune", run, *common)
    tinylm("finetune", "scratch", "--like", run, *common)


def fewshot(run: str, tables: Table) -> None:
    """Run the few-shot experiment: all tasks, four models, controls. Adds its rows to `tables`."""
    result, wall = tinylm("experiment", "fewshot", run)
    for task, rows in result["tables"].items():
        for row in rows:
            key = (task, row["model"], row["control"], row["num_fewshot"])
            tables[key].append(leading(row))
    print(f"  few-shot experiment, all tasks: {wall:.1f} s", flush=True)
    models = ("untrained", "base", "fine-tuned", "scratch")
    quick, wall = tinylm("experiment", "fewshot", run, "--task", "facts", "--limit", "200")
    cells = [row for row in quick["tables"]["facts"] if not row["control"]]
    assert {row["model"] for row in cells} == set(models)
    print(
        f"  facts alone, {len(quick['tables']['facts'])} measurements of 200 items (of them "
        f"{len(cells)} without controls): {wall:.1f} s",
        flush=True,
    )


def transfer(run: str, tables: Table) -> None:
    """Run the whole transfer experiment. Adds its rows to `tables`."""
    result, wall = tinylm("experiment", "transfer", run)
    for row in result["table"]:
        tables[("questions", row["init"], "", row["labels"])].append(
            {"value": row["accuracy"]} | row
        )
    print(f"  transfer experiment: {wall:.1f} s", flush=True)
    for row in result["labels_saved"]:
        needed = "never" if row["needed"] is None else row["needed"]
        print(
            f"    base with {row['labels']} labels: {row['accuracy']:.3f}; scratch needs {needed}"
        )


def ask(run: str, model: str, shots: str, tables: Table, *options: str) -> float:
    """Measure a model on all tasks and add the rows to `tables`; returns seconds of wall time."""
    result, wall = tinylm("eval", run, "--num-fewshot", shots, *options)
    for row in result["scores"]:
        tables[row["task"], model, row["control"], row["num_fewshot"]].append(leading(row))
    return wall


WAYS = {
    "full": (),
    "full, replay 0.5": ("--replay", "0.5"),
    "LoRA": ("--method", "lora"),
    "LoRA, replay 0.5": ("--method", "lora", "--replay", "0.5"),
}


def forgetting(run: str, seed: int, labels: int, tables: Table) -> None:
    """Measure how fine-tuning on questions changes questions, the other tasks and the loss."""
    runs = {"base": run}
    for name, options in WAYS.items():
        common = ("--task", "questions", "--examples", str(labels), "--seed", str(seed))
        tuned, wall = tinylm("finetune", run, *common, *options)
        runs[name] = str(tuned["run"])
        print(f"  fine-tuning, {name}: {wall:.1f} s", flush=True)
    for name, one in runs.items():
        loss, _ = tinylm("eval", one, "--loss")
        tables[("loss of the pre-training text, nats", name, "", "-")].append(
            {"value": loss["val/loss"], "n": loss["val/tokens"]}
        )
        ask(one, name, "0,4", tables)


def show(tables: Table, what: str) -> None:
    """Print a Markdown table: the means over seeds, each seed's value, and the examples read."""
    print(f"\n| task | model | {what} | read | mean | seeds | n |\n|---|---|---|---|---|---|---|")
    for (task, model, control, number), rows in tables.items():
        mean = sum(row["value"] for row in rows) / len(rows)
        name = f"{model}, {control} examples" if control else model
        shown = ", ".join(map(_with_interval, rows))
        read = " and ".join(dict.fromkeys(map(_read, rows)))
        print(f"| {task} | {name} | {number} | {read} | {mean:.3f} | {shown} | {rows[0]['n']} |")


def _with_interval(row: Row) -> str:
    if "lowest" not in row:
        return f"{row['value']:.3f}"
    return f"{row['value']:.3f} [{row['lowest']:.3f}, {row['highest']:.3f}]"


def _read(row: Row) -> str:
    """The examples in the prompts: the mean, and if it is not the same for all, the range."""
    if "examples_read" not in row:
        return "-"
    least, most = row["examples_least"], row["examples_most"]
    return f"{row['examples_read']:.2f} ({least} to {most})" if least < most else f"{most}"


def main() -> None:
    """Measure every seed in one home."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--labels", type=int, default=128, help="of the fine-tuned models")
    parser.add_argument("--parts", default="fewshot,transfer", help="none: only train")
    parser.add_argument("--home", default="", help="keep the runs in this folder")
    parser.add_argument("--set", action="append", default=[], dest="settings", help="of the base")
    options = parser.parse_args()
    parts = set(filter(None, options.parts.split(",")))
    if parts - {*PARTS, "none"}:
        parser.error(f"parts are {', '.join(PARTS)}")
    shots, base, prices, labels = (defaultdict[tuple[Any, ...], list[Row]](list) for _ in range(4))
    with tempfile.TemporaryDirectory() as home:
        os.environ["TINYLM_HOME"] = options.home or home
        for seed in map(int, options.seeds.split(",")):
            run = train(options.preset, seed, options.settings)
            if "base" in parts:
                wall = ask(run, "base", "0,1,2,4,8", base)
                for control in ("shuffled", "other"):
                    wall += ask(run, "base", "8", base, "--control", control)
                print(f"  all tasks of the base: {wall:.1f} s", flush=True)
            if "forgetting" in parts:
                forgetting(run, seed, options.labels, prices)
            if "fewshot" in parts:
                tune(run, seed, options.labels)
                fewshot(run, shots)
            if "transfer" in parts:
                transfer(run, labels)
    for table, what in ((base, "k"), (shots, "k"), (prices, "k"), (labels, "labels")):
        if table:
            show(table, what)


if __name__ == "__main__":
    main()
