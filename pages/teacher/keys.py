"""The keys of this page: for widgets and for values in the session."""

CODE = "teacher_code"
LESSONS = "plan_lessons"
CORPORA = "plan_corpora"
PRESETS = "plan_presets"
HIDDEN = "plan_hidden"
SEED = "plan_seed"
SETTINGS = "plan_settings"
BUDGET = "plan_budget"
LEARNERS = "plan_learners"
FILLED = "plan_filled"  # the plan that the form began with
STEERED = "steered_run"
QUESTION = "bets_question"
REVEALED = "bets_revealed"  # names of questions whose answer was shown
CLOSED = "class_closed"  # what was deleted last, in words
NOT_CLOSED = "class_not_closed"  # sentences: why something is still there
ADDRESS = "class_address"
VIEW = "teacher_view"
