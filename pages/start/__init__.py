"""The path through the lessons."""
