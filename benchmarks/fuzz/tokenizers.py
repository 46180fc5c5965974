"""Files of tokenizers."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from benchmarks.fuzz.damage import Trial, another, target
from tinylm.text.tokenizer import Tokenizer, train_tokenizer

TEXTS = ("the cat sat on the mat, and the dog sat on the cat", "a cab, a cat, a mat: that is that")


def begin(folder: Path) -> Trial:
    """Damage a small tokenizer's file, read it, and write with it."""
    path = folder / "tokenizer.json"
    train_tokenizer(TEXTS, 280).save(path)
    whole = json.loads(path.read_bytes())

    def trial(dice: Random) -> None:
        path.write_bytes(another(whole, dice))
        found = Tokenizer.load(path)
        ids = found.encode(TEXTS[0])
        assert found.decode(ids) == TEXTS[0]

    return trial


TARGET = target("tokenizers", begin)
