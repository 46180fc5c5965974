"""Folders of checkpoints: weights, optimizer and what is said of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from random import Random

import msgspec

from benchmarks.fuzz.damage import Trial, another, damaged, target
from tinylm.presets import preset_config
from tinylm.text.tokenizer import train_tokenizer
from tinylm.training.checkpoints import SUMS, CheckpointFolder


def begin(folder: Path) -> Trial:
    """A run with two checkpoints; each trial damages one file of the newer one."""
    import torch  # here, as the next ones: other targets need none

    from tinylm.model.gpt import GPT
    from tinylm.training.stored_model import read_model

    run = folder / "run"
    checkpoints = CheckpointFolder(str(run / "checkpoints"))
    config = preset_config("tiny")
    shape = msgspec.structs.replace(config.model, n_layer=1, vocab_size=260)
    weights = dict(GPT(shape, seed=1).state_dict())
    moments = {"moment": torch.zeros(4, 4)}
    for step in (1, 2):
        checkpoints.save(step, step, config, shape, weights, moments)
    train_tokenizer(["the cat sat on the mat"], 260).save(run / "tokenizer.json")
    newest = run / "checkpoints" / "step-000002"
    files = sorted(newest.iterdir())
    whole = {path: path.read_bytes() for path in files}

    def trial(dice: Random) -> None:
        path = dice.choice(files)
        if dice.random() < 0.05:
            path.unlink()
        elif path.suffix == ".json":
            path.write_bytes(another(json.loads(whole[path]), dice))
        else:
            path.write_bytes(damaged(whole[path], dice))
        if path.exists() and path.name != SUMS and dice.random() < 0.7:
            _sum_anew(newest / SUMS, path)
        try:
            checkpoints.load(2, with_optimizer=True)
            read_model(run, 2)
        finally:
            if not newest.exists():
                shutil.rmtree(newest, ignore_errors=True)
                newest.mkdir()
            for each, data in whole.items():
                each.write_bytes(data)

    return trial


def _sum_anew(sums: Path, path: Path) -> None:
    """Let the digests say of the damaged file that it is whole, so that it is read."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [line.split("  ", 1) for line in sums.read_text("utf-8").splitlines()]
    kept = [f"{digest if name == path.name else old}  {name}\n" for old, name in lines]
    sums.write_text("".join(kept), encoding="utf-8")


TARGET = target("checkpoints", begin, memory=16_000_000_000)  # of addresses: torch takes many
