"""Writes a model folder for Hugging Face's transformers: Qwen3ForCausalLM and its tokenizer.

`AutoModelForCausalLM.from_pretrained(folder)` gives the same logits as our GPT.
`AutoTokenizer.from_pretrained(folder)` gives the same token ids, with the separator of documents
in front, because our models have read every document after a separator.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tinylm.export.base import ExportedRun, Format
from tinylm.export.card import card
from tinylm.export.record import RECORD, record
from tinylm.text.tokenizer import Tokenizer

if TYPE_CHECKING:  # listing the formats needs no torch
    from torch import Tensor

    from tinylm.model.gpt import GPT

USE = """
```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("FOLDER")
model = AutoModelForCausalLM.from_pretrained("FOLDER")
prompt = tokenizer("The capital of", return_tensors="pt")
print(tokenizer.decode(model.generate(**prompt, max_new_tokens=20, do_sample=False)[0]))
```

`FOLDER` is this folder. The architecture is Qwen3, so no code of ours is needed. The tokenizer puts
the separator of documents in front of a text, because the model has read every document after one.
"""
END = "<|endoftext|>"  # the separator's name there; its byte 0 occurs in no text
NAMES = {  # parts of parameter names: ours -> Qwen3's
    "embedding.": "embed_tokens.",
    "blocks.": "layers.",
    "attention_norm.": "input_layernorm.",
    "mlp_norm.": "post_attention_layernorm.",
    "attention.q_norm": "self_attn.q_norm",
    "attention.k_norm": "self_attn.k_norm",
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "mlp.gate": "mlp.gate_proj",
    "mlp.up": "mlp.up_proj",
    "mlp.down": "mlp.down_proj",
}


def qwen3_weights(model: GPT) -> dict[str, Tensor]:
    """The weights of `model` under Qwen3ForCausalLM's names; the output matrix is the embedding."""
    parameters = model.named_parameters()
    return {qwen3_name(name): weight.detach().cpu() for name, weight in parameters}


def qwen3_name(name: str) -> str:
    """Qwen3ForCausalLM's name of a parameter or module of ours."""
    for ours, theirs in NAMES.items():
        name = name.replace(ours, theirs)
    return f"model.{name}"


def qwen3_config(model: GPT) -> dict[str, object]:
    """The config.json with which Qwen3ForCausalLM computes the same as `model`."""
    from tinylm.model.gpt import MLP, NORM_EPS, ROPE_THETA

    config = model.config
    width = next(part.up.out_features for part in model.modules() if isinstance(part, MLP))
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "vocab_size": config.vocab_size,
        "hidden_size": config.n_embd,
        "intermediate_size": width,
        "num_hidden_layers": config.n_layer,
        "num_attention_heads": config.n_head,
        "num_key_value_heads": config.n_head,
        "head_dim": config.head_size,
        "max_position_embeddings": config.block_size,
        "rms_norm_eps": NORM_EPS,
        "rope_theta": ROPE_THETA,  # for transformers 4; version 5 reads the next line
        "rope_parameters": {"rope_type": "default", "rope_theta": ROPE_THETA},
        "tie_word_embeddings": True,
        "dtype": "float32",
        "bos_token_id": Tokenizer.separator,
        "eos_token_id": Tokenizer.separator,
    }


def tokenizer_json(tokenizer: Tokenizer) -> dict[str, object]:
    """A tokenizer.json for Hugging Face's tokenizers: byte-level BPE with our vocabulary."""
    ids = {text: i for i, text in enumerate(spelled_tokens(tokenizer))}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    byte_level["use_regex"] = False
    end = {"SpecialToken": {"id": END, "type_id": 0}}
    first, second = ({"Sequence": {"id": which, "type_id": 0}} for which in "AB")
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": tokenizer.separator, "content": END, "special": True, "normalized": False}
            | dict.fromkeys(("single_word", "lstrip", "rstrip"), False)
        ],
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {
                    "type": "Split",
                    "pattern": {"Regex": tokenizer.pattern},
                    "behavior": "Isolated",
                    "invert": False,
                },
                byte_level,
            ],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [end, first],
            "pair": [end, first, end, second],
            "special_tokens": {END: {"id": END, "ids": [tokenizer.separator], "tokens": [END]}},
        },
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "ignore_merges": True,  # as in tiktoken, a piece that is a token stays whole
            "vocab": ids,
            "merges": merges(tokenizer),
        },
    }


def spelled_tokens(tokenizer: Tokenizer) -> list[str]:
    """All tokens by their id, as byte-level BPE spells them; the separator has a name."""
    spelled = [_spelled(tokenizer.token_bytes(i)) for i in range(tokenizer.vocab_size)]
    spelled[tokenizer.separator] = END
    return spelled


def merges(tokenizer: Tokenizer) -> list[str]:
    """The merges, the first ones first.

    tiktoken joins any two neighbours whose bytes together are a token, and the token with the
    lowest id first. So each token gets one merge for every way to cut it into two tokens.
    """
    spelled = spelled_tokens(tokenizer)
    known = set(spelled)
    return [
        f"{text[:cut]} {text[cut:]}"
        for text in spelled[256:]
        for cut in range(1, len(text))
        if text[:cut] in known and text[cut:] in known
    ]


def _spelled(data: bytes) -> str:
    """Bytes as GPT-2 spells them: printable ones as themselves, the others from U+0100 on."""
    return "".join(_BYTES[byte] for byte in data)


_PRINTABLE = (*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(0xAE, 0x100))
_OTHERS = [byte for byte in range(256) if byte not in _PRINTABLE]
_BYTES = {byte: chr(byte) for byte in _PRINTABLE} | {
    byte: chr(0x100 + place) for place, byte in enumerate(_OTHERS)
}


def model_files(model: GPT, tokenizer: Tokenizer) -> dict[str, bytes]:
    """All files of the folder by name, without the card."""
    from safetensors.torch import save

    described = {
        "config.json": qwen3_config(model),
        "generation_config.json": {
            "bos_token_id": tokenizer.separator,
            "eos_token_id": tokenizer.separator,
            "pad_token_id": tokenizer.separator,
        },
        "tokenizer.json": tokenizer_json(tokenizer),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": END,
            "eos_token": END,
            "pad_token": END,
            "split_special_tokens": True,  # a text that writes the separator's name is only text
            "clean_up_tokenization_spaces": False,
            "model_input_names": ["input_ids", "attention_mask"],
            "model_max_length": model.config.block_size,
        },
    }
    files = {
        name: (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
        for name, data in described.items()
    }
    return {"model.safetensors": save(qwen3_weights(model), {"format": "pt"})} | files


def _files(run: ExportedRun) -> dict[str, bytes]:
    """The folder with its card.

    Raises NotFound where there is no such checkpoint, CheckpointError where it is damaged.
    """
    from tinylm.training.stored_model import read_model

    model, tokenizer, config = read_model(run.folder, run.step)
    described = card(run, config, model.config, model.num_parameters, USE)
    own = {"README.md": described, RECORD: record(run, tokenizer)}
    return model_files(model, tokenizer) | own


FORMAT = Format(
    order=10,
    name="hf",
    title="model, settings and tokenizer for Hugging Face's transformers",
    files=_files,
)
