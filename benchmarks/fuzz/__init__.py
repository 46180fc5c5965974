"""Random inputs for all that reads what others wrote: `python -m benchmarks.fuzz TARGET`.

A module of this package offers what it tries as `TARGET`.
"""
