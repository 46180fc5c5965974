"""A question about a fact in other words, made from the sentences that state such facts."""

from __future__ import annotations

from tinylm.corpora.world.wording import ANSWER_BLANKS
from tinylm.corpora.world.world import Entity, Relation

ASKED = "what"  # stands where the answer would


def rephrased(relation: Relation, subject: Entity) -> list[str]:
    """A question for each pattern of a relation, such as "The capital of Peru is what?"."""
    found = []
    for pattern in relation.patterns:
        for blank in ANSWER_BLANKS:
            pattern = pattern.replace(blank, ASKED)
        text = relation.fill(pattern, subject)
        found.append(f"{text[:1].upper()}{text[1:]}?")
    return found
