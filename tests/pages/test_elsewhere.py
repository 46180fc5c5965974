"""A model that was made elsewhere on the pages: laid beside a run, looked into, never a base."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.pages.test_pages import PAGES, Open, click, open_page, pick, shown, trained
from tinylm.config import ELSEWHERE, ModelConfig, RunConfig
from tinylm.elsewhere.base import Prepared
from tinylm.events import CheckpointSaved
from tinylm.memory import num_parameters
from tinylm.origin import FOLDER, FORMAT_VERSION, ORIGIN, STEP, Origin
from tinylm.presets import preset_config
from tinylm.runs.adopting import adopt
from tinylm.runs.service import Service
from tinylm.training.checkpoints import checkpoint_name

__all__ = ["open_page"]  # the fixture

PARAMETERS = 134_515_008


@pytest.fixture
def foreign(service: Service, tmp_path: Path) -> str:
    """An imported model; what it says is made up by the fake engine."""
    folder = tmp_path / "part"
    (folder / FOLDER).mkdir(parents=True)
    origin = Origin(
        *(FORMAT_VERSION, "big.gguf", "gguf", {}, {}, "LlamaForCausalLM", PARAMETERS, 8192, 0)
    )
    (folder / FOLDER / ORIGIN).write_bytes(msgspec.json.encode(origin))
    shape = ModelConfig(n_layer=30, n_head=9, n_embd=576, block_size=1024, vocab_size=49_152)
    config = RunConfig(kind=ELSEWHERE, model=shape)
    events = [CheckpointSaved(STEP, checkpoint_name(STEP))]
    return adopt(service.home, service.store, Prepared(folder, config, "Big", events)).id


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_it_alone(open_page: Open, foreign: str, page: str) -> None:
    """It is no base, so a lesson that needs one says that there is none."""
    at = open_page(page, run=foreign)
    assert not at.exception
    assert [one.value for one in at.error if "made elsewhere" not in one.value] == []


def test_no_lesson_takes_it_as_its_base(open_page: Open, service: Service, foreign: str) -> None:
    base = trained(service)
    for page in ("prompts", "finetune", "metrics", "transfer", "inside"):
        at = open_page(page)
        assert not at.exception
        assert at.query_params["run"] == base, page


def test_it_lies_beside_the_base_on_prompts(
    open_page: Open, service: Service, foreign: str
) -> None:
    base = trained(service)
    at = open_page("prompts", run=base)
    assert f"{PARAMETERS:,}" not in shown(at)
    at = pick(at, "from elsewhere", foreign)
    ours = num_parameters(preset_config("tiny").model)
    assert f"**{PARAMETERS:,} parameters**" in shown(at)
    assert f"{PARAMETERS / ours:,.0f} times the {ours:,} parameters of yours" in shown(at)
    tables = [frame.value for frame in at.dataframe] + [table.value for table in at.table]
    assert "made elsewhere" in "\n".join([shown(at), *map(str, tables)])


def test_the_address_lays_it_beside(open_page: Open, service: Service, foreign: str) -> None:
    at = open_page("prompts", run=trained(service), elsewhere=foreign)
    assert f"**{PARAMETERS:,} parameters**" in shown(at)


def test_inside_it_shows_what_can_be_seen(open_page: Open, service: Service, foreign: str) -> None:
    trained(service)
    at = open_page("inside", run=foreign)
    assert not at.exception and not at.error
    assert at.query_params["run"] == foreign
    assert "cannot be fine-tuned here" in shown(at)
    assert "Map of words" not in str([group.options for group in at.button_group])
    for view in ("attention", "write", "lens"):
        next(one for one in at.button_group if one.label == "View").set_value(view).run()
        assert not at.exception and not at.error


def test_runs_lists_it_with_its_ways(open_page: Open, service: Service, foreign: str) -> None:
    trained(service)
    at = open_page("runs", run=foreign)
    labels = [button.label for button in at.button]
    assert "Open" not in labels and {"Prompt it beside yours", "Look inside"} <= set(labels)
    assert "made elsewhere" in str(at.dataframe[0].value)
    assert "no curve and no earlier steps" in shown(at)
    assert foreign not in str([one.options for one in at.multiselect])
    assert not click(at, "Look inside").exception


def test_its_training_cannot_be_watched(open_page: Open, foreign: str) -> None:
    at = open_page("pretrain", run=foreign)
    assert "there is no training to watch" in at.error[0].value
    assert "Start training" in [button.label for button in at.button]


def test_a_lost_origin_is_one_sentence(open_page: Open, service: Service, foreign: str) -> None:
    (service.run_dir(foreign) / FOLDER / ORIGIN).unlink()
    at = open_page("inside", run=foreign)
    assert not at.exception
    assert "import the model anew" in at.error[0].value
