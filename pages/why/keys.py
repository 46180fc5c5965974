"""The names under which this lesson keeps its values."""

WHICH_FIRST = "why_which_first"  # a prediction: what is learned first
KIND = "why_kind"  # in the session: the kind of sentence that is shown
SENTENCE = "why_sentence"  # in the session: which sentence of it
