"""Takes an export of our own back: the same weights, tokenizer and settings, bit for bit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch

from tinylm.config import ELSEWHERE, SETTINGS, RunConfig
from tinylm.elsewhere.base import Prepared
from tinylm.errors import BadRequest, CheckpointError
from tinylm.events import CheckpointSaved, Event, StepDone
from tinylm.export.huggingface import qwen3_name
from tinylm.export.record import FORMAT_VERSION, NAMES, RECORD, Record
from tinylm.home import shown_id
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.checkpoints import CheckpointFolder

WEIGHTS = "model.safetensors"
_NAME = re.compile(r"(?:[a-z0-9][a-z0-9._-]{0,79})?")  # of a corpus or a task; a task may have none
MOST_TOKENS = 2**53  # more than any run reads, and a whole number in every program


def take_back(source: Path, part: Path, known: Collection[str] = ()) -> Prepared:
    """Write the folder of the run that was exported to `source`. Raises BadRequest.

    `known` are the whole names of the runs, texts and tasks that are here.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    record = _read(source)
    config = RunConfig.from_dict(_with_whole_names(record.config, known))
    RunConfig(model=record.shape).check()
    with torch.device("meta"):  # its shapes alone: no memory is taken before they are compared
        plain = dict(GPT(record.shape).named_parameters())
    names = {qwen3_name(name): name for name in plain}  # theirs -> ours
    wanted = {name: list(plain[ours].shape) for name, ours in names.items()}
    try:
        tokenizer = Tokenizer.from_json(record.tokenizer)
        if _shapes(source / WEIGHTS) != wanted or tokenizer.vocab_size != record.shape.vocab_size:
            raise BadRequest(
                f"The weights or the tokenizer in {source.name} do not fit what {RECORD} says: "
                f"export the run anew, or remove {RECORD} to import it as a model made elsewhere."
            )
        saved = load_file(source / WEIGHTS)
    except (SafetensorError, OSError, CheckpointError):
        raise BadRequest(
            f"The exported files in {source.name} are damaged or not complete: export the run anew."
        ) from None
    tokenizer.save(part / "tokenizer.json")
    name = CheckpointFolder(str(part / "checkpoints")).save(
        record.step,
        record.tokens_seen,
        config,
        record.shape,
        {names[one]: weight for one, weight in saved.items()},
        {},
    )
    return Prepared(part, config, "", [*_told(record), CheckpointSaved(record.step, name)])


def _with_whole_names(config: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Settings that name what is here, where exactly one thing has such a short name."""
    found = dict(config)
    for name in NAMES:
        here = [one for one in known if shown_id(one) == config.get(name) != one]
        if len(here) == 1:
            found[name] = here[0]
    return found


def _shapes(file: Path) -> dict[str, list[int]]:
    """The shapes of the weights in single precision, by name, from the head of the file alone.

    Raises SafetensorError, OSError.
    """
    from safetensors import safe_open

    with safe_open(file, framework="pt") as opened:
        parts = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118
        return {name: part.get_shape() for name, part in parts.items() if part.get_dtype() == "F32"}


def _read(source: Path) -> Record:
    try:
        data = (source / RECORD).read_bytes()
        version = msgspec.json.decode(data, type=dict[str, object]).get("version")
        if version != FORMAT_VERSION:
            raise BadRequest(
                f"This export is of version {version!r:.40}, and this program reads version "
                f"{FORMAT_VERSION}: use the tinylm that wrote it."
            )
        record = msgspec.json.decode(data, type=Record)
        _check(record)
        return record
    except (OSError, msgspec.MsgspecError, RecursionError, ValueError):
        raise BadRequest(f"The file {RECORD} is damaged: export the run anew.") from None


def _check(record: Record) -> None:
    """Raise ValueError for what no export writes, and what would spoil the run or the store."""
    curve, evals = ([one.step for one in told] for told in (record.curve, record.evals))
    seen = [record.tokens_seen, *(one.tokens_seen for one in record.curve)]
    seen += [one.tokens_seen for one in record.evals]
    parent = str(record.config.get("parent", ""))
    named = [str(record.config.get(name, "")) for name in ("corpus", "task")]
    if (
        record.step > SETTINGS["steps"].high
        or not all(0 <= step <= record.step for step in (*curve, *evals))
        or curve != sorted(set(curve))
        or not all(0 <= tokens < MOST_TOKENS for tokens in seen)
        or record.config.get("kind") == ELSEWHERE
        or Path(parent).name != parent  # it names a folder beside that of the run
        or not all(map(_NAME.fullmatch, named))
    ):
        raise ValueError("not as an export writes it")


def _told(record: Record) -> list[Event]:
    """The events of the training, as far as the export has them."""
    if record.started is None:
        return list(record.evals)
    at = 0 if record.curve else record.step
    steps = [
        StepDone(
            step=point.step,
            tokens_seen=point.tokens_seen,
            loss=point.loss,
            lr=point.lr,
            grad_norm=point.grad_norm,
            tokens_per_sec=point.tokens_per_sec,
        )
        for point in record.curve
    ]
    return [msgspec.structs.replace(record.started, step=at), *steps, *record.evals]
