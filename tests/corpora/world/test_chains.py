"""Chains: two facts that go on from each other, and the worksheets that show them."""

from __future__ import annotations

import re
from itertools import islice

import pytest

from tinylm.corpora.sources.world import WORLD_SEED
from tinylm.corpora.world.chains import KEPT_OUT, compositions, practised
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.world import default_world
from tinylm.errors import BadRequest
from tinylm.knobs import TextConfig

WORLD = default_world()
NEIGHBOUR = "countries.neighbour"


def sheets(**settings: float | str) -> list[list[list[str]]]:
    """The lines of worksheets with two steps, each as its parts."""
    text = TextConfig(prose=0, info_boxes=0, worksheets=1, parallel=0, reviews=0, **settings)  # type: ignore[arg-type]
    documents = islice(Writer(WORLD, text).documents(WORLD_SEED, "train"), 150)
    return [
        [re.split(r" -> | = |: ", line) for line in one.text.splitlines()]
        for one in documents
        if one.kind != "worksheet"
    ]


def test_a_chain_goes_on_where_its_first_fact_ends_and_needs_both() -> None:
    found = {one.name: one for one in compositions(WORLD)}
    france = found[f"{NEIGHBOUR}, countries.capital"].chains[0]
    assert (france.start.name, france.middle.name, france.end) == ("France", "Spain", "Madrid")
    for composition in found.values():
        for one in composition.chains:
            assert one.first.facts[one.start] == one.middle.name
            assert composition.second.facts.get(one.start) != one.end


def test_the_last_way_to_go_on_is_in_no_text() -> None:
    told = {one.name for one in practised(WORLD)}
    assert f"{NEIGHBOUR}, countries.capital" in told
    assert f"{NEIGHBOUR}, countries.currency" not in told
    assert "foods.taste, opposites.opposite" in told, "the only way on from there"


def test_chains_show_only_what_is_practised_and_not_held_out() -> None:
    allowed = {
        (one.start.name, one.middle.name, one.end)
        for composition in practised(WORLD)
        for one in composition.chains
        if one.in_worksheets
    }
    found = sheets(chains=1.0)
    assert len(found) == 150
    assert all(tuple(line) in allowed for lines in found for line in lines)


def test_some_chains_of_facts_in_worksheets_are_kept_out() -> None:
    chains = [
        one
        for composition in practised(WORLD)
        for one in composition.chains
        if one.start not in one.first.held_out and one.middle not in one.second.held_out
    ]
    kept_out = [one for one in chains if not one.in_worksheets]
    assert len(kept_out) / len(chains) == pytest.approx(1 / KEPT_OUT, abs=0.08)


def test_a_share_of_the_worksheets_is_chains() -> None:
    assert len(sheets(chains=0.4)) == pytest.approx(60, abs=20)
    assert not sheets()


def test_chains_without_the_step_go_from_the_start_to_the_end() -> None:
    ends = {
        (one.start.name, one.end)
        for composition in practised(WORLD)
        for one in composition.chains
        if one.in_worksheets
    }
    found = sheets(chains=1.0, chain_ends=1.0)
    assert all(tuple(line) in ends for lines in found for line in lines)
    lengths = [len(lines[0]) for lines in sheets(chains=1.0, chain_ends=0.5)]
    assert lengths.count(2) == pytest.approx(75, abs=20)


def test_chains_need_both_of_their_relations() -> None:
    with pytest.raises(BadRequest, match="go on from each other"):
        sheets(chains=1.0, sheets="countries.capital")
