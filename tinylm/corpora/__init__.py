"""Where text comes from: the made world, Python's own texts, uploads, downloads. No torch."""

from tinylm.corpora.registry import catalog, check_for, corpora_of, info, load, preview, world_of

__all__ = ["catalog", "check_for", "corpora_of", "info", "load", "preview", "world_of"]
