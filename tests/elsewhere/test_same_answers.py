"""Models made elsewhere: our way of asking them gives the answers of their own library."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from tests.elsewhere.folders import FORMS, TEXTS, folder
from tinylm.elsewhere.base import Prepared
from tinylm.elsewhere.foreign import take_in
from tinylm.evaluation.context import prompt_ids
from tinylm.evaluation.scoring import Question, score
from tinylm.inside.traces import Trace, inspect, odds_after
from tinylm.model.elsewhere import ElsewhereModel
from tinylm.model.generate import generate
from tinylm.model.words import END, next_whole
from tinylm.text.elsewhere import ElsewhereTokenizer
from tinylm.training.stored_model import read_model

Imported = tuple[ElsewhereModel, ElsewhereTokenizer, PreTrainedModel]
PROMPT = "the red cat sees a dog.\nGhana ->"
CHOICES = (" Accra", " Nairobi", " Nairobi, not 12", " a cat")


@pytest.fixture(scope="module", params=FORMS)
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """A model as a run has it, its tokenizer, and the model as transformers reads it."""
    source = folder(request.param, tmp_path_factory.mktemp("source"))
    made: Prepared = take_in(source, tmp_path_factory.mktemp("run"))
    model, tokenizer, config = read_model(made.folder, 1)
    assert config.kind == "elsewhere" and made.config.model == config.model
    assert isinstance(model, ElsewhereModel) and isinstance(tokenizer, ElsewhereTokenizer)
    own = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32).eval()
    return model.cpu(), tokenizer, own


@torch.inference_mode()
def test_logits_are_those_of_transformers(imported: Imported) -> None:
    model, tokenizer, own = imported
    ids = torch.tensor([prompt_ids(tokenizer, PROMPT)])
    torch.testing.assert_close(model(ids), own(ids).logits, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_choices_have_the_probabilities_of_a_direct_computation(imported: Imported) -> None:
    """Batches, a cache and trees of choices change nothing, whatever stands beside them."""
    model, tokenizer, own = imported
    questions = [
        Question(PROMPT, CHOICES),
        Question("a", CHOICES),
        Question(f"{PROMPT} x", (" a",)),
    ]
    for question, found in zip(questions, score(model, tokenizer, questions), strict=True):
        prompt = prompt_ids(tokenizer, question.prompt)
        for choice, value in zip(question.choices, found.log_probabilities, strict=True):
            answer = tokenizer.encode(choice + question.end)
            odds = own(torch.tensor([[*prompt, *answer]])).logits[0].log_softmax(dim=-1)
            places = range(len(prompt) - 1, len(prompt) - 1 + len(answer))
            direct = sum(
                odds[place, token].item() for place, token in zip(places, answer, strict=True)
            )
            assert value == pytest.approx(direct, abs=1e-3)


@torch.inference_mode()
def test_greedy_text_is_that_of_generate(imported: Imported) -> None:
    model, tokenizer, own = imported
    ids = prompt_ids(tokenizer, PROMPT)
    written = own.generate(
        torch.tensor([ids]), max_new_tokens=60, do_sample=False, eos_token_id=None
    )
    assert generate(model, ids, 60, temperature=0.0) == written[0, len(ids) :].tolist()


@torch.inference_mode()
def test_attention_and_layers_are_seen(imported: Imported) -> None:
    model, tokenizer, own = imported
    ids = torch.tensor([prompt_ids(tokenizer, PROMPT)])
    seen = Trace(model, ids)
    assert len(seen.attention) == 3 and len(seen.residuals) == 4
    for layer in seen.attention:
        assert layer.shape == (1, 4, ids.shape[1], ids.shape[1])
        torch.testing.assert_close(layer.sum(dim=-1), torch.ones(layer.shape[:3]))
        assert not layer[0, 0].triu(1).any()
    # The lens ends with what the model says, so the last norm was found.
    last = odds_after(model, seen.residuals[-1])
    torch.testing.assert_close(last, own(ids).logits.softmax(dim=-1), atol=1e-4, rtol=1e-4)
    page = inspect(model, tokenizer, PROMPT)
    assert page.tokens == ("", *(tokenizer.token_text(i) for i in tokenizer.encode(PROMPT)))


@torch.inference_mode()
def test_whole_words_have_odds(imported: Imported) -> None:
    model, tokenizer, own = imported
    ids = prompt_ids(tokenizer, PROMPT)
    found = next_whole(model, tokenizer, ids, 8)
    assert sum(chance for _, chance in found.likely) + found.rest == pytest.approx(1.0, abs=1e-3)
    first = own(torch.tensor([ids])).logits[0, -1].softmax(dim=-1)
    for text, chance in found.likely:
        begins = [
            i for i in range(len(first)) if text.encode().startswith(tokenizer.token_bytes(i))
        ]
        assert chance <= first[begins].sum().item() + 1e-4 or text == END or "\ufffd" in text


def test_texts_come_back_from_their_tokens(imported: Imported) -> None:
    _, tokenizer, _ = imported
    for text in (*TEXTS, "naïve 日本 🗺️ <|endoftext|>", "  two\n\n"):
        assert tokenizer.decode(tokenizer.encode(text)) == text
        assert tokenizer.separator not in tokenizer.encode(text)
    assert tokenizer.encode_batch(TEXTS) == [tokenizer.encode(text) for text in TEXTS]


def test_an_answer_ends_wherever_its_line_ends(imported: Imported) -> None:
    """A token may hold the end of a line together with what stands beside it."""
    _, tokenizer, _ = imported
    stops = {tokenizer.token_bytes(i) for i in tokenizer.stops("\n")}
    assert b"\n\n" in stops or tokenizer.encode("\n\n") == tokenizer.encode("\n") * 2
    assert {b"\n", b"\0"} <= stops and b" Accra" not in stops
    assert tokenizer.answer(tokenizer.encode(" Accra\nKenya"), "\n") == "Accra"
