"""Files that a person brings: each is read in a process of its own, and what came out is told.

A module offers the kinds of file that it reads as `READER`; `reading.py` is the one entry for
pages and the terminal.
"""
