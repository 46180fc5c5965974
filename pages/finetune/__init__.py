"""Lesson: teach a task with a few labels."""
