"""Keys of this lesson: of widgets and values in the session, and of a learner's answers."""

TOKENS_SIZE = "tokens_vocabulary"
TOKENS_FIND = "tokens_find"
PREDICTED_TOKENS = "tokens-of-a-word"
