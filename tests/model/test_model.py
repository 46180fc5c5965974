"""What makes it a GPT: causality, positions, a uniform start, a cache that changes nothing.

Each test is of the model in plain torch and of its faster counterpart, where there is one.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F
from transformers import Qwen3Config, Qwen3ForCausalLM

from tests import tiny
from tinylm.export.huggingface import qwen3_config, qwen3_weights
from tinylm.model.cache import KeyValueCache
from tinylm.model.gpt import GPT, rotary_tables, rotated
from tinylm.speed import fastest
from tinylm.text.tokenizer import SEPARATOR


@pytest.fixture(autouse=True, params=dict.fromkeys((GPT, fastest(GPT))), ids=lambda c: c.__name__)
def _kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny, "fastest", lambda _: request.param)


def random_ids(rows: int, length: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(1, tiny.MODEL.vocab_size, (rows, length), generator=generator)


def awake(model: GPT) -> GPT:
    """Output matrices of the blocks start at zero, norms at one: give them weights."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("wo.weight", "down.weight")):
                parameter.normal_(std=0.1, generator=generator)
            elif parameter.dim() == 1:
                parameter.normal_(1.0, std=0.2, generator=generator)
    return model


def test_shapes_and_number_of_parameters() -> None:
    model = tiny.model()
    assert model(random_ids(3, 10)).shape == (3, 10, 256)
    c, hidden = 32, 96  # 8/3 of 32, rounded up to 32
    layer = 4 * c * c + 3 * c * hidden + 2 * c + 2 * model.config.head_size
    assert model.num_parameters == 256 * c + 2 * layer + c


def test_documents_in_one_row_are_learned_as_if_each_stood_alone() -> None:
    model = awake(tiny.model())
    long, short = random_ids(1, 12), random_ids(1, 5, seed=1)
    long[0, 0] = short[0, 0] = SEPARATOR  # each begins with one
    together = torch.cat((long, short), dim=1)
    targets = random_ids(1, 17, seed=2)
    loss = model(together, targets)
    alone = 12 * model(long, targets[:, :12]) + 5 * model(short, targets[:, 12:])
    assert torch.allclose(loss, alone / 17, atol=1e-5)
    assert not torch.allclose(model(together)[:, 12:], model(short), atol=1e-2)  # a reader sees all


def test_logits_equal_those_of_hugging_faces_qwen3() -> None:
    ours, ids = awake(tiny.model()), random_ids(2, 16)
    theirs = Qwen3ForCausalLM(Qwen3Config(**qwen3_config(ours)))
    missing, unexpected = theirs.load_state_dict(qwen3_weights(ours), strict=False)
    assert not unexpected
    assert missing == ["lm_head.weight"]  # which is tied to the embedding
    theirs.tie_weights()
    assert torch.allclose(theirs(ids).logits, ours(ids), atol=1e-5)


def test_no_position_feels_a_later_one() -> None:
    model = awake(tiny.model())
    ids = torch.arange(1, 13)[None]  # each token once, so that its embedding is of one position
    model.hidden_states(ids)[0, 5].square().sum().backward()
    assert model.embedding.weight.grad is not None
    grad = model.embedding.weight.grad[ids[0]]
    assert torch.all(grad[6:] == 0)
    assert torch.all(grad[:6].abs().sum(dim=-1) > 0)


def test_changing_a_later_token_changes_no_earlier_logits() -> None:
    model, ids = awake(tiny.model()), random_ids(1, 16)
    changed = ids.clone()
    changed[0, 9] = (changed[0, 9] + 1) % 256
    before, after = model(ids), model(changed)
    assert torch.equal(before[0, :9], after[0, :9])
    assert not torch.allclose(before[0, 9:], after[0, 9:])


def test_the_order_of_earlier_tokens_matters() -> None:
    model, ids = awake(tiny.model()), random_ids(1, 8)
    swapped = ids[:, [1, 0, *range(2, 8)]]
    assert not torch.allclose(model(ids)[0, -1], model(swapped)[0, -1])


@pytest.mark.parametrize("vocab_size", [256, 1536])
def test_an_untrained_model_is_about_uniform(vocab_size: int) -> None:
    model = tiny.model(vocab_size=vocab_size)
    ids = torch.randint(0, vocab_size, (8, 32), generator=torch.Generator().manual_seed(1))
    targets = torch.randint(0, vocab_size, (8, 32), generator=torch.Generator().manual_seed(2))
    assert model(ids, targets).item() == pytest.approx(math.log(vocab_size), abs=0.05)


def test_the_loss_leaves_out_what_is_to_be_ignored() -> None:
    model, ids = awake(tiny.model()), random_ids(2, 6)
    targets = random_ids(2, 6, seed=1)
    targets[:, :4] = -100
    expected = F.cross_entropy(model(ids)[:, 4:].flatten(0, 1), targets[:, 4:].flatten())
    assert model(ids, targets).item() == pytest.approx(expected.item(), rel=1e-6)


def test_one_seed_gives_one_model() -> None:
    first, second, other = tiny.model(3), tiny.model(3), tiny.model(4)
    assert torch.equal(first.embedding.weight, second.embedding.weight)
    assert not torch.equal(first.embedding.weight, other.embedding.weight)


def test_a_cache_changes_nothing() -> None:
    model, ids = awake(tiny.model()).eval(), random_ids(2, 12)
    cache = KeyValueCache(model, rows=2, length=16)
    whole = model(ids)
    positions = torch.arange(12).expand(2, -1)
    first = model(ids[:, :7], cache=cache, positions=positions[:, :7])
    rest = [
        model(ids[:, i : i + 1], cache=cache, positions=positions[:, i : i + 1])
        for i in range(7, 12)
    ]
    assert torch.allclose(torch.cat([first, *rest], dim=1), whole, atol=1e-5)


def test_rows_of_a_cache_may_stand_at_different_positions() -> None:
    model, ids = awake(tiny.model()).eval(), random_ids(2, 10)
    cache = KeyValueCache(model, rows=2, length=16)
    model(ids[:, :8], cache=cache, positions=torch.arange(8).expand(2, -1))
    lengths = torch.tensor([8, 5])  # the second row goes on from its fifth token
    following = torch.tensor([[int(ids[0, 8])], [int(ids[1, 5])]])
    logits = model(following, cache=cache, positions=lengths[:, None])
    assert torch.allclose(logits[0, 0], model(ids[:1, :9])[0, -1], atol=1e-5)
    assert torch.allclose(logits[1, 0], model(ids[1:, :6])[0, -1], atol=1e-5)


def test_rotary_positions_depend_on_distance_only() -> None:
    cos, sin = rotary_tables(64, 8)
    q, k = torch.randn(2, 1, 1, 1, 8, generator=torch.Generator().manual_seed(0))

    def product(a: int, b: int) -> float:
        turned_q = rotated(q, cos[a : a + 1], sin[a : a + 1])
        turned_k = rotated(k, cos[b : b + 1], sin[b : b + 1])
        return float((turned_q * turned_k).sum())

    assert product(3, 1) == pytest.approx(product(40, 38), abs=1e-4)
    assert product(3, 1) != pytest.approx(product(3, 2), abs=1e-3)


def test_a_full_context_can_be_read() -> None:
    model = tiny.model(n_layer=1, n_head=1, n_embd=16, block_size=16)
    assert model(torch.zeros(1, 16, dtype=torch.int64)).shape == (1, 16, 256)


def test_a_row_longer_than_the_context_is_refused() -> None:
    model = tiny.model()
    with pytest.raises(ValueError, match="longer than the context"):
        model(random_ids(1, model.config.block_size + 1))
