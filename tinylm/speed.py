"""The only module that knows of `tinylm.fast`; without that package all runs, but more slowly.

Code that may have a faster counterpart there is called through `fastest`, for example
`fastest(GPT)(config)`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

_given_up = threading.Event()  # what is only for speed could not be compiled


def fastest(plain: Callable[P, R]) -> Callable[P, R]:
    """The fastest class or function that computes the same as `plain`; else `plain` itself."""
    return cast(Callable[P, R], _counterparts().get(plain, plain))


def is_ready() -> bool:
    """Whether everything that needs to be compiled has been compiled."""
    if not _counterparts():
        return True
    from tinylm.fast import warm

    return warm.is_ready()


def compile_once(give_up: Callable[[], bool] = lambda: False) -> bool:
    """Compile everything, if need be, and wait; return early once `give_up` returns True.

    Returns False if that cannot be done: from then on this process does without.
    """
    if _counterparts():
        from tinylm.fast import warm

        if not warm.compile_once(give_up):
            _given_up.set()
            return False
    return True


def begin_to_compile() -> None:
    """Begin to compile in the background, if need be, and return at once."""
    if _counterparts():
        from tinylm.fast import warm

        warm.begin()


def _counterparts() -> Mapping[Callable[..., object], Callable[..., object]]:
    if _given_up.is_set():
        return {}
    try:
        from tinylm.fast import COUNTERPARTS
    except ImportError as error:
        if error.name != "tinylm.fast":  # the package is there, but an import inside it fails
            raise
        return {}
    return COUNTERPARTS
