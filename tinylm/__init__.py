"""tinylm: train a tiny language model and measure what its pre-training buys."""

__version__ = "0.1.0"
