"""The sheet to hand out in a lesson, of docs/teaching.md, as a page that can be printed."""

from __future__ import annotations

import re
from pathlib import Path

from tinylm.export.takehome.rendering import our_own, rendered

LINES = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
ROOM = {4: 8, 6: 40}  # how long a blank is on paper, by how long it is in the guide


def sheet() -> bytes:
    """The sheet as one HTML file, which opens and prints without a network."""
    title, code, *questions, essay = map(_with_room, LINES)
    return rendered(
        "sheet.html",
        title=title,
        code=code,
        questions=questions,
        essay=essay.rstrip(" _"),
        style=our_own("base.css", "print.css", "sheet.css"),
        looks="",
        script="",
    )


def _with_room(line: str) -> str:
    """A line without its number and its marks, in which there is enough room to write."""
    bare = re.sub(r"^\d\. ", "", line).replace("`", "")
    return re.sub("_+", lambda blank: "_" * ROOM[len(blank[0])], bare)
