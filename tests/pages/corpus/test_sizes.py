"""Sizes on the cards: measured by a job, never guessed, and never in the page's way."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from pages.corpus.sizes import in_words
from tests.fake_engine import ANSWERS
from tinylm.answers import engine
from tinylm.corpora import info, load
from tinylm.corpora.sources.uploads import save_upload
from tinylm.corpora.world.world import default_world
from tinylm.errors import StorageError
from tinylm.questions.corpora import CorpusSize, Size
from tinylm.runs.service import Service

ROOT = Path(__file__).parents[3]


def cards(at: AppTest) -> list[str]:
    return [one.value for one in at.markdown if one.value.startswith("*Size:*")]


def open_page() -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
    return at.switch_page("../pages/corpus/page.py").run()


def test_a_size_counts_both_splits_and_its_tokens_say_the_text_again(home: Path) -> None:
    text = "\n\n".join(f"Line {n} says something of its own, né?" for n in range(200))
    name = save_upload(text.encode(), "Mine", home).name
    found = engine.answer(Size(name), home)
    corpus = load(name, home=home)
    texts = [document.text for document in (*corpus.train, *corpus.val)]
    assert found.documents == len(texts)
    assert found.characters == sum(map(len, texts))
    assert found.bytes == sum(len(text.encode()) for text in texts) > found.characters
    assert 0 < found.tokens < found.bytes
    assert 256 < found.vocab_size <= 2048
    assert found.facts is None


def test_words_say_what_was_measured() -> None:
    world = info("world")
    facts = default_world().num_facts
    said = in_words(world, CorpusSize(20_500, 3_900_000, 3_900_000, 1_050_000, 2048, facts))
    assert said == f"{facts:,} facts, told in as many documents as are asked for."
    many = CorpusSize(20_500, 3_900_000, 3_900_000, 1_050_000, 2048, None)
    said = in_words(info("names"), many)
    assert "3.9 MB, 1.1 million tokens of a vocabulary of 2,048" in said
    assert "900 tokens" in in_words(info("names"), replace(many, tokens=900))


def test_every_card_says_its_size(service: Service) -> None:
    at = open_page()
    assert not at.exception
    assert len(cards(at)) == 3
    assert "told in as many documents as are asked for" in cards(at)[0]
    assert all("20,500 documents" in card for card in cards(at)[1:])


def test_a_page_does_not_wait_for_sizes_and_one_that_fails_stays_away(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as idle:
        idle.setattr(service, "hand_over", lambda *_: None)  # nobody works on it
        at = open_page()
    assert not at.exception and not at.error
    assert all("being measured" in card for card in cards(at))

    def fail(_: Size) -> CorpusSize:
        raise StorageError("The file is damaged.")

    monkeypatch.setitem(ANSWERS, Size, fail)
    for name in ("world", "python", "names"):
        service.store.cancel_jobs([Size(name).key()])
    at = open_page()
    assert not at.exception and not at.error
    assert all("could not be measured" in card for card in cards(at))
