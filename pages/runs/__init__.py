"""Everything that was trained."""
