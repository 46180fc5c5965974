"""Lesson: pick, mix, bring and read a text."""
