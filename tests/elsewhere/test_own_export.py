"""An export of our own comes back as the run that it was, or a sentence says why not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests import tiny
from tests.elsewhere.folders import brought, refused
from tinylm.export import ExportedRun, format_named, write_export
from tinylm.home import run_dir
from tinylm.model.elsewhere import ElsewhereModel
from tinylm.runs.service import Service
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.loop import train
from tinylm.training.stored_model import read_model


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of a run of twenty steps, and its export with the curve."""
    place = tmp_path_factory.mktemp("own")
    job = tiny.job(place / "run")
    (place / "run").mkdir(exist_ok=True)
    job.tokenizer.save(place / "run" / "tokenizer.json")
    for _ in train(job):
        pass
    run = ExportedRun(place / "run", 10, [], [])
    write_export(format_named("hf"), run, place / "hf")
    return place / "run", place / "hf"


def test_an_export_comes_back_bit_for_bit(exported: tuple[Path, Path], service: Service) -> None:
    place, source = exported
    row = brought(source, service)
    assert (row.kind, row.status) == ("pretrain", "done")
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
    model, _, _ = read_model(back, 10)
    assert not isinstance(model, ElsewhereModel)


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
