"""The file tinylm.json of an exported folder: what other programs do not need, and tinylm does.

With it, `tinylm/elsewhere/own.py` makes the run again that was exported.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tinylm.config import ModelConfig
from tinylm.events import CurvePoint, EvalDone, RunStarted
from tinylm.export.base import ExportedRun
from tinylm.home import shown_id
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.checkpoints import CheckpointFolder

RECORD = "tinylm.json"
FORMAT_VERSION = 1
NAMES = ("corpus", "parent", "task")  # of the settings: what they name, they open

Count = Annotated[int, Meta(ge=0)]


class Record(msgspec.Struct, frozen=True):
    """The content of tinylm.json. Curve and validations end at `step`."""

    version: int
    config: dict[str, Any]
    shape: ModelConfig
    step: Count
    tokens_seen: Count
    tokenizer: str
    started: RunStarted | None
    curve: tuple[CurvePoint, ...]
    evals: tuple[EvalDone, ...]


def record(run: ExportedRun, tokenizer: Tokenizer) -> bytes:
    """The file for this run at the exported step. Raises as `CheckpointFolder.load` does."""
    checkpoints = CheckpointFolder(str(run.folder / "checkpoints"))
    checkpoint = checkpoints.load(-1 if run.step == 0 else run.step)
    step = 0 if run.step == 0 else checkpoint.step
    # Whole names open what they name. An import finds it by the short one, where it is there.
    config = checkpoint.config
    named = {name: shown_id(getattr(config, name)) for name in NAMES}
    found = Record(
        version=FORMAT_VERSION,
        config=config.to_dict() | named,
        shape=checkpoint.model_config,
        step=step,
        tokens_seen=checkpoint.tokens_seen if step else 0,
        tokenizer=tokenizer.to_json(),
        started=run.started,
        curve=tuple(point for point in run.curve if point.step <= step),
        evals=tuple(one for one in run.evals if one.step <= step),
    )
    return msgspec.json.encode(found)
