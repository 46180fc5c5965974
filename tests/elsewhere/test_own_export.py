"""An export of our own comes back as the run that it was, or a sentence says why not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from msgspec import structs
from safetensors.torch import load_file, save_file

from tests import tiny
from tests.elsewhere.folders import brought, refused
from tinylm.errors import BadRequest
from tinylm.events import CurvePoint, EvalDone, RunStarted, StepDone
from tinylm.export import ExportedRun, format_named, write_export
from tinylm.export.huggingface import qwen3_weights
from tinylm.home import run_dir
from tinylm.model.elsewhere import ElsewhereModel
from tinylm.model.lora import add_adapters
from tinylm.runs.service import Service
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.job import TrainingJob
from tinylm.training.loop import train
from tinylm.training.stored_model import read_model


def _tuned(place: Path, method: str) -> TrainingJob:
    """A job that says of itself that it fine-tunes the model `tiny.awake()` in this way."""
    job = tiny.job(place / "run")
    job.config = structs.replace(
        job.config,
        kind="finetune",
        init="base",
        parent="base-aaaa",
        task="facts",
        num_examples=8,
        method=method,
    )
    job.model = tiny.awake()
    return job


def _exported(place: Path, job: TrainingJob) -> tuple[Path, Path]:
    """The folder of the job's run, and what an export makes of its step 10 and of its curve."""
    folder = place / "run"
    folder.mkdir(exist_ok=True)
    job.tokenizer.save(folder / "tokenizer.json")
    events = list(train(job))
    (started,) = (event for event in events if isinstance(event, RunStarted))
    curve = [
        CurvePoint(e.step, e.tokens_seen, e.loss, e.lr, e.grad_norm, e.tokens_per_sec)
        for e in events
        if isinstance(e, StepDone)
    ]
    evals = [event for event in events if isinstance(event, EvalDone)]
    run = ExportedRun(folder, 10, curve, evals, started)
    write_export(format_named("hf"), run, place / "hf")
    return folder, place / "hf"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of a pre-trained run, and its export with the curve."""
    place = tmp_path_factory.mktemp("own")
    return _exported(place, tiny.job(place / "run"))


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of a run that learned adapters, and its export with these in the weights."""
    place = tmp_path_factory.mktemp("adapted")
    job = _tuned(place, "lora")
    add_adapters(job.model, job.config.lora_rank, job.config.lora_matrices, seed=1)
    return _exported(place, job)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of a run of which all weights were fine-tuned, and its export."""
    place = tmp_path_factory.mktemp("tuned")
    return _exported(place, _tuned(place, "full"))


@pytest.mark.parametrize(
    ("made", "kind", "method"),
    [
        ("exported", "pretrain", "full"),
        ("tuned", "finetune", "full"),
        ("adapted", "finetune", "lora"),
    ],
)
def test_an_export_comes_back_bit_for_bit(
    made: str, kind: str, method: str, request: pytest.FixtureRequest, service: Service
) -> None:
    place, source = request.getfixturevalue(made)
    row = brought(source, service)
    assert (row.kind, row.config.method, row.status) == (kind, method, "done")
    back = run_dir(service.home, row.id)
    mine, theirs = (CheckpointFolder(str(one / "checkpoints")).load(10) for one in (place, back))
    assert mine.config == theirs.config == row.config
    assert (mine.step, mine.tokens_seen, mine.model_config) == (
        theirs.step,
        theirs.tokens_seen,
        theirs.model_config,
    )
    assert mine.model.keys() == theirs.model.keys()
    assert all(torch.equal(mine.model[name], theirs.model[name]) for name in mine.model)
    assert (back / "tokenizer.json").read_bytes() == (place / "tokenizer.json").read_bytes()
    assert service.checkpoints(row.id) == [10]
    assert [point.step for point in service.curve(row.id)] == list(range(1, 11))
    assert [one.step for one in service.evals(row.id)][-1] == 10
    model, _, _ = read_model(back, 10)
    assert not isinstance(model, ElsewhereModel)


def test_merged_weights_are_not_those_of_the_base(adapted: tuple[Path, Path]) -> None:
    """Else a test that compares an export of adapters with itself would say nothing of them."""
    saved = load_file(adapted[1] / "model.safetensors")
    base = qwen3_weights(tiny.awake())
    changed = {name for name in base if not torch.equal(saved[name], base[name])}
    assert saved.keys() == base.keys() and len(changed) == 2 * 7  # the matrices of both blocks


def test_an_adapter_that_came_back_merged_cannot_be_taken_out_again(
    adapted: tuple[Path, Path], service: Service
) -> None:
    row = brought(adapted[1], service)
    back = ExportedRun(run_dir(service.home, row.id), 10, [], [])
    with pytest.raises(BadRequest, match="merged into its weights"):
        format_named("peft").files(back)
    assert (
        format_named("hf").files(back)["model.safetensors"]
        == (adapted[1] / "model.safetensors").read_bytes()
    )


def test_without_our_file_an_export_was_made_elsewhere(
    exported: tuple[Path, Path], service: Service, tmp_path: Path
) -> None:
    """The folder that transformers reads is enough to ask the model the same."""
    place, source = exported
    plain = Path(shutil.copytree(source, tmp_path / "plain"))
    (plain / "tinylm.json").unlink()
    row = brought(plain, service)
    assert row.kind == "elsewhere"
    ours, cutter, _ = read_model(place, 10)
    theirs, other, _ = read_model(run_dir(service.home, row.id), 1)
    text = "the red cat sees a dog."
    ids = [cutter.separator, *cutter.encode(text)]
    assert ids == [other.separator, *other.encode(text)]
    with torch.inference_mode():
        mine, there = (one.cpu()(torch.tensor([ids])) for one in (ours, theirs))
    torch.testing.assert_close(mine, there, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "damaged: export the run anew"),
        (b'{"version": 9}', "version 9, and this program reads version 1"),
        (b'{"version": 1, "step": -1}', "damaged: export the run anew"),
    ],
)
def test_a_broken_export_is_refused(
    data: bytes, sentence: str, exported: tuple[Path, Path], service: Service, tmp_path: Path
) -> None:
    broken = Path(shutil.copytree(exported[1], tmp_path / "broken"))
    (broken / "tinylm.json").write_bytes(data)
    assert sentence in refused(broken, service.home)


def test_an_export_with_other_weights_is_refused(
    exported: tuple[Path, Path], service: Service, tmp_path: Path
) -> None:
    broken = Path(shutil.copytree(exported[1], tmp_path / "broken"))
    weights = load_file(broken / "model.safetensors")
    weights.popitem()
    save_file(weights, broken / "model.safetensors")
    assert "do not fit what tinylm.json says" in refused(broken, service.home)


@pytest.mark.parametrize("name", ["corpus", "task"])
def test_names_that_no_corpus_and_no_task_has_are_refused(
    name: str, exported: tuple[Path, Path], service: Service, tmp_path: Path
) -> None:
    broken = Path(shutil.copytree(exported[1], tmp_path / "broken"))
    record = json.loads((broken / "tinylm.json").read_text("utf-8"))
    record["config"][name] = "../../etc/passwd"
    (broken / "tinylm.json").write_text(json.dumps(record), "utf-8")
    assert "damaged: export the run anew" in refused(broken, service.home)


def test_shapes_are_compared_before_weights_are_read(
    exported: tuple[Path, Path],
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Path(shutil.copytree(exported[1], tmp_path / "broken"))
    record = json.loads((broken / "tinylm.json").read_text("utf-8"))
    record["shape"] |= {"n_embd": 2048, "n_head": 32, "n_layer": 48}  # 10 GB of weights
    (broken / "tinylm.json").write_text(json.dumps(record), "utf-8")
    monkeypatch.setattr("safetensors.torch.load_file", lambda _: pytest.fail("they were read"))
    assert "do not fit what tinylm.json says" in refused(broken, service.home)
