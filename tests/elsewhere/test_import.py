"""What can be imported becomes a run; what cannot says in one sentence why not, and what to do."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import gguf
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from tests import tiny
from tests.elsewhere.folders import END, TEXTS, brought, folder, refused, tokenizer
from tinylm.answers.engine import run
from tinylm.answers.loading import load_model
from tinylm.config import RunConfig
from tinylm.elsewhere import foreign, prepared
from tinylm.errors import BadRequest, CheckpointError
from tinylm.export.gguf_file import gguf_bytes
from tinylm.home import run_dir
from tinylm.model.elsewhere import ElsewhereModel
from tinylm.origin import FOLDER, ORIGIN, read_origin
from tinylm.runs import adopting
from tinylm.runs.heartbeat import beating
from tinylm.runs.service import Service
from tinylm.runs.store.rows import Claim
from tinylm.text.tokenizer import train_tokenizer
from tinylm.training.stored_model import read_model


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder("llama", tmp_path_factory.mktemp("models") / "tiny-llama")


@pytest.fixture
def copied(llama: Path, tmp_path: Path) -> Path:
    """A folder that a test may break."""
    return Path(shutil.copytree(llama, tmp_path / "tiny-llama"))


def test_a_folder_becomes_a_run_that_is_done(llama: Path, service: Service) -> None:
    row = brought(llama, service)
    assert (row.kind, row.status, row.title) == ("elsewhere", "done", "tiny-llama")
    assert service.checkpoints(row.id) == [1] and service.best_step(row.id) == 1
    origin = read_origin(run_dir(service.home, row.id))
    assert (origin.kind, origin.architecture, origin.context) == ("folder", "LlamaForCausalLM", 128)
    kept = run_dir(service.home, row.id) / FOLDER / "model.safetensors"
    assert kept.read_bytes() == (llama / "model.safetensors").read_bytes()
    assert row in service.runs() and row not in service.runs("pretrain")
    assert not [path for path in (service.home / "runs").iterdir() if path.name != row.id]


def test_another_machine_brings_it_from_the_shared_place(
    llama: Path, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_STORAGE", str(tmp_path / "shared"))
    row = brought(llama, service)
    other = tmp_path / "other"
    model, _, _ = load_model(other, row.id, 1, elsewhere=True)
    assert isinstance(model, ElsewhereModel)
    assert read_origin(run_dir(other, row.id)) == read_origin(run_dir(service.home, row.id))


def test_who_copies_to_a_slow_place_shows_life(
    llama: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it looks interrupted while its weights go there, and somebody may resume it."""
    beaten = threading.Event()

    def beat(claim: Claim) -> None:
        beaten.set()

    monkeypatch.setattr(service.store, "beat", beat)
    monkeypatch.setattr(adopting, "beating", partial(beating, every=0.001))
    monkeypatch.setattr(adopting, "share", lambda folder: beaten.wait(10) or pytest.fail("no life"))
    assert brought(llama, service).status == "done"


def test_an_import_that_was_killed_is_not_trained(llama: Path, service: Service) -> None:
    with prepared(llama, service.home) as made:
        claim = service.store.create_claimed(made.config, "half", "", "worker")
    with pytest.raises(BadRequest, match="import anew"):
        next(iter(run(claim.config, run_dir(service.home, claim.run_id), service.home)))


def test_only_what_asks_for_such_a_model_gets_it(llama: Path, service: Service) -> None:
    row = brought(llama, service)
    for step, wanted in ((1, False), (0, True), (7, True)):
        with pytest.raises(BadRequest, match="made elsewhere"):
            load_model(service.home, row.id, step, elsewhere=wanted)


def test_it_is_no_base_for_training(llama: Path, service: Service) -> None:
    row = brought(llama, service, "My llama")
    assert row.title == "My llama"
    config = RunConfig(kind="finetune", parent=row.id, task="facts", init="base", num_examples=8)
    with pytest.raises(BadRequest, match="made elsewhere is not trained here"):
        service.start(config)


def test_a_damaged_copy_is_noticed(llama: Path, service: Service) -> None:
    row = brought(llama, service)
    place = run_dir(service.home, row.id)
    path = place / FOLDER / "model.safetensors"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CheckpointError, match="damaged: import the model anew"):
        read_model(place, 1)
    (place / FOLDER / ORIGIN).write_text("{")
    with pytest.raises(CheckpointError, match="import the model anew"):
        read_model(place, 1)


def test_parts_of_weights_are_read_as_one(llama: Path, service: Service, tmp_path: Path) -> None:
    source = tmp_path / "parts"
    AutoModelForCausalLM.from_pretrained(llama).save_pretrained(source, max_shard_size="20KB")
    shutil.copyfile(llama / "tokenizer.json", source / "tokenizer.json")
    assert not (source / "model.safetensors").exists()
    row = brought(source, service)
    ids = torch.tensor([[0, 5, 9]])
    with torch.inference_mode():
        mine = read_model(run_dir(service.home, row.id), 1)[0].cpu()(ids)
        own = AutoModelForCausalLM.from_pretrained(llama, dtype=torch.float32)(ids).logits
    torch.testing.assert_close(mine, own, atol=1e-4, rtol=1e-4)


# GGUF


def gguf_file(path: Path, architecture: str = "qwen3") -> Path:
    """A tiny model with random weights as llama.cpp keeps it."""
    source = folder("qwen3", path.parent / "qwen3", rows=0, head_dim=8)
    weights = load_file(source / "model.safetensors")
    cutter = tokenizer()
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_name("tiny")
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_block_count(3)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_key_length(8)
    writer.add_value_length(8)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(cutter.get_vocab_size())
    described = json.loads(cutter.to_str())["model"]
    tokens = sorted(described["vocab"], key=described["vocab"].__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token == END else 1 for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in described["merges"]])
    for name in ("bos", "eos"):
        getattr(writer, f"add_{name}_token_id")(0)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, 3)
    for name, weight in weights.items():
        stem, _, last = name.rpartition(".")
        writer.add_tensor(f"{names.get_name(stem)}.{last}", weight.float().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_gguf_file_becomes_a_run(service: Service, tmp_path: Path) -> None:
    row = brought(gguf_file(tmp_path / "tiny.gguf"), service)
    place = run_dir(service.home, row.id)
    origin = read_origin(place)
    assert (row.title, origin.kind, list(origin.sha256)) == ("tiny", "gguf", ["tiny.gguf"])
    model, cutter, _ = read_model(place, 1)
    ids = [cutter.separator, *cutter.encode("the red cat sees")]
    assert ids[1:] == tokenizer().encode("the red cat sees").ids
    with torch.inference_mode():
        own = AutoModelForCausalLM.from_pretrained(tmp_path / "qwen3", dtype=torch.float32)
        expected = own(torch.tensor([ids])).logits
        torch.testing.assert_close(model.cpu()(torch.tensor([ids])), expected, atol=1e-4, rtol=1e-4)


def test_a_gguf_file_of_our_own_says_the_same_as_our_model(
    service: Service, tmp_path: Path
) -> None:
    """It has no tinylm.json, so it comes back as one made elsewhere, with our ids and logits."""
    cutter = train_tokenizer(TEXTS * 5, 330)
    ours = tiny.awake(vocab_size=cutter.vocab_size)
    (tmp_path / "ours.gguf").write_bytes(gguf_bytes(ours, cutter, "a run"))
    row = brought(tmp_path / "ours.gguf", service)
    theirs, other, _ = read_model(run_dir(service.home, row.id), 1)
    assert isinstance(theirs, ElsewhereModel) and other.separator == cutter.separator
    for text in (*TEXTS[:3], *TEXTS[-2:], "It's 1234 naïve 日本 🗺️", "  two\n\n\t lines"):
        assert other.encode(text) == cutter.encode(text)
    ids = torch.tensor([[cutter.separator, *cutter.encode("the red cat sees")]])
    with torch.inference_mode():
        torch.testing.assert_close(theirs.cpu()(ids), ours(ids), atol=1e-4, rtol=1e-4)


def test_a_broken_gguf_file_is_refused(service: Service, tmp_path: Path) -> None:
    whole = gguf_file(tmp_path / "whole.gguf").read_bytes()
    broken = tmp_path / "broken.gguf"
    for data, sentence in (
        (b"not a model at all", "is no GGUF file"),
        (whole[:200], "damaged or not complete"),
        (whole[:-5000], "damaged or not complete"),
    ):
        broken.write_bytes(data)
        assert sentence in refused(broken, service.home)


def test_a_gguf_file_of_an_unknown_architecture_is_refused(
    service: Service, tmp_path: Path
) -> None:
    said = refused(gguf_file(tmp_path / "new.gguf", "tomorrow"), service.home)
    assert "is none that transformers can read from a GGUF file" in said


# What cannot be imported


def _remove(name: str) -> Callable[[Path], None]:
    return lambda place: (place / name).unlink()


def _write(name: str, text: str) -> Callable[[Path], object]:
    return lambda place: (place / name).write_text(text)


def settings(**changed: object) -> Callable[[Path], object]:
    def change(place: Path) -> None:
        known = json.loads((place / "config.json").read_text())
        (place / "config.json").write_text(json.dumps(known | changed))

    return change


def _cut(place: Path) -> None:
    path = place / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def _pickled(place: Path) -> None:
    (place / "model.safetensors").rename(place / "pytorch_model.bin")


def _without_a_matrix(place: Path) -> None:
    weights = load_file(place / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, place / "model.safetensors", {"format": "pt"})


def _lower_case(place: Path) -> None:
    known = json.loads((place / "tokenizer.json").read_text())
    known["normalizer"] = {"type": "Lowercase"}
    (place / "tokenizer.json").write_text(json.dumps(known))


def _more_tokens(place: Path) -> None:
    known = json.loads((place / "tokenizer.json").read_text())
    known["model"]["vocab"] |= {"x" * n: 400 + n for n in range(50, 60)}
    (place / "tokenizer.json").write_text(json.dumps(known))


def _nameless(place: Path) -> None:
    (place / "tokenizer_config.json").write_text("{}")
    text = (place / "tokenizer.json").read_text()
    (place / "tokenizer.json").write_text(text.replace(END, "<|nothing|>"))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_remove("config.json"), "has no config.json"),
        (_write("config.json", "[1"), "config.json is damaged"),
        (settings(model_type="tomorrow"), "'tomorrow' is none that the installed transformers"),
        (settings(auto_map={"AutoModel": "x.Y"}), "wants to run code of its own"),
        (settings(quantization_config={"quant_method": "gptq"}), "rounded to few bits"),
        (
            _write("tokenizer_config.json", '{"auto_map": {"AutoTokenizer": ["x.Y", null]}}'),
            "wants to run code of its own",
        ),
        (settings(model_type="t5"), "does not continue texts"),
        (settings(hidden_size=64), "do not fit the settings"),
        (_cut, "damaged or not complete"),
        (_pickled, "a pickle can run any code"),
        (_remove("model.safetensors"), "has no model.safetensors"),
        (_without_a_matrix, "lacks 1 of the model's matrices"),
        (_remove("tokenizer.json"), "no tokenizer.json"),
        (_write("tokenizer.json", "{}"), "tokenizer.json cannot be read"),
        (_lower_case, "This tokenizer changes a text"),
        (_more_tokens, "they do not belong together"),
        (_nameless, "no token that begins or ends a text"),
    ],
)
def test_a_broken_folder_is_refused(
    spoil: Callable[[Path], object], sentence: str, copied: Path, service: Service
) -> None:
    spoil(copied)
    assert sentence in refused(copied, service.home)


def test_what_is_not_there_is_said(service: Service, tmp_path: Path) -> None:
    assert "There is no file or folder" in refused(tmp_path / "nothing", service.home)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_rights_is_said(copied: Path, service: Service) -> None:
    copied.chmod(0)
    try:
        assert "give yourself the right to read" in refused(copied, service.home)
    finally:
        copied.chmod(0o700)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_file_without_rights_is_said(
    copied: Path, service: Service, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Not that it is damaged, which another download would not mend."""
    opened = Path.open

    def denied(path: Path, mode: str = "r", *rest: object) -> object:
        if path == copied / name:
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", denied)
    said = refused(copied, service.home)
    assert f"{name} cannot be read (Permission denied): give yourself the right" in said


def test_without_accelerate_there_is_a_sentence(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """transformers wants it for a GGUF file, and only for one."""
    source = tmp_path / "tiny.gguf"
    source.write_bytes(b"GGUF")
    monkeypatch.setattr(foreign, "is_accelerate_available", lambda: False)
    assert 'pip install ".[elsewhere]"' in refused(source, service.home)


def test_a_model_that_reads_both_ways_is_refused(service: Service, tmp_path: Path) -> None:
    """BERT counts as a language model in transformers, though it looks at later words."""
    from transformers import BertConfig

    from tests.elsewhere.folders import awake

    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(**shape, intermediate_size=64, vocab_size=330)
    source = tmp_path / "bert"
    awake(config).save_pretrained(source)
    tokenizer().save(str(source / "tokenizer.json"))
    assert "in a way that tinylm cannot follow" in refused(source, service.home)


def test_without_the_package_there_is_a_sentence(
    llama: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = brought(llama, service)
    for name in ("tinylm.elsewhere.foreign", "tinylm.model.elsewhere"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(BadRequest, match=r"pip install \"\.\[elsewhere\]\""):
        read_model(run_dir(service.home, row.id), 1)
    with (
        pytest.raises(BadRequest, match=r"pip install \"\.\[elsewhere\]\""),
        prepared(llama, service.home),
    ):
        pass


def test_a_model_larger_than_the_memory_is_refused(
    llama: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinylm.memory import Memory
    from tinylm.model import elsewhere

    monkeypatch.setattr(elsewhere, "memory_here", lambda: Memory(1e9, 1e8))
    assert "0.1 GB free: take a smaller one" in refused(llama, service.home)
