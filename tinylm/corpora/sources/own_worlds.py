"""A person's own worlds: edited tables of the made world, told with the made world's sentences.

A world is one file, <home>/worlds/NAME.json, with all its tables. NAME contains a hash of the
tables, so the corpus of a run never changes: each further edit makes another world. If the same
person gives it the same title, lists show only the new world, and the file of the old one stays
for the runs that read it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.sources.base import titles_but
from tinylm.corpora.sources.stored import all_readable, read_stored
from tinylm.corpora.sources.uploads import clean_title, free_title
from tinylm.corpora.sources.world import WORLD, MadeWorld
from tinylm.corpora.world.data_files import DATA
from tinylm.corpora.world.rows import Grid
from tinylm.corpora.world.tables import (
    Grids,
    changes_of,
    check_world,
    in_words,
    original_tables,
)
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest, NotFound, StorageError
from tinylm.files import write_whole

MAX_TITLE = 60  # characters, as for uploads
MAX_OWNER = 80
TITLE = "My world"
_NAME = re.compile(r"made-[0-9a-f]{12}")


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a world's file."""

    version: Literal[1]
    name: str
    title: str
    owner: str = ""  # files of older versions have no owner
    facts: int
    changes: dict[str, int]  # as `changes_of` counts them
    listed: bool
    before: tuple[str, ...]  # names of the worlds that it was made from
    tables: dict[str, Grid]


def is_own_world(name: str) -> bool:
    """Whether a name has the form of the name of a person's own world."""
    return _NAME.fullmatch(name) is not None


def tables_of(name: str, home: Path) -> dict[str, Grid]:
    """The tables of a person's own world; for other names, those of the made world.

    Raises NotFound, StorageError.
    """
    if not is_own_world(name):
        return original_tables()
    return _meta(name, home).tables


def save_world(
    title: str, grids: Grids, home: Path, edited: str = "", owner: str = "", called: str = ""
) -> CorpusInfo:
    """Check a world and keep it. Saving the same tables again gives the same world a new title.

    `edited` is the name of the world from which these tables were made, and `called` its title in
    the list of the owner, where it is not that of its file. If it has the same title and owner, the
    new world replaces it in lists. A title that another corpus already has gets a
    number. If another owner already has a listed world of the same tables, that one is returned
    unchanged. Raises BadRequest for tables that are wrong or unchanged, and StorageError.
    """
    _check_form(grids)
    changes = changes_of(grids)
    if not any(changes.values()):
        raise BadRequest("This is the made world as it was: change something in a table first.")
    world = check_world(grids)
    tables = _without_blanks(grids)
    name, owner = _name_of(tables), owner.encode("utf-8", "replace").decode("utf-8")[:MAX_OWNER]
    same = _kept(name, home)
    if same is not None and same.listed and same.owner != owner:
        return _info(same)
    title = clean_title(title, TITLE)
    old = _kept(edited, home) if edited != name else None
    if old is not None and (called or old.title, old.owner) != (title, owner):
        old = None  # it stays in lists beside the new one
    before = () if same is None else same.before
    if old is not None:
        before = (*before, *old.before, old.name)
    meta = _Kept(
        version=1,
        name=name,
        title=free_title(title, titles_but({name, old.name} if old else {name}, home), MAX_TITLE),
        owner=owner,
        facts=world.num_facts,
        changes=changes,
        listed=True,
        before=tuple(one for one in dict.fromkeys(before) if one != name),
        tables=tables,
    )
    _write(home, meta)
    if old is not None:
        _write(home, msgspec.structs.replace(old, listed=False))
    return _info(meta)


def _check_form(grids: Grids) -> None:
    """Raise BadRequest unless these are tables of the names and columns of the made world's."""
    try:
        found = msgspec.convert({n: vars(one) for n, one in grids.items()}, dict[str, Grid])
    except msgspec.ValidationError as error:
        raise BadRequest(f"These are not the tables of a world: {error}.") from None
    if not _has_heads(found):
        raise BadRequest("These are not the tables of a world: keep their names and columns.")


def _has_heads(tables: Grids) -> bool:
    """Whether names and columns of tables are those of the made world."""
    heads = {name: grid.head for name, grid in tables.items()}
    return heads == {name: grid.head for name, grid in original_tables().items()}


def list_worlds(home: Path) -> list[CorpusInfo]:
    """The worlds kept in `home`, sorted by title, without those that a newer one replaced."""
    found = [_info(meta) for meta in _metas(home) if meta.listed]
    return sorted(found, key=lambda one: (one.title.casefold(), one.name))


def versions(name: str, home: Path, read: Collection[str] = ()) -> list[str]:
    """The names that deleting a world deletes: its own, and earlier versions no longer needed.

    Only earlier versions of the same owner are deleted. One is needed if runs read it (`read`
    holds those names), if it is itself listed, or if another listed world was made from it.
    Raises NotFound, StorageError.
    """
    meta = _head(name, home)
    earlier = {one.name: one.owner for one in _metas(home) if one.name in meta.before}
    needed = set(read) | {
        before
        for one in _metas(home)
        if one.listed and one.name != name
        for before in (one.name, *one.before)
    }
    return [
        name,
        *(one for one in meta.before if earlier.get(one) == meta.owner and one not in needed),
    ]


def delete_world(name: str, home: Path, read: Collection[str] = ()) -> None:
    """Delete a world and its other `versions` for good. Raises NotFound, StorageError."""
    try:
        for one in versions(name, home, read):
            _path(one, home).unlink(missing_ok=True)
    except OSError as error:
        raise _disk(error) from error


def owners_of_worlds(home: Path) -> dict[str, str]:
    """Who owns each world in `home`, as its file says, by the name of the world."""
    return {one.name: one.owner for one in _metas(home) if one.owner}


def rename_owners(home: Path, names: Mapping[str, str]) -> None:
    """Write other names of owners into the files of worlds. Raises StorageError."""
    for name, owner in owners_of_worlds(home).items():
        if owner in names:
            _write(home, msgspec.structs.replace(_meta(name, home), owner=names[owner]))


@lru_cache(maxsize=8)
def _load(name: str, home: Path) -> World:
    """The world of a name. It is read only once, since the tables of a name never change."""
    return World.load(DATA, tables_of(name, home))


# Files -------------------------------------------------------------------------------------


def _path(name: str, home: Path) -> Path:
    return home / "worlds" / f"{name}.json"


def _metas(home: Path) -> list[_Kept]:
    """What is known of all worlds, without their tables; damaged ones are left out."""
    return all_readable(home / "worlds", "made-*.json", _head, home)


def _meta(name: str, home: Path) -> _Kept:
    """The content of a world's file. Raises NotFound, or StorageError if it is damaged."""
    with _reading(name, home) as path:
        found = _parsed(name, path)
    if found is None:
        raise _damaged(name)
    return found


def _kept(name: str, home: Path) -> _Kept | None:
    """Like `_meta`, but None for a world that is absent or damaged, which can be made anew."""
    try:
        return _meta(name, home)
    except (NotFound, StorageError):
        return None


def _head(name: str, home: Path) -> _Kept:
    """Like `_meta`, without the tables. Pages ask often, so a file is read only if it changed."""
    with _reading(name, home) as path:
        state = path.stat()
        found = _head_of(name, path, (state.st_mtime_ns, state.st_size, state.st_ino))
    if found is None:
        raise _damaged(name)
    return found


@lru_cache(maxsize=1_000)  # entries are small, as they hold no tables
def _head_of(name: str, path: Path, _state: tuple[int, ...]) -> _Kept | None:
    found = _parsed(name, path)
    return found and msgspec.structs.replace(found, tables={})


@contextmanager
def _reading(name: str, home: Path) -> Iterator[Path]:
    """The path of a world's file; errors of reading it become NotFound or StorageError."""
    if not is_own_world(name):  # this also stops names such as ../x from becoming paths
        raise NotFound(f"There is no world {name!r:.80}.")
    try:
        yield _path(name, home)
    except FileNotFoundError:
        raise NotFound(f"The world {name!r} is not here any more: make it anew.") from None
    except OSError:
        raise _damaged(name) from None


def _damaged(name: str) -> StorageError:
    return StorageError(f"The world {name!r} is damaged: delete its file and make it anew.")


def _parsed(name: str, path: Path) -> _Kept | None:
    """The content of a file; None if it is damaged or does not belong to `name`. Raises OSError."""
    meta = read_stored(path, _Kept)
    if meta is None or not meta.name == name == _name_of(meta.tables):
        return None
    whole = (
        _has_heads(meta.tables)
        and all(len(row) == len(grid.head) for grid in meta.tables.values() for row in grid.rows)
        and meta.changes.keys() == {"cells", "added", "deleted"}
    )
    return meta if whole else None


def world_name(grids: Grids) -> str:
    """The name under which `save_world` keeps these tables."""
    return _name_of(_without_blanks(grids))


def _without_blanks(grids: Grids) -> dict[str, Grid]:
    """The tables by name, without blank rows."""
    return {
        name: grid.with_rows([row for row in grid.rows if any(map(str.strip, row))])
        for name, grid in sorted(grids.items())
    }


def _name_of(tables: Mapping[str, Grid]) -> str:
    """The name of the world with these tables: a hash that does not depend on their order."""
    plain = {n: {"head": one.head, "rows": one.rows} for n, one in sorted(tables.items())}
    return f"made-{hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:12]}"


def _write(home: Path, meta: _Kept) -> None:
    path = _path(meta.name, home)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(meta))
    except OSError as error:
        raise _disk(error) from error


def _disk(error: OSError) -> StorageError:
    return StorageError(
        f"The world cannot be kept ({error.strerror or error}): free some space on the disk."
    )


def _info(meta: _Kept) -> CorpusInfo:
    return CorpusInfo(
        name=meta.name,
        title=meta.title,
        description=(
            f"The made world as you changed it: {meta.facts:,} facts; {in_words(meta.changes)}."
        ),
        provenance=(
            "Tables edited on this machine, sentence patterns of tinylm (data/world), put together "
            "by its generator; any number of documents."
        ),
        licence="MIT for the sentences; the tables are yours",
        made=True,
        good_for="Finding out whether the model learns what you decided.",
        sample_prompt=WORLD.sample_prompt,
        odds_prompt=WORLD.odds_prompt,
    )


class OwnWorlds(MadeWorld):
    """Worlds whose tables a person edited."""

    order = 30
    always = ()

    def owns(self, name: str) -> bool:
        return is_own_world(name)

    def listed(self, home: Path) -> list[CorpusInfo]:
        return list_worlds(home)

    def delete(self, name: str, home: Path, read: Collection[str] = ()) -> None:
        delete_world(name, home, read)

    def info(self, name: str, home: Path) -> CorpusInfo:
        return _info(_head(name, home))

    def world(self, name: str, home: Path) -> World | None:
        """None for a world that was deleted. Raises StorageError, BadRequest."""
        return _load(name, home) if _path(name, home).exists() else None


CORPORA = OwnWorlds()
