"""Faster versions of parts of tinylm. Without this package everything still runs, more slowly.

Only `tinylm/speed.py` imports it. Each version computes the same as its counterpart outside, and
tests compare the two. The versions are loops that Numba compiles. If Numba is not installed,
cannot be loaded, is told not to compile, or has no place to write to, COUNTERPARTS stays empty.
"""

from __future__ import annotations

from collections.abc import Callable

COUNTERPARTS: dict[Callable[..., object], Callable[..., object]] = {}

try:
    from tinylm.fast import kernels, token_kernels, update_kernels  # noqa: F401
except (ImportError, OSError, RuntimeError):
    pass
else:
    from tinylm.fast import passes
    from tinylm.fast.decoder import decoder
    from tinylm.fast.gpt import FusedGPT
    from tinylm.model.decoder import Decoder
    from tinylm.model.gpt import GPT
    from tinylm.training import optimizer

    COUNTERPARTS |= {
        GPT: FusedGPT,
        Decoder: decoder,
        optimizer.joint_norm: passes.joint_norm,
        optimizer.directions: passes.directions,
        optimizer.move: passes.move,
    }
