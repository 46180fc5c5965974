"""The terminal: `python -m tinylm`."""
