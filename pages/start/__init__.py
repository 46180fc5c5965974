"""The start page, with the path through the lessons."""
