"""The page where a table of one's own becomes a task."""
