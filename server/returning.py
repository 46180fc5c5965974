"""The page /return: a form for the code of a learner who comes back on another device, and a button
for another learner, who begins on the same one.

It works without scripts, because a script could not set a cookie that scripts cannot read.
"""

from __future__ import annotations

import asyncio
import logging
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.headers import encrypted, learner_cookie
from tinylm.errors import BadRequest, TinylmError
from tinylm.learners import name_of, new_code, read_code
from tinylm.runs.store import Store
from tinylm.runs.teachers import Tries
from ui.asking import shared_service

PATH = "/return"
FIELD = "code"
NEW = "new"  # the button of whoever begins as somebody new
MOST_BYTES = 2_000  # of a form
TRIES = 30  # wrong codes within a minute from one address, which a whole class may share

NO_CODE = "This is no code: a code has 16 letters and digits, such as k7qf-2m9x-tb4c-h3np."
UNKNOWN = "Nobody with this code was here: look at each letter again, or start anew without it."

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Come back · tinylm</title>
<style>
:root {{ color-scheme: light dark; font-family: sans-serif; line-height: 1.5; }}
main {{ max-width: 30rem; margin: 12vh auto; padding: 0 1rem; }}
label, input, button {{ display: block; font: inherit; margin: 0.5rem 0; }}
input {{ box-sizing: border-box; width: 100%; padding: 0.6rem; font-family: monospace; }}
button {{ padding: 0.6rem 1.2rem; cursor: pointer; }}
.problem {{ border-left: 4px solid #c22; padding-left: 0.8rem; }}
</style>
<main>
<h1>Come back with your code</h1>
<p>Your code stands on the page <a href="/you">You</a> of the device that you used before. Type it
here, and this browser shows your runs and texts.</p>
{problem}
<form method="post" action="/return">
<label for="code">Your code</label>
<input id="code" name="code" autocomplete="off" autocapitalize="none" spellcheck="false"
 maxlength="60" value="{typed}" required>
<button type="submit">Come back</button>
</form>
<p><a href="/">Go on without a code</a></p>
<h2>Did somebody else use this browser before you?</h2>
<p>Begin as somebody new. What they made stays theirs, and they come back with their code. It
stands on the page <a href="/you">You</a>: let them write it down <strong>before</strong> you
press.</p>
<form method="post" action="/return">
<button type="submit" name="new" value="1">Begin as somebody new</button>
</form>
</main>
</html>
"""

log = logging.getLogger("tinylm.server")


class Returning:
    """Shows the form, and answers it with the cookie of the learner whose code it holds."""

    def __init__(self, store: Store | None = None, tries: Tries | None = None) -> None:
        self._store = store
        self._tries = tries or Tries(each=TRIES, together=100 * TRIES)

    async def answer(self, request: Request) -> Response:
        if request.method != "POST":
            return _page()
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return _page(NO_CODE, 400)
        fields = parse_qs(body.decode("utf-8", "replace"))
        if NEW in fields:
            return _become(new_code(), request)
        typed = fields.get(FIELD, [""])[0]
        address = request.client.host if request.client else ""
        try:
            code = await asyncio.to_thread(self.checked, typed, address)
        except TinylmError as error:
            return _page(str(error), 400, typed)
        return _become(code, request)

    def checked(self, typed: str, address: str) -> str:
        """The code in what was typed. Raises BadRequest where nobody has it, StorageError."""
        self._tries.check(address)
        code = read_code(typed)
        if not code:
            raise BadRequest(NO_CODE)
        store = self._store or shared_service().store
        if not (store.knows(name_of(code)) or name_of(code) in store.owners()):
            self._tries.note_wrong(address)
            log.warning("A code that nobody has came from %.60s.", address)
            raise BadRequest(UNKNOWN)
        return code


def _become(code: str, request: Request) -> Response:
    """Go to the first page as the learner of this code."""
    gone = RedirectResponse("/", status_code=303, headers={"cache-control": "no-store"})
    gone.headers.append("set-cookie", learner_cookie(code, encrypted(request.scope)))
    return gone


def _page(problem: str = "", status: int = 200, typed: str = "") -> HTMLResponse:
    """The form, with what was typed: one wrong letter shall not cost the other fifteen."""
    said = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    headers = {"cache-control": "no-store"}
    return HTMLResponse(
        PAGE.format(problem=said, typed=escape(typed[:60])), status_code=status, headers=headers
    )
