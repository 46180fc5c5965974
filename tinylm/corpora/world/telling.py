"""Tells facts: the clauses that state them, and the answers of the true world or of a wrong one."""

from __future__ import annotations

from tinylm.corpora.world import choosing
from tinylm.corpora.world.stock import Stock
from tinylm.corpora.world.wording import leads_with_subject
from tinylm.corpora.world.world import Entity, Relation


class Teller:
    """What the kinds of documents ask when they write."""

    def __init__(self, stock: Stock, wrong: int | None = None) -> None:
        """With `wrong`, the answers are those of the wrong world of this number."""
        self.stock, self.world, self.text, self._wrong = stock, stock.world, stock.text, wrong
        self._clauses: dict[tuple[str, Entity], list[tuple[str, bool, bool]]] = {}
        self._thens: dict[tuple[str, Entity, bool], list[str]] = {}

    def answer(self, relation: Relation, subject: Entity) -> str:
        """What this text says of a fact."""
        if self._wrong is None:
            return relation.facts[subject]
        return choosing.wrong_answer(relation, subject, self._wrong)

    def clauses(self, relation: Relation, subject: Entity) -> list[tuple[str, bool, bool]]:
        """The filled patterns of a relation that state the fact about `subject`.

        Each comes with two answers: does it speak of several ("cows"), and may the next sentence
        say "it" or "they" for the subject?
        """
        key = (relation.id, subject)
        if key not in self._clauses:
            answer = self.answer(relation, subject)
            self._clauses[key] = [
                (relation.fill(p, subject, answer), "{s+}" in p, leads_with_subject(p))
                for p in choosing.wordings(relation, subject, self.text.patterns)
            ]
        return self._clauses[key]

    def thens(self, relation: Relation, subject: Entity, many: bool) -> list[str]:
        """Clauses that say "it" (or "they", if `many`) for the subject of the last sentence.

        There are none where the wordings of a fact are limited.
        """
        key = (relation.id, subject, many)
        if key not in self._thens:
            patterns = relation.then_many if many else relation.then
            answer = self.answer(relation, subject)
            told = () if self.text.patterns else patterns
            self._thens[key] = [relation.fill(p, subject, answer) for p in told]
        return self._thens[key]
