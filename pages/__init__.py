"""The lessons: a folder each, listed in registry.py."""
