"""The recipe for a corpus, by the size of its text."""

from __future__ import annotations

from pathlib import Path

from tinylm.corpora.sources.base import source_of
from tinylm.presets import preset_config
from tinylm.recipe import Recipe, recipe


def recipe_for(corpus: str, preset: str, home: Path) -> Recipe:
    """The settings of a preset, fitted to the text of this corpus, and why they are so.

    Made worlds, and mixtures with one, have as much text as is asked for. They keep the preset's
    settings, with no reasons. Raises NotFound, StorageError, and BadRequest for an unknown preset.
    """
    size = source_of(corpus).size(corpus, home)
    if size is None:
        return Recipe(preset_config(preset, corpus=corpus))
    return recipe(size, corpus, preset)
