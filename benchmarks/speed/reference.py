"""The reference: Hugging Face's GPT-2 of the same shape, in a plain training loop."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tinylm.config import ModelConfig
from tinylm.errors import NotFound
from tinylm.training.update import autocast

ONE_GELU, PIECED_GELU = "gelu_pytorch_tanh", "gelu_new"


def gpt2(shape: ModelConfig, seed: int = 0, activation: str = ONE_GELU) -> Any:
    """`GPT2LMHeadModel` with random weights, without dropout.

    By default its GELU is one operation. GPT-2's own configuration names `PIECED_GELU`, the same
    function made of eight operations, which makes training on a CPU a quarter slower.

    Raises NotFound where `transformers` is not installed.
    """
    check_installed()
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(seed)
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=shape.vocab_size,
            n_positions=shape.block_size,
            n_embd=shape.n_embd,
            n_layer=shape.n_layer,
            n_head=shape.n_head,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            activation_function=activation,
            bos_token_id=0,
            eos_token_id=None,
        )
    )


def check_installed() -> None:
    """Raises NotFound where `transformers` is not installed."""
    try:
        import transformers  # noqa: F401
    except ImportError:
        raise NotFound(
            "The reference needs Hugging Face's transformers, which is not installed: "
            "pip install transformers"
        ) from None


class PlainLoop:
    """A plain training loop: its updates are written as in a tutorial."""

    def __init__(self, model: Any, optimizer: torch.optim.Optimizer, precision: str = "fp32"):
        self.model, self.optimizer, self.precision = model.train(), optimizer, precision

    def loss(self, ids: Tensor, targets: Tensor) -> Tensor:
        """The mean loss of ids and targets (B, T), in nats per token."""
        logits: Tensor = self.model(input_ids=ids, use_cache=False).logits
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def update(self, rows: tuple[Tensor, Tensor]) -> float:
        """Learn from ids and targets (B, T); the loss before, in nats per token."""
        with autocast(torch.device("cpu"), self.precision):
            loss = self.loss(*rows)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()
