"""Says whether the world knows what a text asks for, so that an invented answer is called one."""

from __future__ import annotations

import re

from tinylm.corpora.world.world import Relation, World
from tinylm.questions.models import Likely
from ui.charts.whole import percent, word_label
from ui.frame import literal

KNOWN, UNKNOWN = "The capital of France is", "Atlantis lies in"
_CAPITAL = re.compile(r"\bthe capital of (?:the )?(?P<name>[^\n.!?]+?) is$", re.IGNORECASE)
_LIES = re.compile(r"(?:^|[.!?\n] ?)(?:the )?(?P<name>[^\n.!?,]+?) lies in$", re.IGNORECASE)
_ASKS = {"countries.capital": _CAPITAL, "countries.continent": _LIES}


def _left_open(relation: Relation, world: World, name: str, word: str, truth: str | None) -> bool:
    """Whether the table has an empty cell for this name, or another answer that excludes nothing.

    Bolivia is a country without a capital in the tables; Kazakhstan lies in Asia and in Europe.
    """
    if truth is not None:
        also = ((one.lower(), other) for one, other in relation.openness.also)
        return (name.lower(), word) in also
    table = next(one for one in world.tables if relation in one.relations)
    return name.lower() in {entity.name.lower() for entity in table.entities}


def about(text: str, likeliest: Likely, world: World) -> str:
    """Markdown about the likeliest next word after `text`; "" where `text` asks for no fact.

    It asks for one if it ends as "The capital of … is" or "… lies in".
    """
    for relation in world.relations:
        asked = _ASKS.get(relation.id)
        found = asked.search(text.strip()) if asked else None
        if found is None:
            continue
        name, said = found["name"], f"**{literal(word_label(likeliest.text))}**"
        word, sure = likeliest.text.strip(), percent(likeliest.probability)
        facts = {subject.name.lower(): answer for subject, answer in relation.facts.items()}
        truth = facts.get(name.lower())
        if truth is not None and (word == truth or truth.startswith(f"{word} ")):
            return (
                f"The tables of its world say {literal(truth)} as well: this fact it has learned."
            )
        if _left_open(relation, world, name, word, truth):
            return (
                f"The tables of its world leave this open for *{literal(name)}*, so they cannot "
                f"say whether {said} is right. The model gives it {sure} all the same."
            )
        if truth is None:
            return (
                f"No country *{literal(name)}* stands in the text that it read. It goes on all "
                f"the same, with {said} at {sure}: it must always expect some word, and no word "
                "of it means *I do not know*. What a model makes up in this way is called a "
                "**hallucination**."
            )
        return (
            f"The tables of its world say **{literal(truth)}**. So {said} is wrong at this step, "
            f"and nothing in its {sure} tells you so."
        )
    return ""
