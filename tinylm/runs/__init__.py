"""Runs: their store, the workers, and the service that pages and terminal use."""
