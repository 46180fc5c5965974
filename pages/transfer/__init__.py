"""Lesson: how many labels pre-training saves."""
