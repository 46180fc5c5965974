"""Names, records, cells and settings that once ended in an error of Python."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.faults.row import Row, Seen
from tinylm.corpora.registry import load
from tinylm.corpora.sources.mixtures import save_mixture
from tinylm.corpora.sources.own_worlds import save_world
from tinylm.corpora.world.tables import original_tables
from tinylm.errors import TinylmError
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.text.tokenizer import Tokenizer, train_tokenizer
from tinylm.training.checkpoints import CheckpointFolder

DEEP = "[" * 100_000
STORED = {
    "worlds": "made-0123456789ab",
    "mixtures": "mix-0123456789ab",
    "uploads": "upload-0123456789ab",
}


def _said(act: Callable[[Path], object]) -> Seen:
    """What came of it in an empty home: right is a sentence, and nothing else."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        try:
            ok, shown = False, f"no error: {act(Path(folder))!r:.100}"
        except TinylmError as error:
            ok, shown = len(str(error)) < 300, str(error)
        except Exception as error:
            ok, shown = False, f"{type(error).__name__}: {error!s:.100}"
    return Seen(ok, shown, time.perf_counter() - began)


def _row(name: str, act: Callable[[Path], object]) -> Row:
    return Row(name, "a sentence", lambda folder: _said(act))


def _stored(kind: str) -> Callable[[Path], object]:
    def act(home: Path) -> object:
        (home / kind).mkdir()
        (home / kind / f"{STORED[kind]}.json").write_text(DEEP)
        return load(STORED[kind], 3, home)

    return act


def _surrogate(home: Path) -> object:
    tables = dict(original_tables())
    rows = [list(row) for row in tables["animals"].rows]
    rows[0][1] = "a\ud800"
    return save_world("Mine", tables | {"animals": tables["animals"].with_rows(rows)}, home)


def _tokenizer(change: Callable[[str], str]) -> Callable[[Path], object]:
    text = train_tokenizer(["the cat sat on the mat, the cat"], 260).to_json()
    return lambda home: Tokenizer.from_json(change(text))


def _long_number(text: str) -> str:
    data = json.loads(text)
    data["merges"][0] = [10**400, 1]
    return json.dumps(data)


def _checkpoint(home: Path) -> object:
    folder = home / "checkpoints" / "step-000001"
    folder.mkdir(parents=True)
    model = {"n_layer": "two", "n_head": [1], "n_embd": None}
    record = {"version": 1, "step": 1, "tokens_seen": 1, "model": model, "state": {"config": 3}}
    (folder / "state.json").write_text(json.dumps(record))
    return CheckpointFolder(str(home / "checkpoints")).load()


def _broken_rows(home: Path) -> Seen:
    """A row with broken JSON fails in a sentence, and the others are listed."""
    began = time.perf_counter()
    service = Service(home)
    first, second = (service.store.create_run(preset_config("tiny")) for _ in range(2))
    with closing(sqlite3.connect(home / "tinylm.db")) as connection, connection:
        connection.execute("update runs set config = '{' where id = ?", (first,))
    try:
        rows = {row.id: row for row in service.runs()}
        ok = rows[first].status == "failed" and rows[second].status == "queued"
        shown = rows[first].error
    except Exception as error:
        ok, shown = False, f"{type(error).__name__}: {error!s:.100}"
    service.close()
    return Seen(ok, shown, time.perf_counter() - began)


def _in_a_home(look: Callable[[Path], Seen]) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        return look(Path(folder))


ROWS = (
    _row("a corpus name of 4,000 characters", lambda home: load("a" * 4000, 3, home)),
    *(_row(f"JSON nested 100,000 deep in {kind}", _stored(kind)) for kind in STORED),
    _row("JSON nested 100,000 deep as a tokenizer", _tokenizer(lambda text: DEEP)),
    _row("half a character (a lone surrogate) in a world's cell", _surrogate),
    _row("a number of 400 digits in a tokenizer", _tokenizer(_long_number)),
    _row("a checkpoint with wrong types in its settings", _checkpoint),
    Row(
        "a row of the store with broken JSON",
        "a sentence, and the other rows listed",
        lambda folder: _in_a_home(_broken_rows),
    ),
    _row(
        "a mixture weight that is a list",
        lambda home: save_mixture({"world": [1], "names": 1}, {}, home),  # type: ignore[dict-item]
    ),
)
