"""The keys of this experiment: a learner's answers."""

PREDICTED = "scale-larger-run"  # with what loss the larger run ends
