"""The keys of this experiment: for widgets, and a learner's answers."""

PREDICTED = "steps-written"
