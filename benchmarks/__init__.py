"""Measurements whose figures stand in docs/measurements.md."""
