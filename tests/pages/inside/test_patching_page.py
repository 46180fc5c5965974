"""Patch a head, on the page Inside: the last lines are the same, and the sentence fits the odds."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from pages.inside.patching import FIRST, head_name, pairs_of, partners, patched_bars, told
from tests.fake_engine import ANSWERS
from tests.pages.inside.test_inside_page import advanced, plots
from tests.pages.test_pages import Open, open_page, shown, trained
from tinylm.evaluation.tasks import Item
from tinylm.evaluation.tasks import task as find_task
from tinylm.questions.inside import PatchedAnswer, PatchedOdds, PatchHead
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture

FACTS = find_task("world", "facts")
PAIR = (
    Item("Ghana", ("cedi", "sol"), 0, "currency"),
    Item("Ghana", ("Accra", "Lima"), 0, "capital"),
)


def test_a_pair_asks_the_same_line_of_two_relations_and_held_out_lines_come_first() -> None:
    pairs = pairs_of(FACTS, *FIRST)
    assert len(pairs) > 50
    for first, other in pairs:
        assert first.context == other.context and first.answer != other.answer
        assert (first.group, other.group) == FIRST
    held = [(a in FACTS.test) + (b in FACTS.test) for a, b in pairs]
    assert held == sorted(held, reverse=True) and held[0] == 2


def test_partners_stand_in_one_table() -> None:
    found = partners(FACTS)
    assert set(FIRST) <= set(found)
    for relation, others in found.items():
        assert others and relation not in others
        assert {one.partition(".")[0] for one in others} == {relation.partition(".")[0]}


@pytest.mark.parametrize(
    "before, patched, source, words",
    [
        ("cedi", "Accra", "Accra", "The answer turns.** Before, the model says cedi (90%)"),
        ("cedi", "Lima", "Lima", "though Accra is right"),
        ("cedi", "cedi", "Accra", "The answer stays.**"),
        ("cedi", "Lima", "Accra", "carries only a part"),
        ("cedi", "cedi", "cedi", "nothing to turn"),
        ("", "Accra", "Accra", "says nothing (90%)"),
    ],
)
def test_the_sentence_says_what_the_model_said(
    before: str, patched: str, source: str, words: str
) -> None:
    three = before, patched, source
    said = dict.fromkeys(three)
    answers = [
        PatchedAnswer(
            f" {one}", *(0.9 if one == each else 0.02 for each in (before, patched, source))
        )
        for one in said
    ]
    found = PatchedOdds(before, patched, source, tuple(answers))
    assert words in told(found, PAIR, (0, 1))
    go.Figure(patched_bars(found))


def test_heads_are_counted_from_one() -> None:
    assert head_name((0, 1)) == "head 2 of layer 1"


def test_the_head_that_turns_the_answer_is_shown_first(open_page: Open, service: Service) -> None:
    at = advanced(open_page("inside", run=trained(service)), "patch")
    assert not at.exception and not at.error
    assert "The answer turns.**" in shown(at) and "output of head 1 of layer 1" in shown(at)
    prompts = [one.value for one in at.code[:2]]
    assert prompts[0] != prompts[1]
    assert prompts[0].splitlines()[-1] == prompts[1].splitlines()[-1]
    (head,) = [box for box in at.selectbox if box.label == "Copy the output of"]
    at = head.set_value("head 2 of layer 1").run()
    assert "The answer stays.**" in shown(at)
    assert any(label.startswith("Probability of whole answers") for label in plots(at))


def test_a_text_without_facts_says_what_to_choose(open_page: Open, service: Service) -> None:
    at = advanced(open_page("inside", run=trained(service, corpus="names")), "patch")
    assert not at.exception and "read a made world" in at.info[0].value


def test_all_answers_of_both_relations_are_allowed(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[PatchHead] = []
    answer = ANSWERS[PatchHead]

    def keep(question: PatchHead) -> PatchedOdds:
        asked.append(question)
        return answer(question)  # type: ignore[return-value]

    monkeypatch.setitem(ANSWERS, PatchHead, keep)
    at = advanced(open_page("inside", run=trained(service)), "patch")
    assert not at.exception
    wanted = {item.answer for item in FACTS.test if item.group in FIRST}
    assert wanted <= {one.strip() for one in asked[0].choices}
    assert len(set(asked[0].choices)) == len(asked[0].choices)
