"""How much the server holds of files that are coming in, before a page has taken them."""

from __future__ import annotations

from collections import Counter

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from tinylm.corpora.files.desk import MAX_BATCH
from tinylm.corpora.files.report import MAX_BYTES

MAX_WAITING = 200_000_000  # bytes of all sessions that no page has taken yet
_PREFIX = "/_stcore/upload_file/"


_refused: Counter[str] = Counter()  # files, by session, of which its page does not know yet


def refused_files(session: str) -> int:
    """How many files of a session were refused since this was last asked."""
    return _refused.pop(session, 0)


class UploadLimits:
    """Refuses a file with status 413 where its session or the server would hold too much.

    Streamlit keeps an uploaded file in memory until a page takes it; a page takes files only when
    all that were chosen together are there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._coming: Counter[str] = Counter()  # bytes that are being received, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "PUT" or not path.startswith(_PREFIX):
            await self.app(scope, receive, send)
            return
        session = path.removeprefix(_PREFIX).partition("/")[0]
        size = int(Headers(scope=scope).get("content-length", MAX_BYTES))
        held = self._coming + _stored()
        if held[session] + size > MAX_BATCH or held.total() + size > MAX_WAITING:
            refusal = PlainTextResponse(
                "These files are too large together: bring fewer at once, or try again in a "
                "minute.",
                status_code=413,
            )
            _refused[session] += 1
            await refusal(scope, receive, send)
            return
        self._coming[session] += size
        try:
            await self.app(scope, receive, send)
        finally:
            self._coming[session] -= size
            if self._coming[session] <= 0:
                del self._coming[session]


def _stored() -> Counter[str]:
    """Bytes of the files that Streamlit holds, by session."""
    manager = get_instance().uploaded_file_mgr if exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return Counter()
    sessions = list(manager.file_storage.items())
    return Counter({name: sum(len(f.data) for f in list(s.values())) for name, s in sessions})
