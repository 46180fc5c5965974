"""Tests, in the same tree as what they test. A package: some libraries bring another `tests`."""
