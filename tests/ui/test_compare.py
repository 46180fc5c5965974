"""Names of compared runs are short enough for a legend."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from tests.pages.test_pages import Open, open_page, shown, trained
from tinylm.corpora import info
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from ui import choosing
from ui.compare import names

__all__ = ["open_page"]  # a fixture


def test_a_legend_holds_a_short_difference_or_a_title(service: Service) -> None:
    base, seed = trained(service), trained(service, seed=3)
    many = trained(service, n_layer=2, n_embd=64, seed=4, steps=30)
    service.rename(many, "A larger one")
    runs = [service.run(one) for one in (base, seed, many, base)]
    first, *others = names(runs)
    assert first == runs[0].title
    assert others == ["seed 3", "A larger one", "the same settings"]


def test_nothing_is_compared_that_was_not_chosen(open_page: Open, service: Service) -> None:
    runs = [trained(service), trained(service, seed=3)]
    at = open_page("runs")
    assert not at.exception
    assert not at.multiselect[0].value and "Choose two or more runs" in shown(at)
    at = at.multiselect[0].set_value(runs).run()
    assert not at.exception and "Differences" in shown(at)


def test_a_corpus_that_is_named_by_a_hash_is_shown_by_its_title(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "made-a555056d4a62"
    assert "was deleted" in choosing.corpus_words(name)
    found = dataclasses.replace(info("world", service.home), title="Planets")
    monkeypatch.setattr(Service, "corpus", lambda *_: found)
    config = preset_config("tiny")
    assert choosing.difference(config, replace(config, corpus=name)) == "corpus Planets"
