"""How many facts a text tells, without any training.

    python -m benchmarks.learning.told_facts mixture

Writes the text of each arm of an experiment, which is the same for every seed of a training, and
prints a Markdown table: the facts that the tasks of the world ask, the share of them that the text
tells at least once, and how many facts of the world it tells at all, and just once.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from tinylm.corpora.sources.world import WORLD_SEED
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.world import default_world
from tinylm.evaluation.tasks import task
from tinylm.experiments.registry import experiment

Fact = tuple[str, str]  # the relation's id and the subject's name


class Told(NamedTuple):
    """What one text tells."""

    asked: float  # share of the facts that the task asks
    facts: int  # of the world, told at least once
    once: int  # of these, told just once


def told(facts: Iterable[Fact], asked: set[Fact]) -> Told:
    """Count the facts of a text, one for each telling."""
    counts = Counter(facts)
    once = sum(count == 1 for count in counts.values())
    return Told(len(asked & counts.keys()) / len(asked), len(counts), once)


def facts_of(name: str, arm: str) -> Iterable[Fact]:
    """Every telling in the documents that an arm is trained on."""
    found = experiment(name)
    config = found.config(found.arm(arm), 1)
    documents = Writer(default_world(), config.text).documents(WORLD_SEED, "train")
    for document in islice(documents, config.documents // config.text.passes):
        yield from ((one.relation, one.subject) for one in document.facts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiment")
    options = parser.parse_args()
    asked = {(item.group, item.context) for item in task("world", "facts").test}
    print(f"| text | share of {len(asked)} asked facts | facts told | told once |")
    print("|---|---|---|---|")
    for arm in experiment(options.experiment).arms:
        if not arm.after:
            one = told(facts_of(options.experiment, arm.name), asked)
            print(f"| {arm.title} | {one.asked:.2f} | {one.facts:,} | {one.once:,} |", flush=True)


if __name__ == "__main__":
    main()
