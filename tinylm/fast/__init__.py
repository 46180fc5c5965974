"""All that is only for speed; without it everything runs, more slowly.

`tinylm/speed.py` alone asks for it. What stands here computes what its counterpart outside does,
and tests hold the two together. It is made of loops that Numba compiles: where Numba is not,
cannot be loaded, or has no place to write, nothing has a counterpart.
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
