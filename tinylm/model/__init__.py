"""The GPT, and what is done with it: sampling and low-rank adapters."""
