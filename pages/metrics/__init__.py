"""Lesson: perplexity, accuracy, F1 and BLEU, each where it misleads."""
