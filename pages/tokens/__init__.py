"""Lesson: a vocabulary, and text as tokens."""
