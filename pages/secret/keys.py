"""The keys of this experiment: for widgets, and a learner's answers."""

PREDICTED = "secret-knee"
OWN = "secret-own"  # the learner's own secret: its name, its code, how often it is told
NAME, CODE, TIMES = "secret-name", "secret-code", "secret-times"
