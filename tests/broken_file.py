"""A good JSON file with one thing in it changed, to see how the mistake is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REMOVED = object()


def with_change(file: Path, path: tuple[Any, ...], value: object) -> Any:
    """What `file` holds, with `value` at `path`, or nothing there for REMOVED."""
    spec = json.loads(file.read_text(encoding="utf-8"))
    place = spec
    for key in path[:-1]:
        place = place[key]
    if value is REMOVED:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return spec


def write(path: Path, spec: object) -> Path:
    """Write `spec` as JSON, or as it is where it is text."""
    path.write_text(spec if isinstance(spec, str) else json.dumps(spec), encoding="utf-8")
    return path
