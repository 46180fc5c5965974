"""The folder for transformers: what it loads there says and reads the same as our model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.elsewhere.table import random_strings
from tests import tiny
from tinylm.corpora import load
from tinylm.export import ExportedRun, format_named, write_export
from tinylm.export.huggingface import END, qwen3_config, qwen3_weights
from tinylm.model.generate import generate
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import FORMAT_VERSION, PATTERNS, Tokenizer, train_tokenizer
from tinylm.training.loop import train
from tinylm.training.stored_model import read_model

MARKED = "घर में सोता है, يَنامُ الكَلْبُ, บ้านที่อบอุ่น, e\u0301te\u0301"
TEXTS = (
    "",
    "The capital of Ghana is Accra.",
    "  two\n\n\t lines ’s, it's 1234 naïve 日本 🗺️ ĀĠ",
    " ",
    MARKED,
)
# Few letters give long tokens and repetitions, which is where two encoders could disagree.
ALPHABETS = st.one_of(
    st.text(), st.text("ab "), st.text("the anrs'\n"), st.text("Ā\x01\u0085\u00a0\u2028é🗺")
).filter(lambda text: "\0" not in text)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of twenty steps, with its tokenizer and checkpoints."""
    folder = tmp_path_factory.mktemp("run")
    job = tiny.job(folder)
    job.tokenizer.save(folder / "tokenizer.json")
    for _ in train(job):
        pass
    return folder


@pytest.fixture(scope="module")
def exported(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exports") / "hf"
    write_export(format_named("hf"), ExportedRun(run_folder, -1, [], []), out)
    return out


@pytest.fixture(scope="module")
def ours(run_folder: Path) -> tuple[GPT, Tokenizer]:
    model, tokenizer, _ = read_model(run_folder, -1)
    return model.cpu(), tokenizer


@pytest.fixture(scope="module")
def theirs(exported: Path) -> Any:
    return transformers.AutoModelForCausalLM.from_pretrained(exported)


def loaded(folder: Path) -> Any:
    return transformers.AutoTokenizer.from_pretrained(folder)


def test_the_model_gives_the_same_logits(ours: tuple[GPT, Tokenizer], theirs: Any) -> None:
    assert type(theirs) is transformers.Qwen3ForCausalLM
    ids = torch.randint(1, 256, (3, 30), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.allclose(theirs(ids).logits, ours[0](ids), atol=1e-5)
        assert not torch.allclose(theirs(ids).logits, tiny.model(1)(ids), atol=1e-2)


def test_it_continues_a_prompt_as_our_model_does(
    exported: Path, ours: tuple[GPT, Tokenizer], theirs: Any
) -> None:
    model, tokenizer = ours
    ids = [tokenizer.separator, *tokenizer.encode("the red")]
    prompt = loaded(exported)("the red", return_tensors="pt")
    assert prompt["input_ids"][0].tolist() == ids
    written = theirs.generate(**prompt, max_new_tokens=12, do_sample=False)[0].tolist()
    with torch.no_grad():
        for _ in range(12):
            ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
            if ids[-1] == tokenizer.separator:
                break
    assert written == ids
    shown = loaded(exported).decode(written, skip_special_tokens=True)
    assert shown == tokenizer.decode(i for i in ids if i != tokenizer.separator)


def test_greedy_text_is_the_same_over_200_tokens() -> None:
    """Within the context: beyond it our model forgets the earlier half, and theirs does not."""
    model = tiny.awake(block_size=256)
    config = transformers.Qwen3Config(**qwen3_config(model))
    theirs = transformers.Qwen3ForCausalLM(config).eval()
    theirs.load_state_dict(qwen3_weights(model), strict=False)
    theirs.tie_weights()
    prompt = [0, 116, 104, 101]
    asked = {"do_sample": False, "max_new_tokens": 200, "eos_token_id": None}
    written = theirs.generate(torch.tensor([prompt]), **asked)[0].tolist()
    ours = generate(model, prompt, 200, temperature=0)
    assert written[len(prompt) :] == ours and len(ours) == 200
    assert len(set(ours)) > 3  # not one token again and again


@pytest.fixture(scope="module", params=PATTERNS)
def encoders(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Tokenizer, Any]:
    """Our tokenizer of the made world and of marked letters, and the exported one."""
    folder = tmp_path_factory.mktemp("world")
    texts = [d.text for d in load("world", 2_000).train] + [MARKED] * 100
    tokenizer = Tokenizer(train_tokenizer(texts, 1024).merges, request.param)
    model = tiny.model(vocab_size=tokenizer.vocab_size)
    job = tiny.job(folder)
    job.checkpoints.save(0, 0, job.config, model.config, model.state_dict(), {})
    tokenizer.save(folder / "tokenizer.json")
    write_export(format_named("hf"), ExportedRun(folder, 0, [], []), folder / "hf")
    return tokenizer, loaded(folder / "hf")


def check_same(encoders: tuple[Tokenizer, Any], text: str) -> None:
    tokenizer, theirs = encoders
    ids = theirs(text, add_special_tokens=False)["input_ids"]
    assert ids == tokenizer.encode(text)
    assert theirs.decode(ids) == text
    assert theirs(text)["input_ids"] == [tokenizer.separator, *ids]


@pytest.mark.parametrize("text", TEXTS)
def test_the_tokenizer_gives_the_same_ids_and_the_text_back(
    encoders: tuple[Tokenizer, Any], text: str
) -> None:
    check_same(encoders, text)


def test_the_patterns_differ_in_what_is_tested(encoders: tuple[Tokenizer, Any]) -> None:
    ids = [len(Tokenizer(encoders[0].merges, version).encode(MARKED)) for version in PATTERNS]
    assert ids[1] < ids[0]


def test_documents_of_the_world_get_the_same_ids(encoders: tuple[Tokenizer, Any]) -> None:
    for document in load("world", 300).val[:300]:
        check_same(encoders, document.text)


@settings(deadline=None, max_examples=300)
@given(text=ALPHABETS)
def test_any_text_gets_the_same_ids(encoders: tuple[Tokenizer, Any], text: str) -> None:
    check_same(encoders, text)


def test_ten_thousand_random_strings_get_the_same_ids(encoders: tuple[Tokenizer, Any]) -> None:
    tokenizer, theirs = encoders
    number = 10_000 if tokenizer.version == FORMAT_VERSION else 1_000
    texts = [*random_strings(number), END, f"a{END} b", f"{END}{END}"]
    found = theirs(texts, add_special_tokens=False)["input_ids"]
    assert found == tokenizer.encode_batch(texts)


def test_the_separator_has_a_name_there(encoders: tuple[Tokenizer, Any]) -> None:
    tokenizer, theirs = encoders
    assert theirs.eos_token == theirs.bos_token == END
    assert theirs.eos_token_id == theirs.bos_token_id == tokenizer.separator
    assert len(theirs) == tokenizer.vocab_size
