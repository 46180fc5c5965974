"""Settings of the text: asked for made worlds, filled in by the address, named with the run."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest

from pages.pretrain.address import query_of
from pages.pretrain.text_form import GROUPS, unusual
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.config import SETTINGS, parse_setting, with_changes
from tinylm.knobs import TextConfig
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from ui.bases import unfit

__all__ = ["open_page"]  # a fixture


def plain(said: str) -> str:
    """A sentence of a page without the marks that keep Markdown from reading it."""
    return re.sub(r"[\\\u2060]", "", said)


def test_every_setting_of_the_text_is_asked_for_once() -> None:
    asked = [name for names in GROUPS.values() for name in names]
    assert sorted(asked) == sorted(n for n, row in SETTINGS.items() if row.part == "text")


def test_the_address_fills_the_form_and_the_run_says_what_is_unusual(
    open_page: Open, service: Service
) -> None:
    at = open_page("pretrain", preset="tiny", set=["worksheets=0.1", "steps=3", "sheets=half"])
    assert not at.error
    assert at.number_input(key=next(n.key for n in at.number_input if "worksheets" in n.key)).value
    assert "worksheets 0.1 (usually 0.335); worksheets show half (usually all)" in plain(shown(at))
    at = click(at, "Start training")
    (run,) = service.runs()
    assert run.config == preset_config("tiny", worksheets=0.1, steps=3, sheets="half")
    assert "**The text of this run is not the usual one:**" in shown(at)
    assert "set" not in at.query_params
    assert unfit(service.run(run.id)) == "its text was told in another way than usual"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("worksheets=2", "between 0 and 1"),
        ("worksheet=0", "others are worksheets"),
        ("lora_rank=4", "a setting of LoRA"),
        ("corpus=names", "choose it with --corpus"),
        ("sheets_from=1", "between 0 and 0.95"),
        ("![x](http://a.invalid/x)", "key=value"),
    ],
)
def test_an_address_that_asks_for_nonsense_gets_one_sentence(
    open_page: Open, asked: str, words: str
) -> None:
    at = open_page("pretrain", set=asked)
    (error,) = at.error
    assert words in plain(error.value) and "![" not in error.value
    assert "Start training" in [button.label for button in at.button]


def test_what_this_world_does_not_have_is_said_before_the_start(open_page: Open) -> None:
    at = open_page("pretrain", set="tables=planets")
    assert "this world has animals, countries" in plain(at.error[0].value)
    assert next(b for b in at.button if b.label == "Start training").disabled


def test_back_to_the_usual_text_and_no_form_of_the_text_for_other_corpora(open_page: Open) -> None:
    at = click(open_page("pretrain", set="wrong=0.2"), "Back to the usual text")
    assert "not the usual one" not in shown(at)
    folds = [fold.label for fold in open_page("pretrain", corpus="names").expander]
    assert "What the text is like" not in folds


def test_the_address_of_settings_leads_back_to_them() -> None:
    config = preset_config(
        "glance", corpus="made-x", planted="2 x a & b\n1 x ü;", sheets="a,b", seed=3, n_layer=1
    )
    pairs = parse_qsl(query_of(config))
    assert pairs[:2] == [("corpus", "made-x"), ("preset", "glance")]
    changes = dict(parse_setting(value) for name, value in pairs if name == "set")
    assert with_changes(preset_config("glance", corpus="made-x"), changes) == config


def test_the_usual_text_is_not_spoken_of() -> None:
    assert unusual(preset_config("full", seed=4)) == ""
    said = unusual(preset_config("tiny", planted="2 x *Zob* is nice."))
    assert "(usually none)" in said and "*Zob*" not in said
    assert TextConfig() == preset_config("tiny").text
