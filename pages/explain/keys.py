"""The keys of this lesson: for widgets, values in the session, and a learner's answers."""

EXPLAIN_VIEW = "explain_view"
EXPLAIN_TEXT = "explain_text"
EXPLAIN_TICK = "explain_tick"
SHEET = "explain_sheet"
ENDING = "ending_sheet"
EXPLAIN_CARD = "explain_card"  # the statement that is shown, and how it was judged
TICKED = "explanation-ticked"  # the points that the learner ticked
FINISHED = "explanation-finished"
STATEMENTS_KEPT = "judged-statements"
