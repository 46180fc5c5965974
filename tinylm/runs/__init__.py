"""Runs: their store, the job queue, the workers, and the service that pages and terminal use."""
