"""Looking into a model: what a pass goes through, induction scores, drawing token by token."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from tests import tiny
from tinylm.answers.inside import END, draw
from tinylm.codec import decode, encode
from tinylm.config import RunConfig
from tinylm.errors import BadRequest
from tinylm.inside.traces import (
    MAX_TOKENS,
    TOP,
    Trace,
    induction_scores,
    inspect,
    plane,
    unembedded,
)
from tinylm.model.generate import draw_next, sampling_odds
from tinylm.model.gpt import GPT, Block
from tinylm.questions.inside import Draw, Inspection
from tinylm.text.tokenizer import Tokenizer

pytestmark = pytest.mark.usefixtures("one_thread")
TEXT = "the red cat sees"


def moved(seed: int = 0) -> GPT:
    """A model whose blocks do something: untrained ones begin as the identity."""
    model = tiny.model(seed)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn(parameter.shape, generator=random))
    return model


def test_what_is_seen_is_what_the_model_computes() -> None:
    model = moved()
    ids = torch.randint(0, 256, (2, 17), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        seen = Trace(model, ids)
        logits = unembedded(model, seen.residuals[-1])
        torch.testing.assert_close(logits, model(ids), atol=1e-5, rtol=1e-4)
    for weights in seen.attention:
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 2, 17))
        assert not weights.triu(1).any()
    assert len(seen.residuals) == 1 + sum(isinstance(m, Block) for m in model.blocks)


def test_what_is_found_has_the_right_shape() -> None:
    found = inspect(moved(), tiny.tokenizer(), TEXT)
    size = len(found.tokens)
    assert "".join(found.tokens) == TEXT
    assert decode(encode(found), Inspection) == found
    assert len(found.odds) == len(found.given) == size
    assert all(len(row) == TOP for row in found.odds)
    assert found.given[-1] is None
    assert [len(head) for layer in found.attention for head in layer] == [size] * 4
    assert [len(row) for row in found.lens] == [size] * 3
    for position, row in enumerate(found.odds):
        assert found.lens[-1][position].text == row[0].text


def test_a_text_too_long_or_with_nul_is_refused_in_words() -> None:
    with pytest.raises(BadRequest, match="shorten"):
        inspect(moved(), tiny.tokenizer(), "x" * (MAX_TOKENS + 1))
    with pytest.raises(BadRequest, match="NUL"):
        inspect(moved(), tiny.tokenizer(), "a\0b")


def test_a_head_that_attends_evenly_has_the_score_of_chance() -> None:
    model = tiny.model(0)
    with torch.no_grad():
        for block in model.blocks:
            block.attention.wq.weight.zero_()  # type: ignore[union-attr, operator]
    scores = induction_scores(model)
    count = (tiny.MODEL.block_size - 1) // 2
    even = sum(1 / (i + 1) for i in range(count + 1, 2 * count + 1)) / count
    for layer in scores:
        assert layer == pytest.approx([even, even], abs=1e-3)


def test_the_plane_is_that_of_greatest_spread() -> None:
    random = torch.Generator().manual_seed(0)
    flat = torch.randn(40, 2, generator=random) * torch.tensor([5.0, 2.0])
    turn = torch.linalg.qr(torch.randn(6, 6, generator=random)).Q[:2]
    points = flat @ turn + 3
    centre, directions = plane(points)
    assert directions.shape == (6, 2)
    back = (points - centre) @ directions @ directions.T + centre
    torch.testing.assert_close(back, points, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7])
@pytest.mark.parametrize(("top_k", "top_p"), [(0, 1.0), (5, 1.0), (0, 0.6), (20, 0.9), (0, 0.05)])
def test_the_odds_drawn_from_are_those_of_transformers(
    temperature: float, top_k: int, top_p: float
) -> None:
    logits = torch.randn(50, generator=torch.Generator().manual_seed(top_k)) * 2
    wanted = TemperatureLogitsWarper(temperature)(None, logits[None])
    if top_k:
        wanted = TopKLogitsWarper(top_k)(None, wanted)
    if top_p < 1:
        wanted = TopPLogitsWarper(top_p)(None, wanted)
    ours = sampling_odds(logits, temperature, top_k, top_p)
    torch.testing.assert_close(ours, wanted[0].softmax(dim=-1), atol=1e-6, rtol=1e-5)


def test_a_draw_repeats_itself_and_takes_the_likeliest_at_temperature_zero() -> None:
    model, context = moved(), [0, 5, 9]

    def once(temperature: float, seed: int) -> int:
        drawn = draw_next(
            model, context, temperature=temperature, top_k=0, top_p=1.0, seed=seed, top=4
        )
        assert len(drawn.before) == len(drawn.after) == 4
        return drawn.token

    assert once(1.5, 3) == once(1.5, 3)
    assert len({once(1.5, seed) for seed in range(20)}) > 1
    with torch.inference_mode():
        best = int(model(torch.tensor([context]))[0, -1].argmax())
    assert once(0.0, 1) == best
    with pytest.raises(BadRequest):
        draw_next(model, context, temperature=1, top_k=0, top_p=0, seed=1)


def test_a_text_that_the_model_ends_is_not_read_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = (moved(), Tokenizer(()), RunConfig())
    monkeypatch.setattr("tinylm.answers.inside.load_model", lambda *_, **__: loaded)
    found = [draw(Draw("a-run", 1, "a", 60, 3.0, 0, 1.0, seed), tmp_path) for seed in range(12)]
    ended = [one for one in found if one.ended]
    assert ended and len(ended) < len(found)
    for one in found:
        assert "\0" not in one.text
        assert (len(one.tokens) < 60) <= one.ended
        assert [token.text for token in one.tokens].count(END) == one.ended
        assert (one.tokens[-1].text == END) == one.ended
