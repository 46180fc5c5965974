"""What a world knows of the words in a statement: subjects, answers, and whether they fit.

A claim says that a relation gives an answer for a subject. It is right where the table says so,
and wrong where the table says something else and can have one answer only, or where a thing of
another kind stands in the place of the subject or the answer. All else cannot be decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tinylm.corpora.world.verdicts import Verdict
from tinylm.corpora.world.wording import fill, plural, with_article
from tinylm.corpora.world.world import Entity, Relation, Table, World

_SMALL = ("a", "an", "the", "in", "on", "at")  # words that stand before a name
TELLING = 3  # words of a pattern after which no other meaning is possible


def bare(words: str) -> str:
    """`words` without the small words before them: "cow" for "a cow", "sea" for "in the sea"."""
    first, _, rest = words.partition(" ")
    return bare(rest) if rest and first.lower() in _SMALL else words


class Rank(NamedTuple):
    """How well a claim fits the words of a sentence that can be read as several claims."""

    right: bool
    knows_subject: bool
    fits_answer: bool  # the answer is one of this relation's
    subject: int  # 3: has a fact, 2: stands in the table, 1: is something else, 0: unknown
    words: int  # of the pattern


class Claim(NamedTuple):
    """A verdict on a subject and an answer of one relation."""

    verdict: Verdict
    truth: str
    reason: str
    rank: Rank


@dataclass(frozen=True)
class Place:
    """A blank for an answer in a pattern of a relation, and the forms that may stand there."""

    relation: Relation
    blank: str

    @cached_property
    def forms(self) -> dict[str, str]:
        """The answers of the relation, by the words that stand for each of them."""
        forms = {}
        for answer in self.relation.answers:
            blanks = {"{o}": answer, "{a o}": with_article(answer)}
            phrase = self.relation.phrases.get(answer) or fill(self.relation.phrase, blanks)
            forms[(blanks | {"{p}": phrase})[self.blank]] = answer
        return forms

    @cached_property
    def _bare_forms(self) -> dict[str, str]:
        return {bare(answer): answer for answer in self.relation.answers}

    @cached_property
    def _begins(self) -> frozenset[str]:
        """The small words with which an answer begins here; empty if some begin with none."""
        firsts = {form.partition(" ")[0] for form in self.forms}
        return frozenset(firsts) if firsts <= set(_SMALL) else frozenset()

    def answer(self, words: str) -> str | None:
        """The answer that `words` stand for, also with another small word before it."""
        if (found := self.forms.get(words)) is not None or not self._begins:
            return found
        return self._bare_forms.get(bare(words)) if bare(words) != words else None

    def goes_on(self, words: str) -> bool:
        """Whether `words`, at the end of a text, may be the beginning of an answer only."""
        names = [one.name for one in self.relation.facts] if self.relation.openness.mutual else []
        longer = any(form.startswith(words) and form != words for form in (*self.forms, *names))
        return longer or self.answer(words) is None

    def admits(self, words: str) -> bool:
        """Whether `words` have the form of an answer: "a dog" for {a o}, "red" for {o}."""
        first = words.partition(" ")[0]
        if self._begins:
            return first in self._begins | {"a", "an"}
        return self.blank == "{p}" or first not in ("a", "an")


class Knowledge:
    """All words that a world knows, and what they stand for."""

    def __init__(self, world: World) -> None:
        self._subjects: dict[str, dict[str, Entity]] = {}  # table -> name or form -> entity
        self._holders: dict[str, list[tuple[str, Entity]]] = {}  # answer -> whose it is, by table
        self._akin: dict[str, frozenset[str]] = {}  # table or relation -> the words in it
        self._kinds: dict[str, frozenset[str]] = {}  # table -> words for its kind of thing
        self._group: dict[str, dict[Entity, str]] = {}  # relation -> the group of each subject
        self._joined: dict[
            str, set[frozenset[str]]
        ] = {}  # relation -> group and answer, or two groups
        for table in world.tables:
            self._add(table)
        self._known = set(self._holders).union(*self._subjects.values())

    def _add(self, table: Table) -> None:
        forms: dict[str, Entity] = {}
        for entity in table.entities:
            for words in (*entity.blanks.values(), f"the {entity.name}"):
                forms.setdefault(words, entity)
                forms.setdefault(bare(words), entity)
        forms.update({entity.name: entity for entity in table.entities})
        self._subjects[table.name] = forms
        self._akin[table.name] = frozenset(map(bare, forms))
        kinds = {table.topic, table.name}
        for relation in table.relations:
            self._akin[relation.id] = frozenset(map(bare, relation.answers))
            if relation.constant:
                kinds |= {w for answer in relation.answers for w in (answer, plural(answer))}
            group = f"{table.name}.{relation.openness.within}"
            self._group[relation.id] = next((r.facts for r in table.relations if r.id == group), {})
            self._joined[relation.id] = {
                self._groups(relation, subject, forms[answer])
                if relation.openness.mutual and answer in forms
                else frozenset((self._group[relation.id].get(subject, ""), answer))
                for subject, answer in relation.facts.items()
            }
            for subject, answer in relation.facts.items():
                self._holders.setdefault(bare(answer), []).append((table.name, subject))
        self._kinds[table.name] = frozenset(kinds)

    def _groups(self, relation: Relation, one: Entity, other: Entity) -> frozenset[str]:
        """The groups of two subjects, such as the continents of two countries."""
        groups = self._group[relation.id]
        return frozenset(groups.get(entity, "") for entity in (one, other))

    def subject(self, relation: Relation, words: str) -> Entity | None:
        """The entity in the table of a relation that `words` stand for."""
        return self._subjects[relation.id.partition(".")[0]].get(words)

    def goes_on(self, relation: Relation, words: str) -> bool:
        """Whether `words`, at the end of a text, may be the beginning of a subject only."""
        forms = self._subjects[relation.id.partition(".")[0]]
        return any(form.startswith(words) and form != words for form in forms)

    def knows(self, words: str) -> bool:
        """Whether the world has an entity or an answer of this name."""
        return bare(words) in self._known

    def claim(
        self, place: Place, subject: str, answer: str, pattern_words: tuple[str, ...]
    ) -> Claim:
        """The verdict on an answer in a place, beside a subject and the words of a pattern.

        Subject and answer are given as they stand in the text.
        """
        relation = place.relation
        entity, said = self.subject(relation, subject), place.answer(answer)
        if entity is not None and entity in relation.facts:
            level, known = 3, True
            found = self._of_fact(place, entity, said, answer, pattern_words)
        elif entity is not None:
            level, known = 2, True
            found = (
                Verdict.NOT_CHECKABLE,
                "",
                f"the tables leave the {relation.label} of {entity.name} open",
            )
        elif self.knows(subject):
            level, known = 1, True
            found = self._of_other(place, subject, said, answer, pattern_words)
        else:
            level, known = 0, False
            found = self._of_unknown(place, subject, said, answer, pattern_words)
        rank = Rank(found[0] is Verdict.RIGHT, known, said is not None, level, len(pattern_words))
        return Claim(*found, rank)

    def _of_fact(
        self, place: Place, entity: Entity, said: str | None, answer: str, words: tuple[str, ...]
    ) -> tuple[Verdict, str, str]:
        """An answer about a subject for which the table has one."""
        relation = place.relation
        truth = relation.facts[entity]
        if said == truth:
            return Verdict.RIGHT, "", f"the tables say {truth}"
        pair = entity.name, bare(answer) if said is None else said
        if pair in relation.openness.also or pair[::-1] in relation.openness.also:
            return Verdict.NOT_CHECKABLE, "", f"the tables say {truth}, but this may be right too"
        if relation.openness.mutual or relation.symmetric:
            other = self.subject(relation, bare(answer))
            if other is not None and relation.facts.get(other) == entity.name:
                return Verdict.RIGHT, "", f"the tables say so of {other.name}"
            if other == entity:
                return Verdict.WRONG, truth, f"nothing is its own {relation.label}"
            groups = frozenset() if other is None else self._groups(relation, entity, other)
            if all(groups) and len(groups) > 1 and groups not in self._joined[relation.id]:
                joined = " and ".join(sorted(groups))
                reason = f"no {relation.label} in the tables joins {joined}"
                return Verdict.WRONG, truth, reason
        elif relation.openness.within and said is not None:
            group = self._group[relation.id].get(entity, "")
            if group and frozenset((group, said)) not in self._joined[relation.id]:
                return Verdict.WRONG, truth, f"no {group} in the tables has “{said}”"
        if not relation.openness.several:
            if said is not None:
                return Verdict.WRONG, truth, f"the tables say {truth}"
            if self.knows(answer) or len(words) >= TELLING:
                return Verdict.WRONG, truth, f"the tables say {truth}"
        elif said is not None or self._is_akin(relation, answer):
            return (
                Verdict.NOT_CHECKABLE,
                "",
                f"the tables say {truth}, but others may be right too",
            )
        elif self.knows(answer):
            return Verdict.WRONG, truth, f"“{answer}” is no answer here: the tables say {truth}"
        return Verdict.NOT_CHECKABLE, "", f"the tables do not know “{answer}”"

    def _of_other(
        self, place: Place, subject: str, said: str | None, answer: str, words: tuple[str, ...]
    ) -> tuple[Verdict, str, str]:
        """An answer about a thing that stands elsewhere in the world, and not in this table.

        What holds for the country may be said of its capital, unless the sentence calls it a
        country.
        """
        relation = place.relation
        table = relation.id.partition(".")[0]
        of_this_kind = not self._kinds[table].isdisjoint(words)
        holders = [one for name, one in self._holders.get(bare(subject), ()) if name == table]
        inherited = (
            len(holders) == 1 and said is not None and said == relation.facts.get(holders[0])
        )
        no_answer = said is None and self.knows(answer) and not self._is_akin(relation, answer)
        telling = len(words) >= TELLING and (
            said is not None or self.knows(answer) or bool(holders)
        )
        open_answer = relation.openness.several and not no_answer
        if of_this_kind or (not inherited and not open_answer and (said is not None or telling)):
            reason = f"the tables of {table} have no “{bare(subject)}”"
            return Verdict.WRONG, "", reason
        return (
            Verdict.NOT_CHECKABLE,
            "",
            f"the tables do not say the {relation.label} of “{bare(subject)}”",
        )

    def _of_unknown(
        self, place: Place, subject: str, said: str | None, answer: str, words: tuple[str, ...]
    ) -> tuple[Verdict, str, str]:
        """An answer about something that the world does not know."""
        relation = place.relation
        single = not relation.openness.several and len(words) >= TELLING
        if single and said is None and self.knows(answer):
            return Verdict.WRONG, "", f"“{answer}” is no {relation.label}"
        return Verdict.NOT_CHECKABLE, "", f"the tables do not know “{subject}”"

    def _is_akin(self, relation: Relation, answer: str) -> bool:
        """Whether an answer is of a kind that may be right, though no row of the column has it."""
        return any(bare(answer) in self._akin.get(name, ()) for name in relation.openness.akin)
