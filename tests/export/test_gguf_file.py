"""The GGUF file: it holds what the model holds, and llama.cpp says the same with it."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.elsewhere import llama
from tests import tiny
from tinylm.corpora import load
from tinylm.errors import BadRequest
from tinylm.export import ExportedRun, format_named
from tinylm.export.gguf_file import gguf_bytes, mark_tokens
from tinylm.model.generate import generate
from tinylm.text.tokenizer import Tokenizer, train_tokenizer

MARKED = ["घर में सोता है, ", "e\u0301te\u0301 "]


def world_tokenizer() -> Tokenizer:
    return train_tokenizer((one.text for one in load("world", 500).train), 512)


def test_the_file_holds_weights_settings_and_tokens(tmp_path: Path) -> None:
    import gguf

    model, tokenizer = tiny.awake(), tiny.tokenizer()
    (tmp_path / "model.gguf").write_bytes(gguf_bytes(model, tokenizer, "a run"))
    file = gguf.GGUFReader(tmp_path / "model.gguf")
    assert file.get_field("general.architecture").contents() == "qwen3"
    assert file.get_field("tokenizer.ggml.add_bos_token").contents() is True
    assert len(file.get_field("tokenizer.ggml.tokens").contents()) == tokenizer.vocab_size
    tensors = {one.name: one.data for one in file.tensors}
    assert len(tensors) == len(dict(model.named_parameters()))
    embedding = model.embedding.weight.detach().numpy()
    assert np.array_equal(tensors["token_embd.weight"], embedding)
    wo = model.blocks[1].attention.wo.weight.detach().numpy()
    assert np.array_equal(tensors["blk.1.attn_output.weight"], wo)


def test_without_its_package_the_format_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(BadRequest, match="needs the package gguf: install it with pip"):
        gguf_bytes(tiny.awake(), tiny.tokenizer(), "a run")


def test_only_vocabularies_with_marks_may_be_cut_elsewhere() -> None:
    assert mark_tokens(world_tokenizer()) == ()
    marked = train_tokenizer(MARKED * 50, 300)
    assert mark_tokens(marked)
    assert mark_tokens(Tokenizer(marked.merges, 1)) == ()  # llama.cpp has this pattern itself


@pytest.mark.parametrize("marked", [True, False])
def test_the_card_says_where_llama_cpp_cuts_in_another_way(marked: bool, tmp_path: Path) -> None:
    tokenizer = train_tokenizer(MARKED * 50, 300) if marked else tiny.tokenizer()
    model, job = tiny.model(vocab_size=tokenizer.vocab_size), tiny.job(tmp_path)
    job.checkpoints.save(0, 0, job.config, model.config, model.state_dict(), {})
    tokenizer.save(tmp_path / "tokenizer.json")
    files = format_named("gguf").files(ExportedRun(tmp_path, 0, [], []))
    _, _, limits = files["README.md"].decode().partition("## Limits\n\n")
    count = len(mark_tokens(tokenizer))
    said = (
        f"\n- {count} of its {tokenizer.vocab_size} tokens may join a combining mark to a letter: "
    )
    assert (said in limits) == ("llama.cpp" in limits) == marked


@pytest.mark.skipif(not llama.there(), reason="llama.cpp is not installed")
def test_llama_cpp_cuts_words_with_marks_in_another_way(tmp_path: Path) -> None:
    """So what the card says of such vocabularies is true; the text itself is the same."""
    tokenizer = train_tokenizer(MARKED * 50, 300)
    path = tmp_path / "model.gguf"
    path.write_bytes(gguf_bytes(tiny.awake(vocab_size=tokenizer.vocab_size), tokenizer, "a run"))
    (found,) = llama.ask(path, 32, texts=[MARKED[1]]).ids
    assert found != tokenizer.encode(MARKED[1]) and tokenizer.decode(found) == MARKED[1]


@pytest.mark.skipif(not llama.there(), reason="llama.cpp is not installed")
def test_llama_cpp_reads_and_writes_the_same(tmp_path: Path) -> None:
    tokenizer = world_tokenizer()
    model = tiny.awake(vocab_size=tokenizer.vocab_size, block_size=256)
    path = tmp_path / "model.gguf"
    path.write_bytes(gguf_bytes(model, tokenizer, "a run"))
    draw = random.Random(1)
    texts = ["".join(draw.choices("ab é日\n\u0301'1.🗺", k=20)) for _ in range(200)]
    prompt = [0, *tokenizer.encode("The capital of")]
    found = llama.ask(path, 256, texts=texts, greedy=[llama.Greedy(prompt, 200)])
    assert found.ids == [tokenizer.encode(text) for text in texts]
    assert found.greedy == [generate(model, prompt, 200, temperature=0)]
