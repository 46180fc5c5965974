"""The adapter of a LoRA fine-tuning: on the exported base, PEFT computes what our model does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests import tiny
from tinylm.config import RunConfig
from tinylm.errors import BadRequest, CheckpointError
from tinylm.export import ExportedRun, format_named, write_export
from tinylm.model.gpt import GPT
from tinylm.model.lora import add_adapters, plain_weights
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.stored_model import read_model

# What other packages warn of is not ours to mend.
pytestmark = [pytest.mark.filterwarnings("ignore")]


def saved(folder: Path, model: GPT, steps: tuple[int, ...], **changes: Any) -> ExportedRun:
    """A run's folder with the same model at each of the steps."""
    folder.mkdir()
    tiny.tokenizer().save(folder / "tokenizer.json")
    checkpoints = CheckpointFolder(str(folder / "checkpoints"))
    config, state = RunConfig(corpus="little", **changes), dict(model.named_parameters())
    for step in steps:
        checkpoints.save(step, 0, config, model.config, plain_weights(model), state)
    return ExportedRun(folder, -1, [], [])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> ExportedRun:
    return saved(tmp_path_factory.mktemp("runs") / "base", tiny.awake(), (10,))


def adapted(folder: Path, rank: int, matrices: str) -> ExportedRun:
    """A fine-tuning of the base whose adapters do something."""
    model = add_adapters(tiny.awake(), rank, matrices, seed=1)
    random = torch.Generator().manual_seed(2)
    for name, weight in model.named_parameters():
        if name.endswith(".b"):
            torch.nn.init.normal_(weight, std=0.1, generator=random)
    tuning: dict[str, Any] = {
        "kind": "finetune",
        "method": "lora",
        "init": "base",
        "parent": "base-aaaa",
    }
    tuning |= {"task": "questions", "num_examples": 8}
    shape = {"lora_rank": rank, "lora_matrices": matrices, "parent_step": 10}
    return saved(folder, model, (2, 4, 6), **tuning, **shape)


@pytest.mark.parametrize(("rank", "matrices"), [(4, "all"), (2, "attention")])
def test_on_the_exported_base_it_computes_what_our_model_does(
    base: ExportedRun, tmp_path: Path, rank: int, matrices: str
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    run = adapted(tmp_path / "tuned", rank, matrices)
    for name, one in (("hf", base), ("peft", run)):
        write_export(format_named(name), one, tmp_path / name)
    write_export(format_named("hf"), run, tmp_path / "merged")
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "hf")
    ids = torch.randint(1, 256, (3, 30), generator=torch.Generator().manual_seed(1))
    ours = read_model(run.folder, -1)[0].cpu()
    with torch.no_grad():
        before = plain(ids).logits
        theirs = PeftModel.from_pretrained(plain, tmp_path / "peft").eval()(ids).logits
        assert torch.allclose(theirs, ours(ids), atol=1e-4)
        assert not torch.allclose(theirs, before, atol=1e-2)
        merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
        assert torch.allclose(merged(ids).logits, ours(ids), atol=1e-4)
    assert json.loads((tmp_path / "peft" / "adapter_config.json").read_text())["r"] == rank
    card = (tmp_path / "peft" / "README.md").read_text()
    assert "export RUN --format hf --step 10 --out BASE" in card and "`base-aaaa`" in card


def test_a_run_without_an_adapter_is_refused(base: ExportedRun) -> None:
    with pytest.raises(BadRequest, match="has no adapter: choose one"):
        format_named("peft").files(base)


def test_an_adapter_that_was_not_kept_is_said_to_be_so(tmp_path: Path) -> None:
    run = adapted(tmp_path / "tuned", 2, "mlp")
    with pytest.raises(CheckpointError, match="of the last two checkpoints only: choose step 6"):
        format_named("peft").files(ExportedRun(run.folder, 2, [], []))
    assert format_named("peft").files(ExportedRun(run.folder, 4, [], []))
