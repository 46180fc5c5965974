"""Keys in the session."""

SHOWN_CODE = "shown_code"
CALLED = "called"
