"""The experiments: which measurements each needs, and what follows from their results."""
