"""The keys of this experiment: for widgets, and a learner's answers."""

SUDDEN_TASK = "sudden_task"
PREDICTED = "sudden-tokens"
