"""Keys of this lesson: of widgets and values in the session, and of a learner's answers."""

TRANSFER_TASK = "transfer_task"
TRANSFER_SIZES = "transfer_sizes"
TRANSFER_SEEDS = "transfer_seeds"
PREDICTED_SAVED = "labels-saved"
TRANSFER_OPTIONS = "transfer-options"  # task, sizes, seeds of the last experiment begun
