"""Search, and what is in a corpus: what is found, nothing found, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable

import plotly.graph_objects as go
import pytest
from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from pages.corpus.reader import how_new, lengths, rare_words, seen_before, zipf
from tests.fake_engine import ANSWERS, EXPLORED
from tests.pages.test_pages import IMAGE, Open, open_page, shown
from tinylm.errors import StorageError
from tinylm.questions import Answer
from tinylm.questions.corpora import (
    Exploration,
    Explore,
    FoundDocument,
    RankedWord,
    Repeated,
    Search,
    SearchResult,
)
from tinylm.runs.service import Service
from ui.frame import literal

__all__ = ["open_page"]  # a fixture

SEARCHED, NEVER_SEEN = "Look for", "Words never seen"


def look_for(at: AppTest, text: str) -> AppTest:
    return next(box for box in at.text_input if box.label == SEARCHED).set_value(text).run()


def open_what_is_in_it(at: AppTest) -> AppTest:
    at.session_state["what-is-in-it"] = True  # as a click on the expander
    return at.run()


def damaged(_: object) -> Answer:
    raise StorageError("The text is damaged.")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The questions of this page about words that reached the engine."""
    seen: list[object] = []

    def noted(found: Callable[..., Answer]) -> Callable[..., Answer]:
        def answer(question: object) -> Answer:
            seen.append(question)
            return found(question)

        return answer

    for kind in (Search, Explore):
        monkeypatch.setitem(ANSWERS, kind, noted(ANSWERS[kind]))
    return seen


def test_documents_that_hold_a_text_are_shown_as_they_are(
    open_page: Open, asked: list[object]
) -> None:
    at = open_page("corpus")
    assert asked == []  # nothing is read before somebody looks for something
    at = look_for(at, "Ghana")
    assert not at.exception and not at.error
    assert "**3** times in 2 of 20,000 documents; the first 1:" in shown(at)
    assert "**17** · prose" in shown(at)
    assert "The capital of Ghana is Accra." in [one.value for one in at.code]
    at.segmented_control(key="search-split").set_value("val").run()
    assert asked == [Search("world", "Ghana"), Search("world", "Ghana", "val")]
    look_for(at, "   ")
    assert len(asked) == 2


def test_all_documents_that_were_found_are_not_called_the_first(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = SearchResult(1, 1, 20_000, (FoundDocument(0, "prose", IMAGE),))
    monkeypatch.setitem(ANSWERS, Search, lambda _: one)
    at = look_for(open_page("corpus"), "x")
    assert "**1** times in 1 of 20,000 documents:" in shown(at)
    assert IMAGE in [code.value for code in at.code] and "![" not in shown(at)


def test_a_text_that_no_document_holds_is_said(open_page: Open) -> None:
    at = look_for(open_page("corpus"), "Atlantis")
    assert "No document of this split holds this" in at.info[0].value
    assert "times in" not in shown(at)


def test_a_search_that_fails_says_why_and_the_page_goes_on(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, Search, damaged)
    at = look_for(open_page("corpus"), "Ghana")
    assert [one.value for one in at.error] == [literal("The text is damaged.")]
    assert "Ask again" in [one.label for one in at.button]
    assert "Training documents" in [one.label for one in at.metric]


def test_what_is_in_it_is_counted_when_it_is_opened(open_page: Open, asked: list[object]) -> None:
    at = open_page("corpus")
    assert asked == [] and NEVER_SEEN not in [one.label for one in at.metric]
    at = open_what_is_in_it(at)
    assert not at.exception and not at.error
    assert asked == [Explore("world")]
    figures = {one.label: one.value for one in at.metric}
    assert figures[NEVER_SEEN] == "0.1%"  # 7 of 10,000
    assert figures["Documents seen before"] == "0.6%"  # 3 of 500
    assert figures["Training repeats"] == "12"
    assert "wyvern, zither" in shown(at)
    assert "some facts of each relation" in shown(at)
    labels = [json.loads(one.proto.json).get("label", "") for one in at.get("bidi_component")]
    assert any("Commonest: the 20,000, a 12,000." in label for label in labels)
    assert any("0 to 99 characters: 12,000" in label for label in labels)
    assert "12,000 of 20,000 documents (60%) have 0 to 99 characters" in shown(at)


def test_the_numbers_behind_both_charts_are_tables(open_page: Open) -> None:
    at = open_page("corpus")
    for table in ("zipf-table", "lengths-table"):
        at.session_state[table] = True
    at = open_what_is_in_it(at)
    tables = [frame.value.to_dict("list") for frame in at.dataframe]
    assert {"rank": [1, 2], "word": ["the", "a"], "count": [20_000, 12_000]} in tables
    assert {"from": [0, 100], "to": [99, 199], "documents": [12_000, 8_000]} in tables


def test_a_text_without_anything_new_or_any_word_has_no_share_of_nothing(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = Repeated("lines", 0, 0), Repeated("8 words", 0, 0)
    nothing = Exploration((), (), (), 0, 0, 0, 0, *none, 0, 0, ())
    monkeypatch.setitem(ANSWERS, Explore, lambda _: nothing)
    at = open_page("corpus")
    at.button(key="choose-names").click().run()
    at = open_what_is_in_it(at)
    assert not at.exception and not at.error
    assert {one.label: one.value for one in at.metric}[NEVER_SEEN] == "0.0%"
    assert "Every word of the validation text also stands in training." in shown(at)
    assert "some facts of each relation" not in shown(at)  # that is so in the made world only


def test_counting_that_fails_says_why_and_the_page_goes_on(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, Explore, damaged)
    at = open_what_is_in_it(open_page("corpus"))
    assert [one.value for one in at.error] == [literal("The text is damaged.")]
    assert at.code  # documents can still be read


def test_charts_are_what_plotly_reads_and_words_are_no_markup() -> None:
    ranks = (replace(EXPLORED.ranks[0], word="<b>the</b>"), *EXPLORED.ranks[1:])
    words, law = zipf(ranks)["data"]
    assert words["y"] == [20_000, 12_000] and law["y"] == [20_000, 10_000]
    assert "<" not in json.dumps(words["text"])
    for figure in (zipf(ranks), zipf(()), lengths(EXPLORED.lengths), lengths(())):
        go.Figure(figure)


def test_how_much_of_the_validation_text_is_not_new_is_said(open_page: Open) -> None:
    """Before, "Validation seen before 0.0 %" stood where every line of it stood in training."""
    figures = {label: share for label, share, _ in seen_before(EXPLORED)}
    assert figures == {
        "Documents seen before": "0.6%",
        "Lines seen before": "50.0%",
        "Of 8 words, seen before": "12.0%",
    }
    copied = replace(EXPLORED, val_in_train=0, pieces=Repeated("8 words", 100, 100))
    assert "not new**: 50% of its lines and 100%" in how_new(copied, made=False)
    assert how_new(EXPLORED, made=False) == ""
    short = replace(EXPLORED, pieces=Repeated("8 words", 0, 0))
    assert "not new**: 50% of its lines stand in" in how_new(short, made=False)
    assert "–" in [share for _, share, _ in seen_before(short)]
    at = open_what_is_in_it(open_page("corpus"))
    assert not at.exception
    assert "made from patterns and tables" in shown(at)
    assert "Lines seen before" in [one.label for one in at.metric]


def test_what_is_said_of_rare_words_follows_from_the_counts() -> None:
    """Before, most words were called rare, where the chart showed nearly all above 50."""
    made = [RankedWord(1, "the", 27_905), RankedWord(1_144, "ketchup", 104)]
    said = rare_words([*made, RankedWord(2_196, "violinists", 1)])
    assert "2,196 different words" in said and "**ketchup**, 104 times; by the law" in said
    assert "about 24." in said and "few of its words are rare" in said
    usual = [
        RankedWord(1, "the", 4_219),
        RankedWord(1_536, "hasattr", 3),
        RankedWord(3_030, "b", 1),
    ]
    assert "3 times; by the law it would be about 3. So a model reads half" in rare_words(usual)
    assert rare_words(()) == ""


def test_the_page_says_what_completes_the_lesson_until_it_is_done(open_page: Open) -> None:
    at = open_page("corpus")
    assert "counts as done once" in shown(at)
    assert "counts as done once" not in shown(look_for(at, "Ghana"))
