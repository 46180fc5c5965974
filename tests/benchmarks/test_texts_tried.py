"""What the trials of recipes and of unseen exercises rest on."""

import pytest

from benchmarks.learning.faster import RECIPES, half
from benchmarks.learning.unseen import IDEAS, Halves, texts
from tinylm.corpora.world.kinds import SEPARATORS
from tinylm.corpora.world.world import default_world
from tinylm.evaluation.tasks import task
from tinylm.presets import preset_config


def test_recipes_are_chosen_and_reported_on_different_facts() -> None:
    facts = task("world", "facts").test
    chosen, reported = half(facts, reported=False), half(facts, reported=True)
    assert not set(chosen) & set(reported) and set(chosen) | set(reported) == set(facts)
    assert abs(len(chosen) - len(reported)) < len(facts) / 10


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_settings_that_a_run_takes(name: str) -> None:
    assert preset_config("quick", **RECIPES[name])


@pytest.mark.parametrize("name", IDEAS)
def test_no_idea_shows_a_worksheet_line_of_an_unseen_relation(name: str) -> None:
    halves = Halves(default_world())
    hidden = {
        f"{subject.name}{separator}{answer}"
        for relation in halves.unseen
        for subject, answer in relation.facts.items()
        for separator in SEPARATORS
    }
    written = texts(IDEAS[name], 600)
    assert len(written) == 600
    assert not hidden & {line for text in written for line in text.splitlines()}


def test_an_idea_takes_its_place_among_the_worksheets() -> None:
    labels = {relation.label for relation in Halves(default_world()).seen}
    plain, below = (
        sum(text.splitlines()[0] in labels for text in texts(IDEAS[name], 600))
        for name in ("control", "headings")
    )
    assert plain == 0 and 60 < below < 140  # half of 0.335 of 600
