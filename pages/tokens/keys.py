"""The keys of this lesson: for widgets, values in the session, and a learner's answers."""

TOKENS_SIZE = "tokens_vocabulary"
TOKENS_FIND = "tokens_find"
PREDICTED_TOKENS = "tokens-of-a-word"
