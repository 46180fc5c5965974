"""The keys of this lesson: for widgets, values in the session, and a learner's answers."""

TRANSFER_TASK = "transfer_task"
TRANSFER_SIZES = "transfer_sizes"
TRANSFER_SEEDS = "transfer_seeds"
SEEN_SAVED = "seen-labels-saved"  # a learner's answer: has seen all points of an experiment
PREDICTED_SAVED = "times-the-labels"
TRANSFER_OPTIONS = "transfer-options"  # task, sizes and seeds of the experiment that was last begun
