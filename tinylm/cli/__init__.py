"""The terminal program, `python -m tinylm`."""
