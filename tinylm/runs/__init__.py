"""Runs: their store, the queues, the workers, and the service that pages and terminal use."""
