"""What a model can do: tasks, prompts, scoring, metrics, and how sure the figures are."""
