"""All that is only for speed."""
