"""The names under which Start keeps its values in the session."""

COUNTRY = "start_country"
EXAMPLES = "start_examples"
