"""Writes the low-rank adapter of a fine-tuned run for Hugging Face's PEFT, without its base.

`PeftModel.from_pretrained(base, folder)` on the exported base gives the same logits as our model.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tinylm.config import RunConfig
from tinylm.errors import BadRequest, CheckpointError
from tinylm.export.base import ExportedRun, Format
from tinylm.export.card import card
from tinylm.export.huggingface import qwen3_name
from tinylm.home import shown_id
from tinylm.training.checkpoints import CheckpointFolder

if TYPE_CHECKING:  # listing the formats needs no torch
    from torch import Tensor

PARTS = {".parametrizations.weight.0.a": "lora_A", ".parametrizations.weight.0.b": "lora_B"}
USE = """
The adapter is only the change: export its base as well, and load both.

```
python -m tinylm export RUN --format hf{step} --out BASE
```

`RUN` is the id of the base, `{parent}` and the letters that are left away here: `python -m tinylm
runs` lists it.

```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("BASE")
model = PeftModel.from_pretrained(base, "FOLDER")
tokenizer = AutoTokenizer.from_pretrained("BASE")
```
"""


def adapter_weights(saved: dict[str, Tensor]) -> dict[str, Tensor]:
    """The matrices A (r, in) and B (out, r) of all adapters under PEFT's names."""
    found = {}
    for name, weight in saved.items():
        for ours, theirs in PARTS.items():
            if name.endswith(ours):
                matrix = qwen3_name(name.removesuffix(ours))
                found[f"base_model.model.{matrix}.{theirs}.weight"] = weight.detach().cpu()
    return found


def adapter_config(config: RunConfig) -> dict[str, object]:
    """The adapter_config.json with which PEFT adds the same product to the same matrices."""
    from tinylm.model.lora import ALPHA, MATRICES

    names = [qwen3_name(f"x.{one}") for one in _paths(MATRICES[config.lora_matrices])]
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": config.lora_rank,
        "lora_alpha": ALPHA,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": sorted(name.rpartition(".")[2] for name in names),
        "inference_mode": True,
        "base_model_name_or_path": None,
    }


def _paths(matrices: tuple[str, ...]) -> list[str]:
    from tinylm.model.lora import MATRICES

    return [f"{'attention' if one in MATRICES['attention'] else 'mlp'}.{one}" for one in matrices]


def _files(run: ExportedRun) -> dict[str, bytes]:
    """The adapter, its settings and a card.

    Raises BadRequest for a run without an adapter of its own, NotFound where there is no such
    checkpoint, and CheckpointError where it is damaged or the adapter was not kept.
    """
    from safetensors.torch import save

    folder = CheckpointFolder(str(run.folder / "checkpoints"))
    step = folder.load(run.step).step
    config = folder.load(step).config
    if config.method != "lora" or config.kind != "finetune":
        raise BadRequest(
            "This run has no adapter: choose one that was fine-tuned with the method lora, or the "
            "format hf."
        )
    if step not in folder.steps()[-2:]:
        raise CheckpointError(
            "Adapters are kept of the last two checkpoints only: choose step "
            f"{folder.steps()[-1]}, or the format hf, which has the adapter merged in."
        )
    checkpoint = folder.load(step, with_optimizer=True)
    weights = adapter_weights(checkpoint.optimizer or {})
    if not weights:
        raise BadRequest(
            "This run was imported with its adapter merged into its weights, from which nothing "
            "takes it out again: choose the run that was exported, or the format hf."
        )
    parent_step = f" --step {config.parent_step}" if config.parent_step >= 0 else ""
    use = USE.format(parent=shown_id(config.parent), step=parent_step)
    front = "library_name: peft\n"
    size = sum(weight.numel() for weight in weights.values())
    return {
        "adapter_model.safetensors": save(weights, {"format": "pt"}),
        "adapter_config.json": (json.dumps(adapter_config(config), indent=1) + "\n").encode(),
        "README.md": card(run, config, checkpoint.model_config, size, use, front),
    }


FORMAT = Format(
    order=12, name="peft", title="the adapter of a LoRA fine-tuning for PEFT", files=_files
)
