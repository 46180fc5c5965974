"""Mixtures and the records of uploads: files that are damaged, and weights that are none."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from benchmarks.fuzz.damage import WEIRD, Trial, another, damaged, target
from tinylm.corpora.registry import corpora_of, info, load, preview
from tinylm.corpora.sources.base import source_of
from tinylm.corpora.sources.mixtures import mixture_weights, save_mixture
from tinylm.corpora.sources.uploads import save_upload


def begin(folder: Path) -> Trial:
    """Two small uploads and their mixture; each trial damages one file, or mixes anew."""
    texts = [
        "\n\n".join(f"The {word} number {number} is here, and so it goes." for number in range(90))
        for word in ("cat", "dog")
    ]
    parts = [save_upload(text.encode(), f"Text {n}", folder).name for n, text in enumerate(texts)]
    titles = {name: name for name in parts}
    made = save_mixture(dict.fromkeys(parts, 1), titles, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    whole = {path: path.read_bytes() for path in files}

    def trial(dice: Random) -> None:
        if dice.random() < 0.3:
            names = (*parts, "names", made.name, *map(str, WEIRD))
            weights = {
                dice.choice(names): dice.choice((*WEIRD, 1, 2.5))
                for _ in range(dice.choice((1, 2, 2, 2, 7)))
            }
            name = save_mixture(weights, titles, folder).name
            load(name, 5, folder)
            if name != made.name:
                source_of(name).delete(name, folder)
            return
        path = dice.choice(files)
        is_json = path.suffix == ".json"
        path.write_bytes(
            another(json.loads(whole[path]), dice) if is_json else damaged(whole[path], dice)
        )
        try:
            corpora_of(folder)
            for name in (made.name, *parts):
                info(name, folder)
                preview(name, count=3, home=folder)
                load(name, 5, folder)
            mixture_weights(made.name, folder)
        finally:
            path.write_bytes(whole[path])

    return trial


TARGET = target("mixtures", begin)
