"""The keys of this experiment: for widgets, and a learner's answers."""

PREDICTED = "mixture-wrong"
MIXED = "mixture-of-"  # before the settings of a mixture, for its sliders
SCORE = "mixture-score "  # before a hash of a mixture and its seed: how well it did
