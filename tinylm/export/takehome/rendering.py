"""HTML files that open from a disk without a network: everything that they need stands in them."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tinylm.export.takehome.scores import percent
from tinylm.predictions import plain

HERE = Path(__file__).parent


def rendered(template: str, **values: object) -> bytes:
    """A template of this folder with these values, in which every text is escaped."""
    return _environment().get_template(template).render(values).encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    made = Environment(autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(HERE))
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    made.filters["grouped"] = grouped
    made.filters["plain"] = plain
    made.filters["percent"] = percent
    return made


def our_own(*names: str) -> str:
    """Files of this folder, one after another, as they are: scripts and style sheets."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


def script_hash(script: str) -> str:
    """What a page's policy says of the one script that may run in it."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def grouped(number: int) -> str:
    """A whole number as people read it: `664448` -> `664,448`."""
    return f"{number:,}"
