"""tinylm: train a tiny language model and measure what its pre-training buys.

>>> import tinylm
>>> world = tinylm.corpus("world", documents=200)
>>> run = tinylm.train(world, "tiny", steps=4, seed=1, threads=1)
>>> answered = tinylm.measure(run, "facts", num_fewshot=1, limit=10)

What is trained so is a run like any other: the pages of `tinylm app` show it. docs/notebook.ipynb
goes through all of it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the server imports this package, and must load nothing of what these need
    from tinylm.api import (
        Run,
        corpus,
        finetune,
        generate,
        list_runs,
        measure,
        tokenizer,
        train,
    )

__all__ = [
    "Run",
    "corpus",
    "finetune",
    "generate",
    "list_runs",
    "measure",
    "tokenizer",
    "train",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load what `import tinylm` offers at its first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tinylm import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
