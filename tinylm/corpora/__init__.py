"""Where text comes from: the made world, Python's own texts, uploads, downloads, mixtures.

Nothing here imports torch, so that pages and listings open quickly.
"""

from tinylm.corpora.registry import (
    catalog,
    check_for,
    check_text,
    corpora_of,
    info,
    load,
    preview,
    train_documents,
    world_of,
)

__all__ = [
    "catalog",
    "check_for",
    "check_text",
    "corpora_of",
    "info",
    "load",
    "preview",
    "train_documents",
    "world_of",
]
