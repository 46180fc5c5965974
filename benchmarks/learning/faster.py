"""Which recipe answers facts from examples soonest: recipes at equal processor time.

    python -m benchmarks.learning.faster costs [RECIPE ...]
    python -m benchmarks.learning.faster choose [RECIPE ...] --seeds 1,2
    python -m benchmarks.learning.faster report [RECIPE ...] --seeds 11,12,13,14,15

A recipe is a change of the quick preset: shares of the kinds of documents, and settings. `costs`
measures what one update of each costs beside one of the quick preset, in turns and on one thread.
Every training then has as many updates as fit into the time of `--budget` updates of the quick
preset (450 take 20 seconds on two cores that do nothing else). `choose` scores recipes on one half
of the held-out facts, `report` on the other half, which no choice has seen; use other seeds there.
Results are added to a JSON file (`--results`) and printed: accuracy at k = 4, and in a report also
at k = 0, the loss of the usual text over its entropy, and exact match in the other tasks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.learning.bare import CPU, Bare, train_bare, world_texts, world_tokenizer
from tinylm.config import Value
from tinylm.corpora import load
from tinylm.evaluation.ladder import ladder
from tinylm.evaluation.loss import corpus_loss
from tinylm.evaluation.tasks import Item, task
from tinylm.model.gpt import GPT
from tinylm.presets import preset_config
from tinylm.speed import compile_once, fastest
from tinylm.text.batches import DocumentBatches
from tinylm.training.device import choose_precision, use_threads
from tinylm.training.optimizer import Optimizer
from tinylm.training.update import update

BUDGET = 450  # updates of the quick preset
TIMED = 12  # updates of each recipe, in turns; the median counts
SHOTS = {"choose": (4,), "report": (0, 4)}
OTHERS = {"kinds": 4, "moods": 4, "topics": 4, "to_nuveli": 4, "to_drazgok": 4, "grammar": 0}
ITEMS = 120  # of each of the other tasks
VALIDATION = 40_000  # tokens
TOKENS_OF_DOCUMENT = 44  # at least, so that no text is read twice


Settings = dict[str, Value]
SOME_BOXES: Settings = {"prose": 0.2, "info_boxes": 0.35}
BOXES: Settings = {"prose": 0.13, "info_boxes": 0.42}
MORE_BOXES: Settings = {"prose": 0.06, "info_boxes": 0.49}
FEW_SHEETS: Settings = {"prose": 0.25, "info_boxes": 0.4, "worksheets": 0.235}
BOXES_FEW_SHEETS: Settings = {"prose": 0.13, "info_boxes": 0.52, "worksheets": 0.235}
BOXES_FEWER_SHEETS: Settings = {"prose": 0.13, "info_boxes": 0.585, "worksheets": 0.17}
BOXES_FEW_TONGUES: Settings = {
    "prose": 0.15,
    "info_boxes": 0.45,
    "parallel": 0.035,
    "reviews": 0.03,
}
BOXES_FEW_OF_BOTH: Settings = {
    "prose": 0.15,
    "info_boxes": 0.53,
    "worksheets": 0.235,
    "parallel": 0.045,
    "reviews": 0.04,
}
V3072: Settings = {"vocab_size": 3072}
ROWS: Settings = V3072 | {"batch_size": 8}
FAST: Settings = ROWS | {"learning_rate": 0.025, "muon_lr": 0.02}
FASTER: Settings = ROWS | {"learning_rate": 0.036, "muon_lr": 0.028}

RECIPES: dict[str, Settings] = {
    "quick": {},
    "boxes v3072": BOXES | V3072,
    "more boxes v3072": MORE_BOXES | V3072,
    "boxes, 8 rows": BOXES | {"batch_size": 8},
    "boxes v3072 8 rows": BOXES | ROWS,
    "boxes, v3072, 6 rows": BOXES | ROWS | {"batch_size": 6},
    "some boxes, v3072, 8 rows": SOME_BOXES | ROWS,
    "boxes, few sheets, v3072, 8 rows": BOXES_FEW_SHEETS | ROWS,
    "boxes, few tongues, v3072, 8 rows": BOXES_FEW_TONGUES | ROWS,
    "boxes, v3072, 8 rows, rates / 1.4": BOXES | ROWS | {"learning_rate": 0.013, "muon_lr": 0.01},
    "boxes, v3072, 8 rows, rates x 1.4": BOXES | FAST,
    "usual, v3072, 8 rows, rates x 1.4": FAST,
    "some boxes, v3072, 8 rows, rates x 1.4": SOME_BOXES | FAST,
    "few sheets, v3072, 8 rows, rates x 1.4": FEW_SHEETS | FAST,
    "boxes, few sheets, v3072, 8 rows, rates x 1.4": BOXES_FEW_SHEETS | FAST,
    "boxes, fewer sheets, v3072, 8 rows, rates x 1.4": BOXES_FEWER_SHEETS | FAST,
    "boxes, few of both, v3072, 8 rows, rates x 1.4": BOXES_FEW_OF_BOTH | FAST,
    "boxes, few tongues, v3072, 8 rows, rates x 1.2": BOXES_FEW_TONGUES
    | ROWS
    | {"learning_rate": 0.022, "muon_lr": 0.017},
    "boxes, few tongues, v3072, 8 rows, rates x 1.4": BOXES_FEW_TONGUES | FAST,
    "boxes, v3072, 8 rows, rates x 2": BOXES | FASTER,
    "boxes, few sheets, v3072, 8 rows, rates x 2": BOXES_FEW_SHEETS | FASTER,
    "boxes, few sheets, v3072, 8 rows, Muon x 2": BOXES_FEW_SHEETS | FAST | {"muon_lr": 0.028},
}


def half(items: Iterable[Item], reported: bool) -> tuple[Item, ...]:
    """The half of the items that recipes are chosen on, or the other one, by a hash of each."""
    return tuple(
        item
        for item in items
        if hashlib.sha256(f"{item.group}\x1f{item.context}".encode()).digest()[0] % 2 == reported
    )


def costs(names: Sequence[str]) -> dict[str, float]:
    """The processor time of one update of each recipe, as a multiple of the quick preset's."""
    use_threads(1)
    compile_once()
    made = {}
    for name in dict.fromkeys(["quick", *names]):
        config = preset_config("quick", **RECIPES[name])
        tokenizer = world_tokenizer(config.model.vocab_size)
        texts = world_texts(1_000, config.text)
        model = fastest(GPT)(config.model, seed=1)
        batches = DocumentBatches(
            tokenizer.encode_batch(list(texts)),
            config.train.batch_size,
            config.model.block_size,
            tokenizer.separator,
            1,
        )
        made[name] = config, model, Optimizer(model, config.train), batches
    seconds: dict[str, list[float]] = {name: [] for name in made}
    for step in range(TIMED + 2):
        for name, (config, model, optimizer, batches) in made.items():
            rows = batches.batch(step)
            precision = choose_precision("auto", CPU, config.model.n_embd)
            began = time.process_time()
            update(model, optimizer, rows, step, config.train, precision)
            seconds[name].append(time.process_time() - began)
    medians = {name: statistics.median(found[2:]) for name, found in seconds.items()}
    return {name: medians[name] / medians["quick"] for name in medians}


def trained(name: str, updates: int, seed: int, what: str) -> dict[str, Any]:
    """Train a recipe and ask it its half: what it cost, and the right answers at each k."""
    config = preset_config("quick", **(RECIPES[name] | {"steps": updates, "seed": seed}))
    tokens = updates * config.tokens_per_step
    texts = world_texts(tokens // TOKENS_OF_DOCUMENT, config.text)
    bare = train_bare(texts, config, world_tokenizer(config.model.vocab_size))
    facts = task("world", "facts")
    items = half(facts.test, what == "report")
    right = {k: bare.answers(facts, k, items).correct for k in SHOTS[what]}
    row = {
        "recipe": name,
        "seed": seed,
        "updates": updates,
        "tokens": tokens,
        "seconds": round(bare.seconds, 2),
        "n": len(items),
        "right": right,
        "accuracy": {k: round(value / len(items), 4) for k, value in right.items()},
    }
    return row | (others(bare) if what == "report" else {})


def others(bare: Bare) -> dict[str, Any]:
    """The loss of the usual text over its entropy, and the leading metric of the other tasks."""
    corpus = load("world", 1)
    loss = corpus_loss(bare.model, bare.tokenizer, corpus, VALIDATION)
    entropy = ladder(corpus, bare.tokenizer, VALIDATION).entropy
    assert entropy is not None
    found = {}
    for name, examples in OTHERS.items():
        one = task("world", name)
        items = one.test[:: max(1, len(one.test) // ITEMS)]
        found[name] = round(bare.answers(one, examples, items).accuracy, 4)
    return {
        "excess": round(loss.loss - entropy.loss, 4),
        "bits per byte": round(loss.bits_per_byte, 4),
        "others": found,
    }


def main() -> None:
    """Costs, or trainings of each recipe with each seed, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("costs", "choose", "report"))
    parser.add_argument("recipes", nargs="*", choices=(*RECIPES, []), metavar="RECIPE")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--budget", type=int, default=BUDGET)
    parser.add_argument("--results", type=Path, default=Path("faster.json"))
    options = parser.parse_args()
    names = options.recipes or list(RECIPES)
    kept = json.loads(options.results.read_text()) if options.results.exists() else {}
    if options.what == "costs" or (missing := [n for n in names if n not in kept.get("costs", {})]):
        found = costs(names if options.what == "costs" else missing)
        kept["costs"] = kept.get("costs", {}) | {n: round(c, 3) for n, c in found.items()}
        options.results.write_text(json.dumps(kept, indent=1))
        print(kept["costs"], flush=True)
    if options.what == "costs":
        return
    for seed in map(int, options.seeds.split(",")):
        for name in names:
            updates = round(options.budget / kept["costs"][name])
            kept.setdefault(options.what, []).append(trained(name, updates, seed, options.what))
            options.results.write_text(json.dumps(kept, indent=1))
            print(kept[options.what][-1], flush=True)


if __name__ == "__main__":
    main()
