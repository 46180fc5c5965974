"""What a browser says to the server over its websocket."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg


def said(message: Message) -> BackMsg:
    """What this message of a websocket says; an empty one where it holds nothing readable.

    Streamlit closes the connection on what nobody can read.
    """
    found = BackMsg()
    try:
        found.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        return BackMsg()
    return found
