"""Measures questions of two steps: at once, with the step in between written out, and given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylm.answers.experiments.solver import number, share
from tinylm.answers.loading import load_model, world_of_run
from tinylm.corpora.world.chains import Chain, Composition, compositions, practised
from tinylm.corpora.world.world import World
from tinylm.evaluation.context import Context
from tinylm.evaluation.scoring import Question, greedy
from tinylm.evaluation.tasks.base import Item, Task, spread
from tinylm.experiments.steps import (
    AT_ONCE,
    GIVEN,
    NEVER,
    SHOTS,
    SHOWN,
    WAYS,
    WHICH,
    WRITTEN,
    alone,
    commonest,
    middle,
    right,
    skipped,
    spoiled,
)
from tinylm.model.gpt import GPT
from tinylm.questions.experiments import Figure, Figures, Look, Measured
from tinylm.questions.experiments import Shown as ToShow
from tinylm.text.tokenizer import Tokenizer

NEIGHBOUR = "countries.neighbour"  # the first step of what is asked
ARROW = " -> "
FIRST, SECOND = "first", "second"  # the steps alone
LOOKED_AT = 24  # items of a look
EXAMPLES_SHOWN = 3


@dataclass(frozen=True)
class Asked:
    """One question of two steps, and the chains that may be examples beside it."""

    chain: Chain
    examples: tuple[Chain, ...]
    composition: str
    answers: Mapping[str, tuple[str, ...]]  # all that the composition has, by the way of asking

    @property
    def own(self) -> str:
        """What the second relation says of the start itself; "" for nothing."""
        return self.chain.second.facts.get(self.chain.start, "")


def measure(question: Look | Figures, home: Path) -> Measured:
    """Right at once, written out, and with the step given, for what chains may show or not."""
    model, tokenizer, _ = load_model(home, question.run, question.step)
    asked = asked_in(world_of_run(home, question.run, question.step))
    if isinstance(question, Look):
        some = spread(asked[SHOWN], LOOKED_AT)
        said = _Said(model, tokenizer, some, question.seed)
        return Measured(said.figures(SHOWN, controls=False))
    figures: dict[str, Figure] = {}
    shown: list[ToShow] = []
    for which in WHICH:
        said = _Said(model, tokenizer, asked[which], question.seed)
        figures |= said.figures(which, controls=True)
        shown += said.some(which)
    return Measured(figures, tuple(shown))


def asked_in(world: World) -> dict[str, list[Asked]]:
    """The questions of a world: those that chains of a text may show, but never do, and others.

    Of compositions that chains may show, only those are asked that no chain shows.
    """
    told = {one.name for one in practised(world)}
    found: dict[str, list[Asked]] = {SHOWN: [], NEVER: []}
    for one in compositions(world):
        if one.first.id == NEIGHBOUR:
            which = SHOWN if one.name in told else NEVER
            found[which] += [
                asked for asked in _asked(one) if which == NEVER or not asked.chain.in_worksheets
            ]
    return found


def _asked(composition: Composition) -> list[Asked]:
    """Each chain with the others as examples; none of these names a thing of the chain itself."""
    answers = {
        way: tuple(sorted({written(one, way)[1] for one in composition.chains}))
        for way in (FIRST, SECOND, *WAYS)
    }
    names = [{one.start.name, one.middle.name} for one in composition.chains]
    return [
        Asked(
            chain,
            tuple(
                other
                for other, theirs in zip(composition.chains, names, strict=True)
                if not mine & theirs
            ),
            composition.name,
            answers,
        )
        for chain, mine in zip(composition.chains, names, strict=True)
    ]


def written(chain: Chain, way: str) -> tuple[str, str]:
    """What is asked about a chain, and the answer that is right."""
    if way == FIRST:
        return chain.start.name, chain.middle.name
    if way == SECOND:
        return chain.middle.name, chain.end
    if way == AT_ONCE:
        return chain.start.name, chain.end
    return chain.start.name, f"{chain.middle.name}{ARROW}{chain.end}"


def prompt(asked: Asked, way: str, context: Context, seed: int, control: str = "") -> Question:
    """The question after SHOTS examples, or as many as fit; the same ones for every way."""
    choices, group = asked.answers[way], asked.composition
    items = tuple(
        Item(start, choices, choices.index(answer), group)
        for start, answer in (written(one, way) for one in (asked.chain, *asked.examples))
    )
    task = Task("steps", "Two steps", "", train=items[1:], test=items[:1])
    found = context.few_shot_prompt(task, items[0], SHOTS, seed, control)
    if way != GIVEN:
        return Question(found.text, found.choices, task.after)
    ends = tuple(f" {one}" for one in asked.answers[AT_ONCE])
    return Question(f"{found.text} {asked.chain.middle.name} ->", ends, task.after)


class _Said:
    """What a model says to the same questions in every way."""

    def __init__(self, model: GPT, tokenizer: Tokenizer, asked: Sequence[Asked], seed: int) -> None:
        self._model, self._tokenizer, self._asked, self._seed = model, tokenizer, asked, seed
        self._context = Context(tokenizer, model.config.block_size)
        self._texts = {way: self._greedy(way) for way in (FIRST, SECOND, *WAYS)}
        steps = zip(self._right(FIRST), self._right(SECOND), strict=True)
        self._known = [one and two for one, two in steps]

    def figures(self, which: str, *, controls: bool) -> dict[str, Figure]:
        """All figures, those after spoiled examples only with `controls`."""
        asked, texts = self._asked, self._texts
        found = {
            alone(1, which): _share(self._right(FIRST)),
            alone(2, which): _share(self._right(SECOND)),
            alone(0, which): _share(self._known),
            middle(which): self._of_known(
                [
                    text.partition(ARROW)[0] == one.chain.middle.name
                    for text, one in zip(texts[WRITTEN], asked, strict=True)
                ]
            ),
            skipped(which): _share(
                [text == one.own for text, one in zip(texts[AT_ONCE], asked, strict=True)]
            ),
            commonest(which): _commonest(asked),
        }
        for way in WAYS:
            found[right(way, which)] = _share(self._right(way))
            found[right(way, which, known=True)] = self._of_known(self._right(way))
        if controls:
            for way in (AT_ONCE, WRITTEN):
                said = self._greedy(way, "shuffled")
                found[spoiled(way, which)] = self._of_known(self._ends(said))
        return {name: one for name, one in found.items() if one.n}

    def some(self, which: str) -> list[ToShow]:
        """Some answers in each way, those to the same questions."""
        places = [i for i, known in enumerate(self._known) if known]
        found = []
        for i in places[:: max(1, len(places) // EXAMPLES_SHOWN)][:EXAMPLES_SHOWN]:
            for way in (AT_ONCE, WRITTEN):
                asked = prompt(self._asked[i], way, self._context, self._seed)
                found.append(
                    ToShow(
                        f"{which}, {way}",
                        asked.prompt,
                        self._texts[way][i],
                        written(self._asked[i].chain, way)[1],
                    )
                )
        return found

    def _greedy(self, way: str, control: str = "") -> list[str]:
        questions = [prompt(one, way, self._context, self._seed, control) for one in self._asked]
        return greedy(self._model, self._tokenizer, questions)

    def _right(self, way: str) -> list[bool]:
        """Whether the end is right; of the first step alone, whether its answer is."""
        if way == FIRST:
            said = zip(self._texts[way], self._asked, strict=True)
            return [text == one.chain.middle.name for text, one in said]
        return self._ends(self._texts[way])

    def _ends(self, texts: Sequence[str]) -> list[bool]:
        """Whether each text is, or leads to, the right end."""
        return [
            text.rpartition(ARROW)[2] == one.chain.end
            for text, one in zip(texts, self._asked, strict=True)
        ]

    def _of_known(self, rights: Sequence[bool]) -> Figure:
        return _share([one for one, known in zip(rights, self._known, strict=True) if known])


def _share(rights: Sequence[bool]) -> Figure:
    return share(sum(rights), len(rights))


def _commonest(asked: Sequence[Asked]) -> Figure:
    """Right by always giving the commonest end of each composition."""
    ends = Counter((one.composition, one.chain.end) for one in asked)
    best: dict[str, int] = {}
    for (composition, _), count in ends.items():
        best[composition] = max(best.get(composition, 0), count)
    return number(sum(best.values()) / len(asked), len(asked))
