"""A model that was made elsewhere, in the form in which the rest of tinylm uses a GPT.

Its own library, transformers, computes it. What measures and looks into models asks for hidden
states, logits, a cache and attention only, so nothing else is needed. `fits` tells whether a model
gives the same answers in this form as by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, Cache, PreTrainedConfig, PreTrainedModel
from transformers.utils import logging

from tinylm.config import ModelConfig
from tinylm.errors import BadRequest, CheckpointError
from tinylm.memory import GB, memory_here
from tinylm.model.cache import Branches, KeyValueCache
from tinylm.model.gpt import GPT, Watch
from tinylm.origin import FOLDER, REMEDY, digest, read_origin
from tinylm.text.elsewhere import ElsewhereTokenizer

MOST_CONTEXT = 1024  # tokens that such a model reads at once here; more would take much memory
TOLERANCE = 1e-3  # largest difference of two logits that counts as rounding


class ElsewhereModel(GPT):
    """A causal language model of transformers, used as a GPT that does not learn."""

    def __init__(self, inner: PreTrainedModel):
        nn.Module.__init__(self)  # it has no blocks and no tables of its own
        inner.requires_grad_(False)
        inner.train(False)
        self.inner = inner
        self.reader = inner.base_model
        self.head = cast(nn.Linear, cast(Any, inner).get_output_embeddings())
        self.embedding = cast(nn.Embedding, inner.get_input_embeddings())
        self.blocks = nn.ModuleList()
        shape: Any = inner.config.get_text_config()
        heads = int(shape.num_attention_heads)
        size = getattr(shape, "head_dim", None) or shape.hidden_size // heads
        self._kept = getattr(shape, "num_key_value_heads", None) or heads, int(size)
        self.config = ModelConfig(
            n_layer=int(shape.num_hidden_layers),
            n_head=heads,
            n_embd=int(shape.hidden_size),
            block_size=min(MOST_CONTEXT, *_limits(shape)),
            vocab_size=self.head.weight.shape[0],
        )
        self._watching = threading.Lock()
        self.norm = cast(Any, self._last_norm())

    @property
    def cache_shape(self) -> tuple[int, int, int]:
        """Several heads may share their keys and values, so there may be fewer of those."""
        return self.config.n_layer, *self._kept

    def logits(self, hidden: Tensor) -> Tensor:
        """As `GPT.logits`."""
        return cast(Tensor, self.head(hidden))

    def logits_of(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """As `GPT.logits_of`."""
        weight, bias = self.head.weight, self.head.bias
        found = (hidden * weight[targets]).sum(dim=-1)
        return found if bias is None else found + bias[targets]

    def forward(
        self,
        ids: Tensor,
        targets: Tensor | None = None,
        cache: KeyValueCache | None = None,
        positions: Tensor | None = None,
    ) -> Tensor:
        """As `GPT.forward`, without targets."""
        if targets is not None:
            raise ValueError("a model that was made elsewhere does not learn here")
        return self.logits(self.hidden_states(ids, cache, positions))

    def hidden_states(
        self,
        ids: Tensor,
        cache: KeyValueCache | None = None,
        positions: Tensor | None = None,
        *,
        apart: bool = False,
        watch: Watch | None = None,
    ) -> Tensor:
        """As `GPT.hidden_states`, for rows of one document each."""
        if apart:
            raise ValueError("a model that was made elsewhere does not learn here")
        if ids.shape[1] > self.config.block_size:
            raise ValueError(f"a row of {ids.shape[1]} tokens is longer than the context")
        if watch is not None:
            return self._watched(ids, watch)
        given: dict[str, object] = {"use_cache": False}
        if cache is not None and positions is not None:
            mask = torch.zeros(1, device=ids.device).masked_fill(
                cache.unseen(positions), torch.finfo(torch.float32).min
            )
            kept = _Kept(cache, positions)
            given = {"past_key_values": kept, "use_cache": True, "attention_mask": mask}
            given["position_ids"] = positions
        return cast(Tensor, self.reader(input_ids=ids, **given).last_hidden_state)

    def _watched(self, ids: Tensor, watch: Watch) -> Tensor:
        with self._watching, _inputs_of(self.norm) as before_norm:
            found = self.reader(
                input_ids=ids, use_cache=False, output_attentions=True, output_hidden_states=True
            )
        # The last one that transformers gives is behind the norm.
        after = [*found.hidden_states[1:-1], *(before_norm or [found.last_hidden_state])]
        for x, attention in zip(after, found.attentions, strict=True):
            watch(x, attention)
        return cast(Tensor, found.last_hidden_state)

    @torch.inference_mode()
    def _last_norm(self) -> nn.Module:
        """The module whose result is what the output matrix reads; the identity if none is."""
        calls: list[tuple[nn.Module, Tensor]] = []

        def note(module: nn.Module, _: object, made: object) -> None:
            if isinstance(made, Tensor) and all(p.dim() == 1 for p in module.parameters()):
                calls.append((module, made))

        hooks = [module.register_forward_hook(note) for module in self.reader.modules()]
        try:
            last = self.hidden_states(torch.tensor([[0, 1]], device=self.embedding.weight.device))
        finally:
            for hook in hooks:
                hook.remove()
        for module, made in reversed(calls):
            has_weights = next(module.parameters(), None) is not None
            if has_weights and made.shape == last.shape and torch.equal(made, last):
                return module
        return nn.Identity()


class _Kept(Cache):
    """Our cache, as transformers asks for it."""

    def __init__(self, cache: KeyValueCache, positions: Tensor):
        super().__init__(layers=[])
        self._cache, self._positions = cache, positions

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *_: object, **__: object
    ) -> tuple[Tensor, Tensor]:
        """All keys and values of a layer, with the new ones."""
        return self._cache.update(layer_idx, self._positions, key_states, value_states)

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Nothing follows from it, because the positions are given."""
        return 0


@contextmanager
def _inputs_of(module: nn.Module) -> Iterator[list[Tensor]]:
    """What this thread gives the module to read meanwhile."""
    found: list[Tensor] = []
    mine = threading.get_ident()

    def note(_: nn.Module, read: tuple[Tensor, ...]) -> None:
        if threading.get_ident() == mine:
            found.append(read[0])

    hook = module.register_forward_pre_hook(note)
    try:
        yield found
    finally:
        hook.remove()


def _limits(shape: object) -> Iterator[int]:
    """How many tokens the model can attend to, as far as its settings say so."""
    for name in ("max_position_embeddings", "n_positions", "sliding_window"):
        number = getattr(shape, name, None)
        if isinstance(number, int) and number > 0:
            yield number


@torch.inference_mode()
def fits(model: ElsewhereModel, seed: int = 0) -> bool:
    """Whether the model gives the same logits in our form as by itself, and attention by rows.

    It reads some random tokens by itself, then whole, in two parts with a cache, and as a tree of
    two continuations.
    """
    random = torch.Generator().manual_seed(seed)
    vocab, device = model.config.vocab_size, model.embedding.weight.device
    length = min(12, model.config.block_size)
    ids = torch.randint(vocab, (2, length), generator=random).to(device)
    ids[1, : length // 2] = ids[0, : length // 2]  # two continuations of one beginning
    own = model.inner(input_ids=ids, use_cache=False).logits
    begin, rest = ids[:1, : length // 2], ids[:, length // 2 :]
    places = torch.arange(length, device=device)
    cache = KeyValueCache(model, rows=1, length=length)
    first = model(begin, cache=cache, positions=places[None, : length // 2])
    half, more = begin.shape[1], rest.shape[1]
    visible = torch.ones(more, more, dtype=torch.bool, device=device).tril()
    seen = torch.ones(more, half, dtype=torch.bool, device=device)
    branches = Branches(
        cache,
        torch.zeros(2, dtype=torch.long, device=device),
        torch.cat((seen, visible), dim=1).expand(2, -1, -1),
    )
    below = model(rest, cache=branches, positions=places[half:].expand(2, -1))
    weights: list[Tensor] = []
    model.hidden_states(ids, watch=lambda _, attention: weights.append(attention))
    rows = len(weights) == model.config.n_layer and all(
        one.shape == (2, model.config.n_head, length, length)
        and torch.allclose(one.sum(dim=-1), torch.ones(1, device=device), atol=TOLERANCE)
        for one in weights
    )
    pairs = ((model(ids), own), (first[0], own[0, :half]), (below, own[:, half:]))
    return rows and all(torch.allclose(a, b, atol=TOLERANCE, rtol=TOLERANCE) for a, b in pairs)


class Loaded(NamedTuple):
    """A model as transformers reads it."""

    model: PreTrainedModel
    missing: list[str]  # weights that its file does not have


def load_inner(
    folder: Path, gguf_file: str | None = None, config: PreTrainedConfig | None = None
) -> Loaded:
    """Read a model from a folder, in fp32; never one that brings code of its own, or a pickle.

    `config` stands in for the settings that the folder or the GGUF file has. Raises what
    transformers raises.
    """
    quiet: Any = logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    auto: Any = AutoModelForCausalLM
    model, told = auto.from_pretrained(
        folder,
        gguf_file=gguf_file,
        config=config,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        attn_implementation="eager",  # the others give no attention
        dtype=torch.float32,
        output_loading_info=True,
    )
    return Loaded(model, sorted(told["missing_keys"]))


def check_free(parameters: int, copies: int = 1) -> None:
    """Raise BadRequest where so many weights in fp32 do not fit into the memory that is free."""
    needed, here = 4.0 * parameters * copies + 0.5 * GB, memory_here()
    if needed > here.free:
        raise BadRequest(
            f"This model has {parameters:,} weights and needs about {needed / GB:.1f} GB of "
            f"memory, and this machine has {here.free / GB:.1f} GB free: take a smaller one."
        )


def check_shape(config: PreTrainedConfig, matrices: int, copies: int = 1) -> None:
    """Raise BadRequest where a model of these settings is larger than its file and the memory.

    transformers makes the whole model before it looks into a file with so many matrices, and fills
    in what that lacks. Raises what transformers raises.
    """
    layers = int(cast(Any, config.get_text_config()).num_hidden_layers)
    if layers > matrices:
        raise BadRequest(
            f"The settings of this model say {layers:,} layers, and its file has {matrices:,} "
            "matrices only: download it again."
        )
    auto: Any = AutoModelForCausalLM
    with torch.device("meta"):  # without memory for the weights
        whole = auto.from_config(config, trust_remote_code=False)
    check_free(sum(one.numel() for one in (*whole.parameters(), *whole.buffers())), copies)


def open_elsewhere(run_folder: Path) -> tuple[ElsewhereModel, ElsewhereTokenizer]:
    """The model of an imported run, and its tokenizer.

    Raises CheckpointError where a file is damaged, and BadRequest where memory is short.
    """
    folder, origin = run_folder / FOLDER, read_origin(run_folder)
    damaged = CheckpointError(f"The files of this model are damaged: {REMEDY}")
    try:
        if any(digest(folder / name) != known for name, known in origin.kept.items()):
            raise damaged
    except OSError:
        raise damaged from None
    check_free(origin.parameters)
    model = ElsewhereModel(load_inner(folder).model)
    vocab_size = model.config.vocab_size
    tokenizer = ElsewhereTokenizer.open(folder / "tokenizer.json", origin.separator, vocab_size)
    return model, tokenizer
