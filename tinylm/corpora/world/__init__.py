"""The made world: true facts, the documents that tell them, and how probable each document is."""
