"""`import tinylm`: its examples hold, pages know its runs, its mistakes are sentences."""

from __future__ import annotations

import doctest
import inspect
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

import tinylm
from tests.runs_fakes import tiny
from tinylm import api
from tinylm.answers import engine, models
from tinylm.errors import BadRequest, TinylmError
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.training import prepare

ROOT = Path(__file__).parents[1]


def test_ten_names_or_fewer_each_with_types_and_an_explanation() -> None:
    assert len(tinylm.__all__) <= 10 and set(tinylm.__all__) <= set(dir(tinylm))
    for name in tinylm.__all__:
        offered = getattr(tinylm, name)
        assert offered is getattr(api, name) and ">>> " in inspect.getdoc(offered)
        assert "Any" not in str(inspect.signature(offered))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = tinylm.nonsense


def test_importing_it_loads_next_to_nothing() -> None:
    code = "import sys, tinylm; print({'torch', 'numpy', 'click', 'msgspec'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.timeout(600)
def test_the_examples_hold_and_pages_know_the_runs(
    home: Path, one_thread: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examples of all docstrings, in the order in which a learner needs them."""
    for module in (prepare, models):
        monkeypatch.setattr(module, "FINAL_VALIDATION_TOKENS", 2_000)
    monkeypatch.setattr(engine, "default_threads", lambda: 1)
    names = {name: getattr(api, name) for name in tinylm.__all__}
    told: list[str] = []
    found = {one.name: one for one in doctest.DocTestFinder().find(api, "tinylm", globs=names)}
    runner = doctest.DocTestRunner()
    order = ["corpus", "tokenizer", "train", "Run.curve", "Run.loss", "list_runs", "Run"]
    for name in (*order, "finetune", "measure", "generate"):
        example = found[f"tinylm.{name}"]
        example.globs = names  # what one example makes, the next one uses
        runner.run(example, clear_globs=False, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)
    assert runner.tries > 10
    service = Service(home)
    kinds = [(row.kind, row.status) for row in service.runs()]
    assert kinds == [("finetune", "done"), ("pretrain", "done")]
    service.close()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tinylm.corpus("nowhere"), "neither a corpus"),
        (lambda: tinylm.Run("a-b"), "There is no run"),
        (lambda: tinylm.train(preset="slow"), "choose one of"),
        (lambda: tinylm.train("nowhere"), "neither a corpus"),
        (lambda: tinylm.train(n_layer=99), "between 1 and 48"),
        (lambda: tinylm.train(layers=2), "no setting 'layers'"),
        (lambda: tinylm.train(lora_rank=2), "a setting of LoRA"),
        (lambda: tinylm.tokenizer(tinylm.corpus("names"), 8), "between 256 and"),
    ],
)
def test_a_mistake_is_a_sentence(home: Path, call: object, words: str) -> None:
    assert callable(call)
    with pytest.raises(BadRequest, match=words):
        call()


def test_a_corpus_is_read_as_far_as_it_was_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_carried_out", lambda config, *_: config)
    world = tinylm.corpus("world", documents=50)
    assert tinylm.train(world, "tiny").documents == 50
    assert tinylm.train(world, "tiny", documents=20).documents == 20
    assert tinylm.train("world", "tiny").documents == preset_config("tiny").documents


def test_a_run_without_a_checkpoint_and_one_that_fails(home: Path) -> None:
    service = Service(home)
    run = tinylm.Run(service.store.create_run(tiny(), "a title"))
    assert (run.status, run.row.title, list(run.curve)) == ("queued", "a title", [])
    for ask in (run.loss, lambda: tinylm.measure(run, "facts"), lambda: tinylm.generate(run, "x")):
        with pytest.raises(BadRequest, match="no checkpoint yet"):
            ask()
    (home / "cache").write_text("a file is in the way")
    with pytest.raises(TinylmError, match="cannot be written"):
        tinylm.train(preset="tiny", threads=1)
    service.close()


LESS = """
from tinylm.answers import engine
from tinylm.answers import models
from tinylm.training import prepare
models.FINAL_VALIDATION_TOKENS = prepare.FINAL_VALIDATION_TOKENS = 2_000
engine.default_threads = lambda: 1  # two wait for each other where other programs run
"""


@pytest.mark.timeout(600)
def test_the_notebook_runs_as_it_stands(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "docs" / "notebook.ipynb"
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in code), "clear the outputs: they are of one machine"
    used = {name for name in tinylm.__all__ if any(f"tinylm.{name}(" in c.source for c in code)}
    assert used >= {"corpus", "tokenizer", "train", "measure", "finetune", "generate"}
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook.cells.insert(0, new_code_cell(LESS))  # only to spend less time on the last loss
    NotebookClient(notebook, timeout=500, kernel_name="python3").execute(cwd=str(home.parent))
    said = json.dumps([cell.outputs for cell in code])
    assert "perplexity" in said and "right" in said
