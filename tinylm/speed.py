"""The one place that knows of `tinylm.fast`: without that package everything runs, more slowly.

What has a faster counterpart there is asked for through `fastest`, here `fastest(GPT)(config)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


def fastest(plain: Callable[P, R]) -> Callable[P, R]:
    """What computes the same as `plain`, a class or a function, in the shortest time."""
    return cast(Callable[P, R], _counterparts().get(plain, plain))


def is_ready() -> bool:
    """Whether everything is compiled that is compiled at all."""
    if not _counterparts():
        return True
    from tinylm.fast import warm

    return warm.is_ready()


def compile_once(give_up: Callable[[], bool] = lambda: False) -> None:
    """Return when everything is compiled, or `give_up` says so, which is asked often."""
    if _counterparts():
        from tinylm.fast import warm

        warm.compile_once(give_up)


def begin_to_compile() -> None:
    """Begin to compile, if need be, and do not wait."""
    if _counterparts():
        from tinylm.fast import warm

        warm.begin()


def _counterparts() -> Mapping[Callable[..., object], Callable[..., object]]:
    try:
        from tinylm.fast import COUNTERPARTS
    except ImportError as error:
        if error.name != "tinylm.fast":  # it is there, and broken
            raise
        return {}
    return COUNTERPARTS
