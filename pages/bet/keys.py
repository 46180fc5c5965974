"""The names under which this lesson keeps its values."""

BET_DONE = "bet_done"  # a learner's answer: the five sentences are done
BETS = "bets"  # a learner's answer: the share that each covered word got, in order
CHIPS = "bet_chips"  # in the session: the chips on each word
