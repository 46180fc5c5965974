"""Lesson: look into a model at any step of its training."""
