"""Charts: pure functions from what was measured to a figure."""
