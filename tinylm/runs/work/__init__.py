"""The worker processes, and what they do."""
