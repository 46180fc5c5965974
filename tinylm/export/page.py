"""Writes a model as a page: one HTML file that computes it in any browser, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinylm import __version__
from tinylm.config import RunConfig
from tinylm.errors import BadRequest
from tinylm.evaluation.context import Context
from tinylm.export.base import ExportedRun, Format
from tinylm.export.takehome import wording
from tinylm.export.takehome.menu import menus
from tinylm.export.takehome.packing import packed
from tinylm.export.takehome.rendering import our_own, rendered, script_hash
from tinylm.export.tasks_of import tasks_of
from tinylm.text.tokenizer import Tokenizer

if TYPE_CHECKING:  # listing the formats needs no torch
    from tinylm.model.gpt import GPT

MOST = 3_000_000  # bytes of the file, so that it is sent and opened at once, also by a phone


def _files(run: ExportedRun) -> dict[str, bytes]:
    """The one file.

    Raises NotFound where there is no such checkpoint, CheckpointError where it is damaged, and
    BadRequest for a model that is too large for a phone.
    """
    from tinylm.training.stored_model import read_model

    model, tokenizer, config = read_model(run.folder, run.step, plain=True)
    return {f"{run.shown}-page.html": model_page(run, model, tokenizer, config)}


def model_page(run: ExportedRun, model: GPT, tokenizer: Tokenizer, config: RunConfig) -> bytes:
    """The page of a model. Raises BadRequest for one that is too large for a phone."""
    shape = model.config
    if model.num_parameters > MOST:  # each takes more than a byte
        raise _too_large(model.num_parameters * 3)
    weights, sizes = packed(model)
    script = our_own("unpack.js", "tokenizer.js", "model.js", "words.js", "page.js")
    text = wording.text_of(config, run.home, run.titles)
    about = {
        "shape": {
            name: getattr(shape, name)
            for name in ("n_layer", "n_head", "n_embd", "block_size", "vocab_size")
        },
        "sizes": sizes,
        "merges": tokenizer.merges,
        "pattern": tokenizer.pattern,
        "tasks": menus(tasks_of(run, config.corpus), Context(tokenizer, shape.block_size)),
    }
    page = rendered(
        "page.html",
        title=run.title or run.shown,
        run=run.shown,
        step=run.step,
        made=wording.made(config, run.step, text, run.home, run.titles),
        looks=wording.looks(config, run.step),
        num_parameters=model.num_parameters,
        settings=wording.settings(config, shape),
        shape=shape,
        corpus=text.title,
        licence=text.licence,
        prompt=config.sample_prompt or text.sample_prompt or "The",
        about=about,
        weights=weights,
        style=our_own("base.css", "page.css"),
        script=script,
        script_hash=script_hash(script),
        version=__version__,
    )
    if len(page) > MOST:
        raise _too_large(len(page))
    return page


def _too_large(size: int) -> BadRequest:
    return BadRequest(
        f"This model would make a page of about {size / 1e6:.1f} MB, and a phone gets at most "
        f"{MOST / 1e6:.0f} MB: take it as the format hf or gguf, or train a smaller one."
    )


FORMAT = Format(
    order=4, name="page", title="the model itself as one HTML file", files=_files, packed=False
)
