"""The loops that Numba compiles; None where it is not, cannot be loaded, or has no place to write.

Everything then computes the same by torch's operations, more slowly.
"""

from __future__ import annotations

from typing import Any

kernels: Any
token_kernels: Any
update_kernels: Any
try:
    from tinylm.fast import kernels, token_kernels, update_kernels
except (ImportError, OSError, RuntimeError):
    kernels = token_kernels = update_kernels = None

__all__ = ["kernels", "token_kernels", "update_kernels"]
