"""Charts: pure functions from measurements to figures."""
