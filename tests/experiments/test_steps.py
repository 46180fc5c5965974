"""The experiment about two steps: what is asked, and that no example gives an answer away."""

from __future__ import annotations

from msgspec.structs import replace

from tinylm.answers.experiments.steps import NEIGHBOUR, asked_in
from tinylm.corpora.world.world import default_world
from tinylm.experiments.steps import (
    CHAINS,
    EXPERIMENT,
    NEVER,
    SHOWN,
    USUAL,
)


def test_no_question_stands_in_a_chain_of_the_text() -> None:
    asked = asked_in(default_world())
    assert {one.chain.second.id for one in asked[SHOWN]} == {
        "countries.capital",
        "countries.language",
    }
    assert {one.chain.second.id for one in asked[NEVER]} == {"countries.currency"}
    assert not any(one.chain.in_worksheets for one in asked[SHOWN])
    assert all(len(asked[which]) >= 100 for which in (SHOWN, NEVER))


def test_an_example_names_no_country_of_its_question_and_goes_by_the_same_steps() -> None:
    for questions in asked_in(default_world()).values():
        for one in questions:
            names = {one.chain.start.name, one.chain.middle.name}
            assert one.chain.first.id == NEIGHBOUR
            assert len(one.examples) >= 8
            assert all(
                other.second is one.chain.second
                and not names & {other.start.name, other.middle.name}
                for other in one.examples
            )
            assert one.own != one.chain.end


def test_the_texts_differ_in_chains_alone() -> None:
    usual, chains = (EXPERIMENT.config(EXPERIMENT.arm(name), 1).text for name in (USUAL, CHAINS))
    assert 0 < chains.chains < 1
    assert replace(chains, chains=0.0) == usual
