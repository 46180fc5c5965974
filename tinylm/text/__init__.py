"""Turning text into batches of token ids."""
