"""The keys of this experiment: a learner's answers."""

PREDICTED = "vector-right"
