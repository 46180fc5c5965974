"""When a page is drawn anew for answers, and how long a drawing waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest

from tinylm.questions import Answer, Job, Question
from tinylm.questions.models import Continuation, Sample
from ui import asking
from ui.asking import PATIENCE, ask_all, begin_drawing, due

WRITE = Sample("a-run", 1, "a")


@pytest.mark.parametrize(
    ("over", "seen", "total", "now"),
    [
        (0, 0, 3, False),
        (1, 0, 3, False),  # the next look may find more
        (2, 1, 3, False),
        (2, 2, 3, True),
        (3, 0, 3, True),
        (1, 0, 1, True),
    ],
)
def test_a_page_is_drawn_once_for_answers_that_come_one_upon_the_other(
    over: int, seen: int, total: int, now: bool
) -> None:
    assert due(over, seen, total) is now


class Answering:
    """A service whose questions wait, or are answered; it notes how long a page would wait."""

    def __init__(self) -> None:
        self.answered = False
        self.waits: list[float] = []
        self.asked: list[Question[Answer]] = []

    def ask_all(
        self,
        questions: Mapping[str, Question[Continuation]],
        *,
        ahead: Iterable[Question[Answer]],
        wait: float,
    ) -> dict[str, Job[Continuation]]:
        self.waits.append(wait)
        self.asked += [*questions.values(), *ahead]
        status = "done" if self.answered else "queued"
        answer = Continuation("!", 1) if self.answered else None
        return {
            label: Job(one.key(), one, status, answer, "", 0.0, None)
            for label, one in questions.items()
        }


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    found = Answering()
    monkeypatch.setattr(asking, "service", lambda: found)
    monkeypatch.setattr(asking, "_look", lambda *_: None)
    begin_drawing()
    yield found
    begin_drawing()


def test_a_drawing_that_waited_in_vain_waits_no_more(answering: Answering) -> None:
    """Before, a page with four questions waited four times."""
    for _ in range(3):
        assert not ask_all({"": WRITE}, "Writing …")
    begin_drawing()  # the same thread draws once more
    ask_all({"": WRITE}, "Writing …")
    assert answering.waits == [PATIENCE, 0.0, 0.0, PATIENCE]


def test_a_drawing_that_gets_its_answers_goes_on_waiting(answering: Answering) -> None:
    answering.answered = True
    for _ in range(3):
        assert ask_all({"": WRITE}, "Writing …") == {"": Continuation("!", 1)}
    answering.answered = False
    ask_all({"": WRITE}, patience=0.0)  # it did not want to wait
    ask_all({"": WRITE}, "Writing …")
    assert answering.waits == [PATIENCE, PATIENCE, PATIENCE, 0.0, PATIENCE]


def test_what_is_asked_ahead_is_not_waited_for(answering: Answering) -> None:
    answering.answered = True
    later = Sample("a-run", 1, "b")
    assert ask_all({"": WRITE}, "Writing …", ahead=[later]) == {"": Continuation("!", 1)}
    assert answering.asked == [WRITE, later]
    assert not getattr(asking._drawing, "in_vain", False)
