"""Tiny models that were made elsewhere: random weights in the forms in which such models come."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen3Config,
)

from tests import tiny
from tinylm.elsewhere import prepared
from tinylm.errors import TinylmError
from tinylm.runs.adopting import adopt
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow

END = "<|endoftext|>"
TEXTS = [*tiny.documents(60), "Ghana -> Accra\n", "Kenya -> Nairobi, \tnot 12 (or 3.5)!\n\n"]

_SHAPE = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 128,
}
FORMS: dict[str, Callable[[int], PreTrainedConfig]] = {
    "llama": lambda size: LlamaConfig(**_SHAPE, vocab_size=size, num_key_value_heads=2),
    "qwen3": lambda size: Qwen3Config(
        **_SHAPE, vocab_size=size, num_key_value_heads=2, head_dim=16
    ),
    "gpt2": lambda size: GPT2Config(
        n_embd=32, n_layer=3, n_head=4, n_positions=128, vocab_size=size
    ),
    "gpt_neox": lambda size: GPTNeoXConfig(**_SHAPE, vocab_size=size),
}


def tokenizer() -> Tokenizer:
    """A byte-level vocabulary of a few hundred tokens, as GPT-2's is made."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(TEXTS, trainer)
    return made


def awake(config: PreTrainedConfig) -> PreTrainedModel:
    """A model whose random weights are large enough to prefer some answers to others."""
    torch.manual_seed(0)
    config.bos_token_id = config.eos_token_id = 0
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=0.3) if weight.dim() > 1 else weight.add_(0.1)
    return model.eval()


def folder(form: str, out: Path, rows: int = 6, **shape: int) -> Path:
    """A folder as a hub of models offers it; the model has `rows` more tokens than the text."""
    cutter = tokenizer()
    config = FORMS[form](cutter.get_vocab_size() + rows)
    config.update(shape)
    model = awake(config)
    model.save_pretrained(out)
    cutter.save(str(out / "tokenizer.json"))
    settings = {"bos_token": END, "eos_token": {"content": END}}
    (out / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return out


def brought(source: Path, service: Service, title: str = "") -> RunRow:
    with prepared(source, service.home) as made:
        return adopt(service.home, service.store, made, title)


def refused(source: Path, home: Path) -> str:
    """The sentence for what cannot be imported; nothing is left of the attempt."""
    with pytest.raises(TinylmError) as caught, prepared(source, home):
        pass
    assert not any((home / "runs").glob("*")) and not any(home.glob(".part*"))
    said = str(caught.value)
    assert "\n" not in said and said.endswith(".")
    return said
