"""Lets Streamlit and its web server write into the log of everything else.

Both give their loggers handlers and formats of their own. A line for each request stays out, as
Streamlit wants it: it would hold people's addresses and which runs they looked at.
"""

from __future__ import annotations

import logging

from streamlit import logger as streamlit_logger

REQUESTS = "uvicorn.access"


def join() -> None:
    """Hand all lines of these loggers up to the root, also of loggers that come later."""
    vars(streamlit_logger)["setup_formatter"] = _hand_up
    streamlit_logger.update_formatter()


def _hand_up(one: logging.Logger) -> None:
    for handler in list(one.handlers):
        one.removeHandler(handler)
    one.propagate = one.name != REQUESTS
