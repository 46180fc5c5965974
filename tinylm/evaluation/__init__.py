"""Measures what a model can do: tasks, prompts, scoring, metrics and confidence intervals."""
