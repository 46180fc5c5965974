"""The names under which this lesson keeps its values."""

PREDICTED_TIMES = "predicted_times"  # a learner's answer: how many times more text GPT-3 read
