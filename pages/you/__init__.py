"""The page of a learner: the code to come back with, what is stored, and the end of it."""
