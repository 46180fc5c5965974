"""Takes in a causal language model that was made elsewhere: a Hugging Face folder or a GGUF file.

Only weights that cannot contain code are read: safetensors and GGUF. What a folder wants to run
itself is refused. A model is taken in only after it has given the same logits in our form as by
itself, so that everything that is measured of it here is true of it.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig
from transformers.utils.import_utils import is_accelerate_available, is_gguf_available

from tinylm.config import ELSEWHERE, RunConfig
from tinylm.elsewhere.base import Prepared
from tinylm.errors import BadRequest, TinylmError
from tinylm.events import CheckpointSaved
from tinylm.model.elsewhere import ElsewhereModel, check_free, check_shape, fits, load_inner
from tinylm.origin import FOLDER, FORMAT_VERSION, MISSING, ORIGIN, STEP, Origin, digest
from tinylm.text.elsewhere import ElsewhereTokenizer, find_separator, keeps_text
from tinylm.training.checkpoints import checkpoint_name

WEIGHTS = "model.safetensors"
ENDING = ".safetensors"
INDEX = "model.safetensors.index.json"
CONFIG, TOKENIZER, TOKENIZER_CONFIG = "config.json", "tokenizer.json", "tokenizer_config.json"
GGUF_MAGIC = b"GGUF"
UNFIT = "The weights do not fit the settings in config.json: download the folder again."


def take_in(source: Path, part: Path) -> Prepared:
    """Copy or convert the model to the run's folder `part`. Raises BadRequest with the remedy."""
    into = part / FOLDER
    into.mkdir()
    if source.is_dir():
        kind, read, model = "folder", _weights_of(source), _from_folder(source, into)
    else:
        kind, read, model = "gguf", [source.name], _from_gguf(source, into)
    folder = source if source.is_dir() else source.parent
    with _broken(f"The file {TOKENIZER} is damaged: download it again."):
        text = (into / TOKENIZER).read_text(encoding="utf-8")
    separator = find_separator(text, _named_tokens(into))
    if separator is None:
        raise BadRequest(
            "This tokenizer has no token that begins or ends a text, and tinylm puts one in front "
            "of every prompt: choose another model."
        )
    tokenizer = ElsewhereTokenizer(text, separator, model.config.vocab_size)
    if not keeps_text(tokenizer):
        raise BadRequest(
            "This tokenizer changes a text, for example its capitals or spaces, so that answers "
            "cannot be compared letter by letter: choose another model."
        )
    shape: Any = model.inner.config.get_text_config()
    origin = Origin(
        version=FORMAT_VERSION,
        source=source.resolve().name,
        kind=kind,
        sha256={name: digest(folder / name) for name in read},
        kept={path.name: digest(path) for path in sorted(into.iterdir())},
        architecture=type(model.inner).__name__,
        parameters=sum(p.numel() for p in model.inner.parameters()),
        context=getattr(shape, "max_position_embeddings", 0) or 0,
        separator=separator,
    )
    (into / ORIGIN).write_bytes(msgspec.json.format(msgspec.json.encode(origin), indent=1))
    return Prepared(
        folder=part,
        config=RunConfig(kind=ELSEWHERE, model=model.config),
        title=source.resolve().stem if kind == "gguf" else source.resolve().name,
        events=[CheckpointSaved(STEP, checkpoint_name(STEP))],
    )


def _from_folder(source: Path, into: Path) -> ElsewhereModel:
    """Copy a Hugging Face folder, and read the copy."""
    config = _described(source / CONFIG)
    for name in (CONFIG, TOKENIZER_CONFIG):
        if "auto_map" in (_described(source / name) if (source / name).exists() else {}):
            raise BadRequest(
                "This folder wants to run code of its own, which tinylm never does: choose a model "
                "that transformers knows by itself."
            )
    if "quantization_config" in config:
        raise BadRequest(
            "The weights of this folder are rounded to few bits, in a way that tinylm does not "
            "read: take the model with its whole weights, or as a GGUF file."
        )
    known = _known(source, config)
    weights = _weights_of(source)
    sizes = [size for name in weights for size in _sizes_in(source / name)]
    check_free(sum(sizes))
    with _broken(UNFIT):
        check_shape(known, len(sizes))
    for name in (CONFIG, *weights, *(() if weights == [WEIGHTS] else (INDEX,))):
        shutil.copyfile(source / name, into / name)
    model = _checked(into)
    _copy_tokenizer(source, into)
    return model


def _from_gguf(source: Path, into: Path) -> ElsewhereModel:
    """Turn a GGUF file, whose weights are mostly rounded to few bits, into a folder in fp32."""
    with source.open("rb") as file:
        if file.read(4) != GGUF_MAGIC:
            raise BadRequest(
                f"{source.name} is no GGUF file: name a file that ends in .gguf, or a folder with "
                "config.json, model.safetensors and tokenizer.json."
            )
    if not (is_gguf_available() and is_accelerate_available()):
        raise BadRequest(MISSING)
    from gguf import GGUFReader

    with _broken(f"{source.name} is damaged or not complete: download it again."):
        reader = GGUFReader(source)
        parameters = sum(int(one.n_elements) for one in reader.tensors)
    check_free(parameters, copies=2)
    unknown = (
        f"The architecture of {source.name} is none that transformers can read from a GGUF file: "
        "take the model as a folder with model.safetensors instead."
    )
    with _alone(source, into.parent) as alone:
        with _broken(unknown):
            config = AutoConfig.from_pretrained(
                alone.parent, gguf_file=alone.name, local_files_only=True, trust_remote_code=False
            )
            # The size of a head is in the file, and transformers does not always read it there.
            name = reader.fields["general.architecture"].contents()
            size = reader.fields.get(f"{name}.attention.key_length")
            if size is not None and hasattr(config, "head_dim"):
                config.head_dim = int(size.contents())
        with _broken(f"{source.name} cannot be read by transformers: take the model as a folder."):
            check_shape(config, len(reader.tensors), copies=2)
            loaded = load_inner(alone.parent, alone.name, config)
            tokenizer = AutoTokenizer.from_pretrained(
                alone.parent, gguf_file=alone.name, local_files_only=True, trust_remote_code=False
            )
    _check_complete(loaded.missing)
    _save(loaded.model, into)
    (into / TOKENIZER).write_text(tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
    names = {"bos_token": tokenizer.bos_token, "eos_token": tokenizer.eos_token}
    (into / TOKENIZER_CONFIG).write_text(json.dumps(names), encoding="utf-8")
    del loaded
    return _checked(into)


@contextmanager
def _alone(file: Path, part: Path) -> Iterator[Path]:
    """The file under a name in an empty folder: transformers reads settings that lie beside it."""
    with tempfile.TemporaryDirectory(dir=part, ignore_cleanup_errors=True) as folder:
        alone = Path(folder, "model.gguf")
        try:
            os.symlink(file.resolve(), alone)
        except OSError:  # not every system lets everybody make links
            shutil.copyfile(file, alone)
        yield alone


def _save(model: Any, into: Path) -> None:
    """Write a model that was read from a GGUF file, which transformers itself refuses to do."""
    described = model.config.to_dict()
    described.pop("quantization_config", None)
    described["dtype"] = "float32"
    described["architectures"] = [type(model).__name__]
    (into / CONFIG).write_text(json.dumps(described, indent=1), encoding="utf-8")
    every = dict(model.named_parameters(remove_duplicate=False))
    once = dict(model.named_parameters())  # without the second name of tied matrices
    weights = {
        name: tensor.contiguous()
        for name, tensor in model.state_dict().items()
        if name in once or name not in every
    }
    save_file(weights, into / WEIGHTS, {"format": "pt"})


def _known(source: Path, config: dict[str, Any]) -> PreTrainedConfig:
    """The settings as transformers reads them. Raises BadRequest where it knows no such model."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING

    name = str(config.get("model_type", "") or "unknown")[:60]
    unknown = (
        f"The architecture {name!r} is none that the installed transformers can compute: update "
        "it, or choose another model."
    )
    with _broken(unknown):
        described: PreTrainedConfig = AutoConfig.from_pretrained(
            source, local_files_only=True, trust_remote_code=False
        )
    if type(described) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise BadRequest(
            f"A model of the architecture {name!r} does not continue texts: choose a causal "
            "language model, such as Llama, Qwen3 or GPT-2."
        )
    return described


def _checked(folder: Path) -> ElsewhereModel:
    with _broken(UNFIT):
        loaded = load_inner(folder)
    _check_complete(loaded.missing)
    return _fitting(loaded.model)


def _check_complete(missing: list[str]) -> None:
    if missing:
        raise BadRequest(
            f"The file lacks {len(missing)} of the model's matrices, such as {missing[0]}: "
            "download it again."
        )


def _fitting(inner: Any) -> ElsewhereModel:
    """The model in our form, if it gives the same answers there."""
    other = BadRequest(
        f"{type(inner).__name__} reads a text, or computes its odds, in a way that tinylm cannot "
        "follow token by token: choose a model such as Llama, Qwen3, GPT-2 or GPT-NeoX."
    )
    try:
        model = ElsewhereModel(inner)
        fitting = fits(model)
    except Exception:  # whatever goes wrong inside shows that the form does not fit
        raise other from None
    if not fitting:
        raise other
    return model


def _weights_of(source: Path) -> list[str]:
    """The names of the files with the weights. Raises BadRequest where there are none."""
    if (source / WEIGHTS).exists():
        return [WEIGHTS]
    if (source / INDEX).exists():
        parts = _described(source / INDEX).get("weight_map")
        names = sorted({str(one) for one in parts.values()}) if isinstance(parts, dict) else []
        # transformers opens whatever stands there: also a path out of the folder, or a pickle.
        if not names or any(Path(one).name != one or Path(one).suffix != ENDING for one in names):
            raise BadRequest(
                f"The file {INDEX} is damaged, or names other files than {ENDING} files in its "
                "folder: download it again."
            )
        for name in names:
            if not (source / name).is_file():
                raise BadRequest(f"The folder lacks {name}: download it again.")
        return names
    if any(source.glob("*.bin")) or any(source.glob("*.pt*")):
        raise BadRequest(
            "The weights are pickled, and a pickle can run any code: take the model as safetensors "
            "or GGUF."
        )
    raise BadRequest(
        f"The folder {source.name} has no {WEIGHTS}: name the folder of a model, with config.json, "
        f"{WEIGHTS} and tokenizer.json, or a GGUF file."
    )


def _sizes_in(path: Path) -> list[int]:
    """How many numbers each matrix in a file holds. Raises BadRequest where it is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            # It is no mapping, and `keys` is its only list of names.
            return [math.prod(file.get_slice(name).get_shape()) for name in file.keys()]  # noqa: SIM118
    except (SafetensorError, OSError):
        raise BadRequest(f"{path.name} is damaged or not complete: download it again.") from None


def _copy_tokenizer(source: Path, into: Path) -> None:
    """Copy tokenizer.json, or make it of the older files that transformers can read."""
    if (source / TOKENIZER).is_file():
        shutil.copyfile(source / TOKENIZER, into / TOKENIZER)
    else:
        with _broken(
            f"The folder has no {TOKENIZER}, and no older files of a tokenizer that can be read: "
            "download it again, with all its files."
        ):
            made = AutoTokenizer.from_pretrained(
                source, local_files_only=True, trust_remote_code=False
            )
            if len(made) < 2:
                raise ValueError("an empty vocabulary")
            text = made.backend_tokenizer.to_str()
        (into / TOKENIZER).write_text(text, encoding="utf-8")
    if (source / TOKENIZER_CONFIG).exists():
        shutil.copyfile(source / TOKENIZER_CONFIG, into / TOKENIZER_CONFIG)


def _named_tokens(folder: Path) -> list[str]:
    """The tokens that begin and end a text, as the tokenizer's settings name them."""
    path = folder / TOKENIZER_CONFIG
    settings = _described(path) if path.exists() else {}
    found = (settings.get(name) for name in ("bos_token", "eos_token"))
    texts = (one.get("content") if isinstance(one, dict) else one for one in found)
    return [one for one in texts if isinstance(one, str)]


def _described(path: Path) -> dict[str, Any]:
    """The content of a JSON file. Raises BadRequest where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadRequest(
            f"The folder has no {path.name}: name the folder of a model, or a GGUF file."
        ) from None
    except (OSError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadRequest(f"The file {path.name} is damaged: download it again.")
    return found


@contextmanager
def _broken(sentence: str) -> Iterator[None]:
    """Raise BadRequest with this sentence for whatever goes wrong in a library inside `with`.

    What it raises for damaged files is not documented, and differs from file to file.
    """
    try:
        yield
    except (TinylmError, MemoryError):
        raise
    except Exception:
        raise BadRequest(sentence) from None
