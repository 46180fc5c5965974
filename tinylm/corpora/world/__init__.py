"""The made world: true facts, sentences about them, and how probable each is."""
