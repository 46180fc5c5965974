"""Says whether the world knows what a text asks for, so that an invented answer is called one."""

from __future__ import annotations

import re

from tinylm.corpora.world.world import World
from tinylm.questions.models import Likely
from ui.charts.whole import percent, word_label
from ui.frame import literal

KNOWN, UNKNOWN = "The capital of France is", "Atlantis lies in"
_CAPITAL = re.compile(r"\bthe capital of (?:the )?(?P<name>[^\n.!?]+?) is$", re.IGNORECASE)
_LIES = re.compile(r"(?:^|[.!?\n] ?)(?:the )?(?P<name>[^\n.!?,]+?) lies in$", re.IGNORECASE)
_ASKS = {"countries.capital": _CAPITAL, "countries.continent": _LIES}


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
        facts = {subject.name.lower(): answer for subject, answer in relation.facts.items()}
        truth = facts.get(name.lower())
        sure = percent(likeliest.probability)
        if truth is None:
            return (
                f"No country *{literal(name)}* stands in the text that it read. It goes on all "
                f"the same, with {said} at {sure}: it must always expect some word, and no word "
                "of it means *I do not know*. What a model makes up in this way is called a "
                "**hallucination**."
            )
        if likeliest.text.strip() == truth or truth.startswith(f"{likeliest.text.strip()} "):
            return (
                f"The tables of its world say {literal(truth)} as well: this fact it has learned."
            )
        return (
            f"The tables of its world say **{literal(truth)}**. So {said} is wrong at this step, "
            f"and nothing in its {sure} tells you so."
        )
    return ""
