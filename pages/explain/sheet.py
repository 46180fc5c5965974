"""A sheet to print: one HTML file without a script that needs no other file and no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, get_type_hints

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pages.explain.checking import Checked, Match
from pages.explain.content import points, statements
from pages.explain.figures import Measured, figure
from pages.explain.predicted import in_words
from pages.explain.schedule import Cards
from tinylm.config import ModelConfig, RunConfig, TrainConfig
from tinylm.export.takehome import again
from tinylm.home import shown_id, without_names
from tinylm.predictions import TASK, Prediction, plain
from tinylm.setting import Value
from ui.differing import settings

# The settings of pre-training.
SHOWN = ("corpus", "documents", *get_type_hints(ModelConfig), *get_type_hints(TrainConfig))


class Part(NamedTuple):
    """A part of the answer; `numbers` are those of the points whose mention ends with it."""

    text: str
    found: bool  # whether it belongs to the mention of a point
    numbers: tuple[int, ...]


class Row(NamedTuple):
    """A point of the checklist."""

    title: str
    found: bool
    ticked: bool  # by the learner, where no rule found it
    figure: str  # "" where nothing was measured


@dataclass(frozen=True)
class Sheet:
    """What stands on the sheet of a learner."""

    answer: str
    checked: Checked
    predictions: Sequence[Prediction]
    cards: Cards
    known: Measured | None
    day: date
    ticked: Set[str] = frozenset()  # the points that the learner ticked, by name

    def html(self) -> bytes:
        """The file."""
        run = self.known.run if self.known else None
        text = _template().render(
            day=f"{self.day:%d %B %Y}",
            task=TASK,
            parts=parts(self.answer, self.checked),
            found=len(self.checked.found),
            ticked=len(self.ticked),
            rows=rows(self.checked, self.ticked, self.known),
            predictions=self.predictions,
            summary=in_words(self.predictions),
            judged=len(self.cards),
            right=sum(card.box > 0 for card in self.cards.values()),
            statements=len(statements()),
            run=shown_id(run.id) if run else "",
            title=without_names(run.title) if run else "",
            settings=_in_words(shown_settings(run.config)) if run else "",
            commands=commands(run.config) if run else (),
            stands_for=again.stands_for(run.config) if run else "",
        )
        return text.encode("utf-8", "replace")


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    made = Environment(autoescape=True, undefined=StrictUndefined, loader=folder)
    made.filters["plain"] = plain
    return made.get_template("sheet.html")


def shown_settings(config: RunConfig) -> dict[str, Value]:
    """The settings of a pre-training run that may change its curve."""
    return {name: value for name, value in settings(config).items() if name in SHOWN}


def _in_words(found: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} {without_names(str(value))}" for name, value in found.items())


def commands(config: RunConfig) -> list[str]:
    """What to type in a terminal: to train the same again, and to measure the run that results."""
    measure = (["eval", "RUN", "--loss"], ["experiment", "fewshot", "RUN"])
    every = (*measure, ["experiment", "transfer", "RUN"])
    return [again.command(config), *(again.in_shell(*one) for one in every)]


def rows(checked: Checked, ticked: Set[str], known: Measured | None) -> list[Row]:
    """A row for each point."""
    return [
        Row(
            one.title,
            one.name in checked.found,
            one.name in ticked,
            figure(one.name, known) if known else "",
        )
        for one in points()
    ]


def parts(text: str, checked: Checked) -> list[Part]:
    """The whole text in order, cut where the part that mentions a point begins or ends."""
    numbers = {one.name: number for number, one in enumerate(points(), start=1)}
    matches: list[Match] = list(checked.found.values())
    cuts = sorted({0, len(text), *(place for match in matches for place in match.span)})
    found = []
    for start, end in pairwise(cuts):
        inside = [one for one in matches if one.span.start <= start and end <= one.span.end]
        ending = sorted(numbers[one.point] for one in inside if one.span.end == end)
        found.append(Part(text[start:end], bool(inside), tuple(ending)))
    return found
