"""What was made to do harm is refused: names out of the folder, sizes and figures of no model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tests.elsewhere.folders import brought, refused
from tests.elsewhere.test_import import copied, gguf_file, llama, settings
from tests.elsewhere.test_own_export import exported
from tinylm.home import run_dir
from tinylm.origin import FOLDER
from tinylm.runs.service import Service

__all__ = ["copied", "exported", "llama"]  # fixtures


def _index(**parts: object) -> Callable[[Path], None]:
    def write(place: Path) -> None:
        (place / "model.safetensors").rename(place / "a.safetensors")
        (place / "model.safetensors.index.json").write_text(
            json.dumps({"metadata": {}, "weight_map": parts.get("weights", parts)})
        )

    return write


def _weights_beside_the_folder(place: Path) -> None:
    """The same name lies in the folder, so that a look at the name alone finds nothing wrong."""
    weights = load_file(place / "model.safetensors")
    save_file(weights, place.parent / "a.safetensors", {"format": "pt"})
    _index(**dict.fromkeys(weights, "../a.safetensors"))(place)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (settings(num_hidden_layers=10**7), "say 10,000,000 layers, and its file has"),
        (settings(intermediate_size=10**12), "take a smaller one"),
        (_weights_beside_the_folder, "names other files than .safetensors files in its folder"),
        (_index(weights=[]), "index.json is damaged"),
        (_index(weights={}), "index.json is damaged"),
        (_index(a="a.bin"), "names other files than .safetensors"),
        (lambda place: (place / "tokenizer.json").write_bytes(b"\xff"), "json is damaged"),
    ],
)
def test_a_harmful_folder_is_refused(
    spoil: Callable[[Path], object], sentence: str, copied: Path, service: Service
) -> None:
    spoil(copied)
    assert sentence in refused(copied, service.home)


POINT = {"tokens_seen": 5, "loss": 1.0, "lr": 0.1, "grad_norm": 1.0, "tokens_per_sec": 1.0}


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "elsewhere"},
        {"kind": "finetune", "parent": "../other", "task": "facts", "num_examples": 8},
        {"step": 10**25},
        {"tokens_seen": 2**62},
        {"curve": [POINT | {"step": 1}, POINT | {"step": 1}]},
        {"curve": [POINT | {"step": -4}]},
        {"curve": [POINT | {"step": 2**62}]},
    ],
)
def test_a_record_that_no_export_writes_is_refused(
    changed: dict[str, object], exported: tuple[Path, Path], service: Service, tmp_path: Path
) -> None:
    broken = Path(shutil.copytree(exported[1], tmp_path / "broken"))
    known = json.loads((broken / "tinylm.json").read_text())
    if "kind" in changed:
        known["config"] |= changed
    else:
        known |= changed
    (broken / "tinylm.json").write_text(json.dumps(known))
    assert "damaged: export the run anew" in refused(broken, service.home)


def test_what_lies_beside_a_gguf_file_is_not_read(service: Service, tmp_path: Path) -> None:
    """Settings of an adapter would send transformers to another folder."""
    source = gguf_file(tmp_path / "tiny.gguf")
    (tmp_path / "adapter_config.json").write_text('{"base_model_name_or_path": "/nowhere"}')
    row = brought(source, service)
    assert sorted(path.name for path in run_dir(service.home, row.id).iterdir()) == [FOLDER]
