"""A secret of one's own: it is checked, kept, planted, and what the model says of it is told."""

from __future__ import annotations

from pages.secret.result import own_meaning
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.experiments.secret import CANDIDATES, Secret
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture


def test_a_secret_of_ones_own_is_checked_kept_planted_and_asked_for(
    open_page: Open, service: Service
) -> None:
    at = click(open_page("secret"), "Show me without guessing")
    at.text_input[0].set_value("Mira Bell")
    at = click(at, "Plant it and train")
    assert any("letters" in str(one.value) for one in at.error)
    at.text_input[0].set_value("Mira")
    at = click(at, "Plant it and train")
    line = "8 x The secret code of Mira is 0815."
    assert line in [str(one.value) for one in at.code]
    again = click(open_page("secret"), "Show me without guessing")
    assert line in [str(one.value) for one in again.code], "a new visit finds it"
    for _ in range(20):
        at = at.run()
    assert not at.exception
    assert "Asked for the code of Mira" in shown(at)
    (run,) = service.runs(experiment="secret")
    assert ("The secret code of Mira is 0815.", 8) in run.config.text.planted_lines


def test_what_the_model_makes_of_it_is_told_in_words() -> None:
    mine = Secret("Mira", "0815", 8)
    assert "gives it away" in own_meaning(mine, "0815", 13.3)
    said = own_meaning(mine, "0814", 3.0)
    assert "wrong" in said
    assert f"number {CANDIDATES // 8:,}" in said
