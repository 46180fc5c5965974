"""Where text comes from, a source a file."""
