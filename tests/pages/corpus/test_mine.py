"""An own text is mixed with the made world in two clicks, and it is said how often it is read."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

import ui.viewing
from pages.corpus import mix
from pages.corpus.mine import SHARE, Length, in_passages, in_readings
from tests.pages.corpus.test_own_text_page import SENTENCES, button, page, shown
from tinylm.corpora import load, world_of
from tinylm.corpora.sources.mixtures import list_mixtures
from tinylm.corpora.sources.uploads import save_upload
from tinylm.learners import Viewer
from tinylm.questions.corpora import CorpusSize, CorpusStatistics
from tinylm.runs.budget import SECONDS_NOTE
from tinylm.runs.service import Service

__all__ = ["page"]  # a fixture


def test_an_own_text_is_mixed_with_the_made_world_in_two_clicks(
    page: AppTest, service: Service
) -> None:
    assert button(page, "Make the mixture") is None  # only an own text is mixed
    text = "\n".join(SENTENCES)
    own = save_upload(text.encode(), "Squares", service.home)
    at = page.run()
    at = at.button(key=f"choose-{own.name}").click().run()
    assert "Your text is repeated to fill its share" in shown(at)
    at = button(at, "Make the mixture").click().run()
    assert not at.exception and not at.error
    (made,) = list_mixtures(service.home)
    assert made.title == f"Squares and the made world, {SHARE} %"
    assert at.button(key=f"choose-{made.name}").disabled  # it is chosen, ready to train
    assert world_of(made.name, service.home) is world_of("world")
    mine = {document.text for document in load(own.name, 0, service.home).train}
    train = load(made.name, 2_000, service.home).train
    share = sum(len(d.text) for d in train if d.text in mine) / sum(len(d.text) for d in train)
    assert abs(100 * share - SHARE) < 5


def test_an_own_text_says_what_suits_it_and_the_made_world_needs_no_recipe(
    page: AppTest, service: Service
) -> None:
    assert "would read them about" not in shown(page)
    own = save_upload("\n".join(SENTENCES).encode(), "Squares", service.home)
    at = page.run().button(key=f"choose-{own.name}").click().run()
    assert "would read them about" in shown(at) and "learn them by heart" in shown(at)
    assert "Here training reads the text about" in shown(at)


def counted(characters: int) -> CorpusStatistics:
    return CorpusStatistics(12, characters, 20_000, 2, characters // 9, 2_000, 5, 5, (), {}, 1500)


def test_it_is_said_how_often_a_short_text_would_be_read() -> None:
    world = CorpusSize(20_500, 4_000_000, 4_000_000, 1_000_000, 2048, 900)
    lengths = [Length("of 1 minute", 0, 900 * 2_048), Length("of 20 seconds", 0, 265 * 2_048)]
    said = in_readings(counted(18_000), world, 0.25, lengths)
    # 900 updates of 2,048 tokens of 4 characters, a quarter of them of 18,000 characters.
    assert "A training of 1 minute would read it about **102 times**" in said
    assert "one of 20 seconds about 30 times" in said
    assert "**5.1 times**" in in_readings(counted(360_000), world, 0.25, lengths)
    (only,) = [Length("in your class's time", 0, 90 * 2_048)]
    assert in_readings(counted(18_000), world, 0.25, [only]).endswith(
        "A training in your class's time would read it about **10 times**."
    )


def test_in_a_class_with_a_time_the_training_of_the_class_is_counted(
    page: AppTest, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "what a training of 1 minute is given; one of 20 seconds is" in shown(page)
    service.store.set_note(SECONDS_NOTE, 20)
    monkeypatch.setattr(ui.viewing, "viewer", lambda: Viewer("ada", alone=False))
    at = page.run()
    assert not at.exception
    assert "what a training in your class's time is given." in shown(at)


def test_passages_are_told_with_what_is_held_out() -> None:
    assert "**20,000 characters** in **14 passages**" in in_passages(counted(18_000))
    assert "reads 12 of them. The other 2, 10% of the text, are held out" in in_passages(
        counted(18_000)
    )


def test_a_mixture_says_its_shares_of_documents_and_of_characters(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mix, "usual_length", {"python": 900.0, "names": 100.0}.__getitem__)
    for name in ("python", "names"):
        page.number_input(key=f"weight-{name}").set_value(1.0)
    said = shown(page.run())
    assert "Of the documents: 50% Python's help topics, 50% Names of characters." in said
    assert "in length: 90% Python's help topics, 10% Names of characters." in said
