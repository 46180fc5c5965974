"""Judges lines of two steps: France -> Spain -> Madrid, also without the step in between."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tinylm.corpora.world.chains import compositions
from tinylm.corpora.world.knowledge import Claim, Knowledge, Place
from tinylm.corpora.world.verdicts import BREAKS_OFF, Judgement, Verdict, open_question
from tinylm.corpora.world.world import World

_STEP = re.compile(r"(?P<middle>.+?)(?P<separator> -> | => | = |: )(?P<end>.+)")
_TELLING = ("line", "of", "sheet")  # as telling as the words of a long pattern
_ENDS_ALONE = "the step in between is not written, so the tables cannot tell"


class ChainLines:
    """Judges lines of chains by the compositions of a world."""

    def __init__(self, world: World, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._steps = [
            (Place(one.first, "{o}"), Place(one.second, "{o}")) for one in compositions(world)
        ]
        self._ends = [
            {chain.start.name: chain.end for chain in one.chains} for one in compositions(world)
        ]
        self._facts = [
            {subject.name: answer for subject, answer in relation.facts.items()}
            for relation in world.relations
        ]

    def judge(
        self, left: str, right: str, start: int, end: int, *, whole: bool
    ) -> Judgement | None:
        """The judgement on a line whose `right` side, at `start`, has two steps; None if not."""
        steps = _STEP.fullmatch(right)
        if steps is None or not any(left in ends for ends in self._ends):
            return None
        middle, last = steps["middle"], steps["end"]
        pairs = [
            (
                self._knowledge.claim(first, left, middle, _TELLING),
                self._knowledge.claim(second, middle, last, _TELLING),
            )
            for first, second in self._steps
        ]
        if not whole and any(second.goes_on(last) for _, second in self._steps):
            return open_question(start, end, BREAKS_OFF)
        one, two = max(pairs, key=lambda pair: (_right(pair), pair[0].rank, pair[1].rank))
        if one.verdict is not Verdict.RIGHT:
            return _judgement(one, start, start + steps.end("middle"))
        return _judgement(two, start + steps.start("end"), end)

    def ends(self, lines: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """The ends of chains, by their starts, that explain these lines best.

        It is empty where facts of one step explain as many of them.
        """
        most = max(self._ends, key=lambda ends: _explained(ends, lines), default={})
        usual = max((_explained(facts, lines) for facts in self._facts), default=0)
        return most if _explained(most, lines) > usual else {}

    def judge_end(
        self, ends: Mapping[str, str], line: tuple[str, str], at: int, end: int
    ) -> Judgement:
        """The judgement on a line, at whose place `at` stands what may be the end of a chain."""
        if ends.get(line[0]) == line[1]:
            return Judgement(Verdict.RIGHT, at, end, "", "two steps in the tables lead there")
        return open_question(at, end, _ENDS_ALONE)


def _right(pair: Sequence[Claim]) -> int:
    return sum(claim.verdict is Verdict.RIGHT for claim in pair)


def _explained(answers: Mapping[str, str], lines: Sequence[tuple[str, str]]) -> int:
    return sum(answers.get(left) == right for left, right in lines)


def _judgement(claim: Claim, start: int, end: int) -> Judgement:
    return Judgement(claim.verdict, start, end, claim.truth, claim.reason)
