"""What share of sentences the tables can check, and how many false ones they find.

    python -m benchmarks.learning.truth [--documents 4000]

First documents of the made world with several seeds, and of a world in which a quarter of all
answers were swapped: none of their statements may be wrong. Then each fact is told in all its
patterns, in an info-box and in a worksheet, with an answer that another subject has. Then come the
samples of the recorded training, and last the milliseconds to check a text of about 120 tokens.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.rows import Grid
from tinylm.corpora.world.tables import check_world, original_tables
from tinylm.corpora.world.truth import Verdict, check
from tinylm.corpora.world.wording import sentence
from tinylm.corpora.world.world import WORD_FORMS, Relation, World, default_world
from tinylm.errors import BadRequest
from tinylm.recorded import recording

SEEDS = (1, 2, 3)
SAMPLE = 480  # characters of about 120 tokens
TIMED = 300  # texts
SPEAKS = 180  # the first look of the recorded training that writes sentences


def true_documents(world: World, seed: int, count: int) -> dict[str, Counter[Verdict]]:
    """The verdicts on the statements of a world's own documents, by kind of document."""
    found: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for document in islice(Writer(world).documents(seed, "train"), count):
        found[document.kind].update(one.verdict for one in check(document.text, world))
    return found


def edited_world(seed: int) -> World:
    """The made world after rows of one column swapped their answers, as a learner may do it."""
    drawn = random.Random(seed)
    grids = dict(original_tables())
    for name, grid in grids.items():
        for column in range(1, len(grid.head)):
            if grid.head[column] not in WORD_FORMS:
                edited = grids | {name: _swapped(grids[name], column, drawn)}
                try:
                    check_world(edited)
                except BadRequest:  # some columns must not be edited so
                    continue
                grids = edited
    return check_world(grids)


def _swapped(grid: Grid, column: int, drawn: random.Random) -> Grid:
    """The table with the answers of a quarter of its rows in another order."""
    rows = [list(row) for row in grid.rows]
    filled = [i for i, row in enumerate(rows) if row and row[column]]
    chosen = drawn.sample(filled, len(filled) // 4)
    cells = [rows[i][column] for i in chosen]
    for i, cell in zip(chosen, [*cells[1:], *cells[:1]], strict=True):
        rows[i][column] = cell
    return grid.with_rows(rows)


def false_texts(relation: Relation, drawn: random.Random) -> Iterator[str]:
    """Texts about each subject of a relation, with an answer that another subject has."""
    for subject, truth in relation.facts.items():
        others = [one for one in relation.answers if one not in (truth, subject.name)]
        if not others:
            return
        lie = drawn.choice(others)
        lying = replace(relation, facts={subject: lie})
        yield from (sentence(lying.fill(pattern, subject)) for pattern in relation.patterns)
        yield f"{subject.name} | {relation.label} {lie}\n"
        shown = drawn.sample(relation.sheet, min(3, len(relation.sheet)))
        yield "".join(f"{s} -> {o}\n" for s, o in (*shown, (subject.name, lie)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=4_000)
    count = parser.parse_args().documents
    world = default_world()
    worlds = [(f"seed {seed}", world, seed) for seed in SEEDS]
    for name, one, seed in (*worlds, ("an edited world", edited_world(1), 1)):
        found = true_documents(one, seed, count)
        total = sum(found.values(), Counter())
        share = 1 - total[Verdict.NOT_CHECKABLE] / total.total()
        print(f"{name}: {count:,} documents, {total.total():,} statements, {share:.1%} checkable, ")
        print(f"  {total[Verdict.WRONG]} wrong")
        for kind, counts in sorted(found.items()):
            print(f"  {kind}: {1 - counts[Verdict.NOT_CHECKABLE] / counts.total():.1%} checkable")
    drawn = random.Random(1)
    for relation in world.relations:
        verdicts = Counter(check(t, world)[-1].verdict for t in false_texts(relation, drawn))
        if verdicts:
            said = ", ".join(f"{verdicts[v] / verdicts.total():.1%} {v}" for v in Verdict)
            print(f"{relation.id}: {verdicts.total():,} false statements: {said}")
    sampled: Counter[Verdict] = Counter()
    told = recording()
    for look in told.looks:
        verdicts = Counter(one.verdict for one in check(told.prompt + look.text, world))
        print(f"sample of step {look.step:,}: {', '.join(f'{verdicts[v]} {v}' for v in Verdict)}")
        sampled += verdicts if look.step >= SPEAKS else Counter()
    share = 1 - sampled[Verdict.NOT_CHECKABLE] / sampled.total()
    print(f"from step {SPEAKS} on: {share:.0%} of {sampled.total()} statements checkable")
    texts = "\n".join(d.text for d in islice(Writer(world).documents(9, "train"), TIMED))
    seconds = []
    for start in range(0, len(texts) - SAMPLE, SAMPLE):
        began = time.perf_counter()
        check(texts[start : start + SAMPLE], world)
        seconds.append(time.perf_counter() - began)
    median, most = statistics.median(seconds), max(seconds)
    print(f"{SAMPLE} characters: median {1e3 * median:.1f} ms, longest {1e3 * most:.1f} ms")


if __name__ == "__main__":
    main()
