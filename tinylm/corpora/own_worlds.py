"""Worlds of one's own: the tables of the made world, edited, with its sentences.

A world is one file, <home>/worlds/NAME.json, with all its tables. Its name is made of a hash of
them, so what a run learned from never changes under it: another edit is another world. The one
that it was made from is then no longer listed if it has the same title, but stays for the runs
that read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.spec import DATA
from tinylm.corpora.uploads import clean_title
from tinylm.corpora.world import Table, World, default_world, read_table
from tinylm.corpora.world_rows import Grid, count_changes, read_grid
from tinylm.errors import BadRequest, NotFound, StorageError
from tinylm.runs.home import home_dir

FORMAT_VERSION = 1
MIN_FACTS = 12  # of a relation: a quarter is for tests, and eight examples must be left
MAX_ROWS = 1_000
TITLE = "My world"
_NAME = re.compile(r"made-[0-9a-f]{12}")

Grids = Mapping[str, Grid]  # the tables of a world by name


def is_own_world(name: str) -> bool:
    """Whether a name has the form of an own world's."""
    return _NAME.fullmatch(name) is not None


@lru_cache(maxsize=1)
def original_tables() -> dict[str, Grid]:
    """The tables of data/world by name."""
    return {path.stem: read_grid(path) for path in sorted(DATA.glob("*.csv"))}


def tables_of(name: str, home: Path) -> dict[str, Grid]:
    """The tables of a world, an own one or the made world. Raises NotFound, StorageError."""
    if not is_own_world(name):
        return original_tables()
    return {
        table: Grid(tuple(grid["head"]), tuple(map(tuple, grid["rows"])))
        for table, grid in _meta(name, home)["tables"].items()
    }


def check_table(name: str, grid: Grid) -> Table:
    """The table as it would be in a world. Raises BadRequest with row, column and what to mend."""
    if len(grid.rows) > MAX_ROWS:
        raise BadRequest(f"{name}: {len(grid.rows):,} rows, at most {MAX_ROWS:,} can be used.")
    if not any(map(any, grid.rows)):
        raise BadRequest(f"The table {name!r} is empty: it needs at least {MIN_FACTS} rows.")
    table = read_table(DATA / f"{name}.csv", grid)
    for relation in table.relations:
        if len(relation.facts) < MIN_FACTS:
            raise BadRequest(
                f"{table.title}, column {relation.id.partition('.')[2]}: only "
                f"{len(relation.facts)} rows have an answer, at least {MIN_FACTS} are needed for "
                "its worksheets and tasks."
            )
        if len(relation.answers) < 2 and not relation.constant:
            raise BadRequest(
                f"{table.title}, column {relation.id.partition('.')[2]}: all rows have the same "
                "answer: give some of them another one."
            )
    return table


def check_world(grids: Grids) -> World:
    """The world of these tables. Raises BadRequest with what to mend."""
    for name, grid in grids.items():
        check_table(name, grid)
    return World.load(DATA, grids)


def save_world(title: str, grids: Grids, home: Path, edited: str = "") -> CorpusInfo:
    """Check and keep a world; the same tables again are the same world, with the new title.

    `edited` is the world that these tables were made from: with the same title, the new one
    takes its place. Raises BadRequest for tables that are wrong or unchanged, StorageError.
    """
    changes = changes_of(grids)
    if not any(changes.values()):
        raise BadRequest("This is the made world as it was: change something in a table first.")
    world = check_world(grids)
    tables = {
        name: {"head": grid.head, "rows": [row for row in grid.rows if any(map(str.strip, row))]}
        for name, grid in sorted(grids.items())
    }
    meta = {
        "version": FORMAT_VERSION,
        "name": _name_of(tables),
        "title": clean_title(title, TITLE),
        "facts": world.num_facts,
        "changes": changes,
        "listed": True,
        "before": [],
        "tables": tables,
    }
    old = _meta(edited, home) if is_own_world(edited) and _path(edited, home).exists() else None
    if old is None or old["name"] == meta["name"] or old["title"] != meta["title"]:
        _write(home, meta)
        return _info(meta)
    earlier = [name for name in (*old["before"], old["name"]) if name != meta["name"]]
    _write(home, meta | {"before": earlier})
    _write(home, old | {"listed": False})
    return _info(meta)


def list_worlds(home: Path) -> list[CorpusInfo]:
    """The worlds kept in `home`, by title; not those that a newer version took the place of."""
    found = [_info(meta) for meta in _metas(home) if meta["listed"]]
    return sorted(found, key=lambda one: (one.title.casefold(), one.name))


def versions(name: str, home: Path) -> list[str]:
    """A world and the earlier versions that no other world was made from. Raises NotFound."""
    needed = {
        before
        for meta in _metas(home)
        if meta["listed"] and meta["name"] != name
        for before in (meta["name"], *meta["before"])
    }
    return [name, *(one for one in _meta(name, home)["before"] if one not in needed)]


def delete_world(name: str, home: Path) -> None:
    """Remove a world and its earlier versions for good. Raises NotFound, StorageError."""
    try:
        for one in versions(name, home):
            if is_own_world(one):
                _path(one, home).unlink(missing_ok=True)
    except OSError as error:
        raise _disk(error) from error


def world_info(name: str, home: Path) -> CorpusInfo:
    """What is known of an own world. Raises NotFound, or StorageError where it is damaged."""
    return _info(_head(name, home))


def world_of(corpus_name: str, home: Path | None = None) -> World | None:
    """The world that a corpus is made of; None for other texts and for a world that was deleted.

    Raises StorageError for a damaged file, BadRequest for one that fits no longer.
    """
    if corpus_name == "world":
        return default_world()
    home = home or home_dir()
    if not is_own_world(corpus_name) or not _path(corpus_name, home).exists():
        return None
    return _load(corpus_name, home)


@lru_cache(maxsize=8)
def _load(name: str, home: Path) -> World:
    """Read once: what a name stands for never changes."""
    return World.load(DATA, tables_of(name, home))


def changes_of(grids: Grids) -> dict[str, int]:
    """cells, added, deleted: how far tables are from those of the made world."""
    counts = {"cells": 0, "added": 0, "deleted": 0}
    for name, before in original_tables().items():
        for what, number in count_changes(before, grids[name]).items():
            counts[what] += number
    return counts


def in_words(changes: Mapping[str, int]) -> str:
    """`{"cells": 1, "added": 0, "deleted": 2}` -> "1 cell changed, 2 rows deleted"."""
    cells, added, deleted = (changes[name] for name in ("cells", "added", "deleted"))
    said = [
        f"{number:,} {noun if number == 1 else noun + 's'} {what}"
        for number, noun, what in (
            (cells, "cell", "changed"),
            (added, "row", "added"),
            (deleted, "row", "deleted"),
        )
        if number
    ]
    return ", ".join(said) or "nothing changed"


# Files -------------------------------------------------------------------------------------


def _path(name: str, home: Path) -> Path:
    return home / "worlds" / f"{name}.json"


def _metas(home: Path) -> list[dict[str, Any]]:
    """What is known of all worlds that can be read; damaged ones are left out."""
    found = []
    for path in sorted((home / "worlds").glob("made-*.json")):
        try:
            found.append(_head(path.stem, home))
        except (NotFound, StorageError):
            continue
    return found


def _meta(name: str, home: Path) -> dict[str, Any]:
    """What the file of a world holds. Raises NotFound, StorageError where it is damaged."""
    with _reading(name, home) as path:
        found = _parsed(name, path)
    if found is None:
        raise _damaged(name)
    return found


def _head(name: str, home: Path) -> dict[str, Any]:
    """The same without the tables, read once for each state of the file: pages ask often."""
    with _reading(name, home) as path:
        state = path.stat()
        found = _head_of(name, path, (state.st_mtime_ns, state.st_size, state.st_ino))
    if found is None:
        raise _damaged(name)
    return found


@lru_cache(maxsize=1_000)  # small: they hold no tables
def _head_of(name: str, path: Path, _state: tuple[int, ...]) -> dict[str, Any] | None:
    found = _parsed(name, path)
    return found and {key: value for key, value in found.items() if key != "tables"}


@contextmanager
def _reading(name: str, home: Path) -> Iterator[Path]:
    """The path of a world's file; what goes wrong with it is raised in words."""
    if not is_own_world(name):  # also keeps names like ../x from becoming paths
        raise NotFound(f"There is no world {name!r}.")
    try:
        yield _path(name, home)
    except FileNotFoundError:
        raise NotFound(f"The world {name!r} is not here any more: make it anew.") from None
    except OSError:
        raise _damaged(name) from None


def _damaged(name: str) -> StorageError:
    return StorageError(f"The world {name!r} is damaged: delete its file and make it anew.")


def _parsed(name: str, path: Path) -> dict[str, Any] | None:
    """What a file holds; None where it is damaged. Raises OSError."""
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    whole = _whole(meta) and meta["name"] == name == _name_of(meta["tables"])
    return dict(meta) if whole else None


def _name_of(tables: Mapping[str, Any]) -> str:
    """The name of the world that has these tables: a hash of them, whatever their order."""
    plain = {
        name: {"head": table["head"], "rows": table["rows"]}
        for name, table in sorted(tables.items())
    }
    return f"made-{hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:12]}"


def _whole(meta: Any) -> bool:
    """Whether what a file holds has the form of a world."""
    kinds = {
        "title": str,
        "name": str,
        "facts": int,
        "changes": dict,
        "listed": bool,
        "before": list,
    }
    if not isinstance(meta, dict) or meta.get("version") != FORMAT_VERSION:
        return False
    if any(not isinstance(meta.get(key), kind) for key, kind in kinds.items()):
        return False
    if set(meta["changes"]) != {"cells", "added", "deleted"}:
        return False
    tables = meta.get("tables")
    if not isinstance(tables, dict) or tables.keys() != original_tables().keys():
        return False
    return all(
        isinstance(table, dict)
        and table.get("head") == list(original_tables()[name].head)
        and isinstance(table.get("rows"), list)
        and all(_cells(row, len(table["head"])) for row in table["rows"])
        for name, table in tables.items()
    )


def _cells(row: Any, number: int) -> bool:
    return (
        isinstance(row, list) and len(row) == number and all(isinstance(cell, str) for cell in row)
    )


def _write(home: Path, meta: Mapping[str, Any]) -> None:
    """Write beside and rename: a reader sees the old file or the new one, never a half."""
    path = _path(meta["name"], home)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                json.dump(meta, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _disk(error) from error


def _disk(error: OSError) -> StorageError:
    return StorageError(
        f"The world cannot be kept ({error.strerror or error}): free some space on the disk."
    )


def _info(meta: Mapping[str, Any]) -> CorpusInfo:
    return CorpusInfo(
        name=meta["name"],
        title=meta["title"],
        description=(
            f"The made world as you changed it: {meta['facts']:,} facts; "
            f"{in_words(meta['changes'])}."
        ),
        provenance=(
            "Tables edited on this machine, sentence patterns of tinylm (data/world), put together "
            "by its generator; any number of documents."
        ),
        licence="MIT for the sentences; the tables are yours",
        made=True,
        sample_prompt="The capital of",
        odds_prompt="The capital of France is",
    )
