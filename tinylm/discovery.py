"""Lists that nobody keeps by hand: what the modules of a package offer under one name."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module


def offered(package: str, name: str) -> Iterator[object]:
    """What the modules of `package` call `name`, in the order of the modules' names.

    A module without that name is a helper of the others and offers nothing. Every module is
    imported, so what is slow to import belongs inside the functions of those modules.
    """
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        found = getattr(import_module(module.name), name, None)
        if found is not None:
            yield found
