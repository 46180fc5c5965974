"""Where text comes from: the made world, the machine's own texts, uploads. No torch here."""

from tinylm.corpora.catalog import catalog, info, load, preview

__all__ = ["catalog", "info", "load", "preview"]
