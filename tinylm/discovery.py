"""Lists that nobody has to keep by hand: they collect what the modules of a package offer."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module


def offered(package: str, name: str) -> Iterator[object]:
    """The objects called `name` in the modules of `package`, in the order of the modules' names.

    A module without an object of that name is a helper of the others, and is skipped. Every
    module is imported, so imports that take long belong inside the functions of those modules.
    """
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        found = getattr(import_module(module.name), name, None)
        if found is not None:
            yield found
