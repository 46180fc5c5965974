"""Lets Streamlit and its web server write into the log of everything else.

Streamlit gives each of its loggers a handler and a format of its own when it is made.
"""

from __future__ import annotations

import logging

from streamlit import logger as streamlit_logger

OWN_HANDLER = "streamlit_console_handler"


def join() -> None:
    """Hand all lines of Streamlit's loggers up to the root, also of loggers that come later."""
    vars(streamlit_logger)["setup_formatter"] = _hand_up
    streamlit_logger.update_formatter()


def _hand_up(one: logging.Logger) -> None:
    handler = vars(one).pop(OWN_HANDLER, None)
    if handler is not None:
        one.removeHandler(handler)
    one.propagate = True
