"""Lesson: train a model live."""
