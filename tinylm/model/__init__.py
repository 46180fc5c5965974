"""The GPT and what uses it directly: sampling text and low-rank adapters."""
