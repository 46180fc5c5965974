"""What a page sends, counted from the messages themselves, without a browser or a clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import local_script_runner


@contextmanager
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ForwardMsg]]:
    """The messages of the last run of a page that AppTest drives in here."""
    kept: list[ForwardMsg] = []
    parse = local_script_runner.parse_tree_from_messages

    def keep(messages: list[ForwardMsg]) -> object:
        kept[:] = messages
        return parse(messages)

    with monkeypatch.context() as patched:
        patched.setattr(local_script_runner, "parse_tree_from_messages", keep)
        yield kept


def kind(message: ForwardMsg) -> str:
    """What a message brings: an element's type, "block", or another message's type."""
    if message.WhichOneof("type") != "delta":
        return str(message.WhichOneof("type"))
    element = message.delta.new_element
    return str(element.WhichOneof("type") or "block")


def by_fragment(messages: list[ForwardMsg]) -> dict[str, list[ForwardMsg]]:
    """The messages that a run of each fragment alone would bring, in the order of the page."""
    found: dict[str, list[ForwardMsg]] = {}
    for message in messages:
        if message.WhichOneof("type") == "delta" and message.delta.fragment_id:
            found.setdefault(message.delta.fragment_id, []).append(message)
    return found
