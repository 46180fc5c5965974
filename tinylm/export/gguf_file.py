"""Writes a model as one GGUF file for llama.cpp.

The architecture is `qwen3`, which computes the same as our GPT. The tokenizer is `gpt2`, byte-level
BPE. llama.cpp knows patterns that cut text into pieces by name only, and has none for ours. It gets
GPT-2's pattern, which differs at combining marks alone: `mark_tokens` says for which vocabularies,
and the card of such a model says it to whoever loads the file.
"""

from __future__ import annotations

import sys
import tempfile
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tinylm.errors import BadRequest
from tinylm.export.base import ExportedRun, Format
from tinylm.export.card import card
from tinylm.export.huggingface import END, merges, qwen3_config, qwen3_weights, spelled_tokens
from tinylm.text.tokenizer import GPT2_PATTERN, Tokenizer

if TYPE_CHECKING:  # listing the formats needs no torch
    from tinylm.model.gpt import GPT

FILE = "model.gguf"
FRONT = "pipeline_tag: text-generation\nlibrary_name: gguf\n"
USE = """
```
llama-cli -m model.gguf -p "The capital of" -n 20 --temp 0
```

Programs that are built on llama.cpp read this kind of file. They were not tried with it: only
llama.cpp itself was, through node-llama-cpp. The file has the tokenizer, and puts the separator of
documents in front of a text, because the model has read every document after one.
"""


def gguf_bytes(model: GPT, tokenizer: Tokenizer, name: str) -> bytes:
    """The GGUF file of a model called `name`, with weights in fp32, and its tokenizer.

    Raises BadRequest where the package `gguf` is missing.
    """
    try:
        import gguf
    except ImportError:
        raise BadRequest(
            "This format needs the package gguf: install it with pip install gguf==0.19.0."
        ) from None
    from tinylm.model.gpt import NORM_EPS, ROPE_THETA

    config, kinds = model.config, gguf.TokenType
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, config.n_layer)
    tokens = spelled_tokens(tokenizer)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, FILE)
        writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[gguf.MODEL_ARCH.QWEN3])
        writer.add_name(name)
        writer.add_file_type(gguf.LlamaFileType.ALL_F32)
        writer.add_block_count(config.n_layer)
        writer.add_context_length(config.block_size)
        writer.add_embedding_length(config.n_embd)
        writer.add_feed_forward_length(int(str(qwen3_config(model)["intermediate_size"])))
        writer.add_head_count(config.n_head)
        writer.add_head_count_kv(config.n_head)
        writer.add_key_length(config.head_size)
        writer.add_value_length(config.head_size)
        writer.add_layer_norm_rms_eps(NORM_EPS)
        writer.add_rope_freq_base(ROPE_THETA)
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("gpt-2")
        writer.add_token_list(tokens)
        writer.add_token_types([kinds.CONTROL if t == END else kinds.NORMAL for t in tokens])
        writer.add_token_merges(merges(tokenizer))
        writer.add_bos_token_id(tokenizer.separator)
        writer.add_eos_token_id(tokenizer.separator)
        writer.add_add_bos_token(True)
        for theirs, weight in qwen3_weights(model).items():
            known = names.get_name(theirs, try_suffixes=(".weight",))
            writer.add_tensor(str(known), weight.float().numpy())
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


def mark_tokens(tokenizer: Tokenizer) -> tuple[int, ...]:
    """The tokens that llama.cpp may cut where our tokenizer does not, or the other way round.

    GPT-2's pattern begins a new piece at a combining mark and after it, ours keeps marks in their
    word. A token that joins no mark to what stands beside it has the same ids with both patterns,
    so without such tokens all texts do.
    """
    if tokenizer.pattern == GPT2_PATTERN:
        return ()
    return tuple(
        token
        for token in range(256, tokenizer.vocab_size)
        if _joins_a_mark(tokenizer.token_bytes(token))
    )


def _joins_a_mark(data: bytes) -> bool:
    """Whether two neighbours in `data`, of which one may be a mark, stand in one token."""
    starts = [i for i, byte in enumerate(data) if byte & 0xC0 != 0x80]
    cuts = [i for i in starts if i > 0]
    return any(
        _may_be_mark(data[max([s for s in starts if s < cut], default=0) : cut])
        or _may_be_mark(data[cut : min([s for s in starts if s > cut], default=len(data))])
        for cut in cuts
    )


def _may_be_mark(data: bytes) -> bool:
    """Whether these bytes, all or part of one character, can belong to a combining mark."""
    if data[0] & 0xC0 == 0x80:
        return any(mark.endswith(data) for mark in _marks())
    return any(mark.startswith(data) for mark in _marks())


@cache
def _marks() -> tuple[bytes, ...]:
    """All combining marks of Unicode in UTF-8."""
    letters = map(chr, range(sys.maxunicode + 1))
    return tuple(one.encode() for one in letters if unicodedata.category(one).startswith("M"))


def _limits(tokenizer: Tokenizer) -> list[str]:
    """What the card says of this vocabulary in llama.cpp; nothing where all ids are the same."""
    marked = len(mark_tokens(tokenizer))
    if not marked:
        return []
    return [
        f"{marked:,} of its {tokenizer.vocab_size:,} tokens may join a combining mark to a letter: "
        "llama.cpp cuts words with such marks in another way, so that ids and texts may differ "
        "there."
    ]


def _files(run: ExportedRun) -> dict[str, bytes]:
    """The file and its card.

    Raises BadRequest without the package `gguf`, NotFound where there is no such checkpoint, and
    CheckpointError where it is damaged.
    """
    from tinylm.training.stored_model import read_model

    model, tokenizer, config = read_model(run.folder, run.step)
    described = card(
        run,
        config,
        model.config,
        model.num_parameters,
        USE,
        FRONT,
        further_limits=_limits(tokenizer),
    )
    return {FILE: gguf_bytes(model, tokenizer, run.shown), "README.md": described}


FORMAT = Format(
    order=14, name="gguf", title="model and tokenizer in one file for llama.cpp", files=_files
)
