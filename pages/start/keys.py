"""The names under which Start keeps its values in the session."""

COUNTRY = "start_country"
MODEL = "start_model"
EXAMPLES = "start_examples"
