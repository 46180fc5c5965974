"""Worlds of one's own: files that are damaged, and tables that nobody would write."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from random import Random

from benchmarks.fuzz.damage import WEIRD, Trial, another, changed, target
from tinylm.corpora.registry import corpora_of, info, preview, world_of
from tinylm.corpora.sources import own_worlds
from tinylm.corpora.sources.own_worlds import save_world, tables_of, versions
from tinylm.corpora.world.rows import Grid
from tinylm.corpora.world.tables import original_tables


def begin(folder: Path) -> Trial:
    """Half of the trials damage a file, half save tables."""
    tables = dict(original_tables())
    small = {name: grid.with_rows(grid.rows[:-1]) for name, grid in tables.items()}
    kept = save_world("Mine", small, folder)
    path = folder / "worlds" / f"{kept.name}.json"
    whole = json.loads(path.read_bytes())

    def file(dice: Random) -> None:
        data = changed(whole, dice) if dice.random() < 0.5 else whole
        if isinstance(data, dict) and dice.random() < 0.5:
            data = _with_its_name(data)
        name = str(data.get("name", "")) if isinstance(data, dict) else ""
        name = name if own_worlds.is_own_world(name) else kept.name
        path = folder / "worlds" / f"{name}.json"
        path.write_bytes(another(data, dice))
        try:
            corpora_of(folder)
            info(name, folder)
            tables_of(name, folder)
            world_of(name, folder)
            versions(name, folder)
            preview(name, count=3, home=folder)
        finally:
            path.unlink(missing_ok=True)

    def save(dice: Random) -> None:
        name = dice.choice(list(small))
        rows = [list(row) for row in small[name].rows]
        for _ in range(dice.choice((1, 1, 3))):
            row = dice.choice(rows)
            row[dice.randrange(len(row))] = dice.choice((*WEIRD, "a word", "two|parts", "Å̈"))
        if dice.random() < 0.2:
            del rows[dice.randrange(len(rows)) :]
        grids = {**small, name: Grid(small[name].head, tuple(map(tuple, rows)))}
        if dice.random() < 0.05:
            del grids[dice.choice(list(grids))]
        title = str(dice.choice(WEIRD))
        made = save_world(title, grids, folder, owner=str(dice.choice(WEIRD)))
        list(islice(preview(made.name, count=3, home=folder), 3))
        own_worlds.delete_world(made.name, folder)

    return lambda dice: (file if dice.random() < 0.5 else save)(dice)


def _with_its_name(data: dict[str, object]) -> dict[str, object]:
    """The file as it would be called if these were its tables: its hash fits."""
    try:
        grids = {n: Grid(**one) for n, one in data["tables"].items()}  # type: ignore[attr-defined]
        return data | {"name": own_worlds._name_of(grids)}
    except (KeyError, TypeError, AttributeError):
        return data


TARGET = target("worlds", begin)
