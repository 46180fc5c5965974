"""What there is to tell of a world by the settings of a text, and how often each of it is told."""

from __future__ import annotations

from functools import cached_property
from itertools import permutations
from typing import TypeVar

from tinylm.corpora.world import choosing
from tinylm.corpora.world.biographies import LEAST_FACTS
from tinylm.corpora.world.chains import Chain, practised
from tinylm.corpora.world.chooser import Chooser, Odds
from tinylm.corpora.world.world import Entity, Relation, Table, World
from tinylm.errors import BadRequest
from tinylm.knobs import TextConfig

USUAL = TextConfig()
MIN_PAIRS = 3  # of a worksheet
T = TypeVar("T")


class Stock:
    """The tables, things, worksheets and biographies of a text, with their weights."""

    def __init__(self, world: World, text: TextConfig = USUAL) -> None:
        """Raises BadRequest for tables or worksheets that this world does not have."""
        self.world, self.text = world, text
        self._untold = choosing.untold_facts(world, text.untold)
        self._tables = choosing.told_tables(world, text.tables)
        self._sheets = choosing.told_sheets(world, text.sheets)

    @cached_property
    def tables(self) -> Odds[Table]:
        """The tables, weighted by `Table.bits`: facts with many possible answers take longer.

        Raises BadRequest if none has a fact to tell.
        """
        tables = [table for table in self._tables if self.subjects[table.name].options]
        if not tables:
            raise BadRequest("No fact is left to tell: choose a smaller share for untold.")
        return Odds(tables, [table.bits + 1 for table in tables])

    @cached_property
    def subjects(self) -> dict[str, Odds[Entity]]:
        """The entities of each table that have facts to tell, with how often they are told of."""
        found = {}
        for table in self._tables:
            weights = choosing.weights(table, self.text.zipf)
            subjects = [one for one in table.entities if self.relations(table, one)]
            found[table.name] = Odds(subjects, [weights[one] for one in subjects])
        return found

    def relations(self, table: Table, subject: Entity) -> tuple[Relation, ...]:
        """The relations in which the fact about an entity is told."""
        relations = table.relations_of[subject]
        if not self._untold:
            return relations
        return tuple(r for r in relations if (r.id, subject.name) not in self._untold)

    @cached_property
    def sheets(self) -> Odds[Odds[tuple[Relation, Entity]]]:
        """The kinds of worksheets, weighted by the number of facts that they may show.

        Each has its facts, with how often they are shown. Raises BadRequest if none has MIN_PAIRS
        facts.
        """
        weights = {t.name: choosing.weights(t, self.text.zipf) for t in self._tables}
        found = []
        for sheet in self._sheets:
            facts = [
                (relation, subject)
                for relation in sheet.relations
                for subject in relation.facts
                if relation.id.partition(".")[0] in weights
                and subject not in relation.held_out
                and (relation.id, subject.name) not in self._untold
            ]
            if len(facts) >= MIN_PAIRS:
                found.append(Odds(facts, [weights[r.id.partition(".")[0]][s] for r, s in facts]))
        if not found:
            raise BadRequest(
                f"Worksheets need a relation with at least {MIN_PAIRS} facts that they may show: "
                "let more of them be told, or leave worksheets out."
            )
        return Odds(found, [len(facts.options) for facts in found])

    @cached_property
    def columns(self) -> Odds[tuple[Relation, Relation, Odds[Entity]]]:
        """Two relations of one table, and the entities of which both facts are told, none held out.

        Each table is as likely as the others. Raises BadRequest if none has MIN_PAIRS entities.
        """
        found, weights = [], []
        for table in self._tables:
            of_one = choosing.weights(table, self.text.zipf)
            pairs = [
                (first, second, Odds(both, [of_one[one] for one in both]))
                for first, second in permutations(table.relations, 2)
                if not (first.constant or second.constant)
                and len(both := self._in_both(first, second)) >= MIN_PAIRS
            ]
            found += pairs
            weights += [1 / len(pairs) for _ in pairs]
        if not found:
            raise BadRequest(
                f"Tables without names need two relations with at least {MIN_PAIRS} things that "
                "have both facts: let more facts be told, or set bare_tables to 0."
            )
        return Odds(found, weights)

    def _in_both(self, first: Relation, second: Relation) -> list[Entity]:
        return [
            subject
            for subject in first.facts
            if subject in second.facts
            and not any(
                subject in one.held_out or (one.id, subject.name) in self._untold
                for one in (first, second)
            )
        ]

    @cached_property
    def chains(self) -> Odds[Odds[Chain]]:
        """The compositions that worksheets may show, weighted by their chains; none is held out.

        Raises BadRequest if none has MIN_PAIRS chains.
        """
        weights = {t.name: choosing.weights(t, self.text.zipf) for t in self._tables}
        shown = {relation.id for sheet in self._sheets for relation in sheet.relations}
        found = []
        for composition in practised(self.world):
            first, second, chains = composition
            tables = {one.id.partition(".")[0] for one in (first, second)}
            if not tables <= weights.keys() or not {first.id, second.id} <= shown:
                continue
            told = [one for one in chains if one.in_worksheets and self._tells(one)]
            if len(told) >= MIN_PAIRS:
                of_first = weights[first.id.partition(".")[0]]
                found.append(Odds(told, [of_first[one.start] for one in told]))
        if not found:
            raise BadRequest(
                f"Chains need two relations with at least {MIN_PAIRS} facts that go on "
                "from each other: let more worksheets be shown, or leave chains out."
            )
        return Odds(found, [len(chains.options) for chains in found])

    def _tells(self, chain: Chain) -> bool:
        facts = ((chain.first, chain.start), (chain.second, chain.middle))
        return all((relation.id, subject.name) not in self._untold for relation, subject in facts)

    @cached_property
    def lives(self) -> Odds[tuple[Table, Entity]]:
        """The entities that have a biography. Raises BadRequest if there are none."""
        found = [
            (table, subject, weight)
            for table in self._tables
            for subject, weight in choosing.weights(table, self.text.zipf).items()
            if len(self.life(table, subject)) >= LEAST_FACTS
        ]
        if not found:
            raise BadRequest(
                f"Biographies need things with at least {LEAST_FACTS} facts: let more be told."
            )
        return Odds([(table, one) for table, one, _ in found], [weight for *_, weight in found])

    def life(self, table: Table, subject: Entity) -> list[Relation]:
        """The relations of which the biography of an entity tells."""
        return [one for one in self.relations(table, subject) if not one.constant]

    def draw(self, chooser: Chooser, options: Odds[T], count: int) -> list[T]:
        """`count` different options, by their weights where the text is uneven."""
        if self.text.zipf:
            return chooser.weighted(options, count)
        return chooser.sample(options.options, count)
