"""Lesson: zero-shot and few-shot."""
