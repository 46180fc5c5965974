"""Inputs that once failed, and what each must give: `python -m benchmarks.faults`.

A module of this package offers its rows as `ROWS`.
"""
