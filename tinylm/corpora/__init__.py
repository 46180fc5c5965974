"""Where text comes from: the made world, the machine's own texts, uploads, downloads. No torch."""

from tinylm.corpora.registry import catalog, corpora_of, info, load, preview

__all__ = ["catalog", "corpora_of", "info", "load", "preview"]
