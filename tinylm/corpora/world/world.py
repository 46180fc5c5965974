"""The made world: tables of true facts and, for each table, the sentences that state them.

A folder holds pairs of files, such as `animals.csv` (a row for each entity, a column for each
relation) and `animals.json` (patterns for each relation, with the blanks that wording.py explains),
and `prose.json` with people and frames. data/README.md tells how to add to them.

For each relation a quarter of the subjects is *held out* (half, if relations share a worksheet):
they never stand in its worksheets, so a model meets those facts only in prose and info-boxes.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from tinylm.corpora.world import wording as text
from tinylm.corpora.world.data_files import DATA, read
from tinylm.corpora.world.languages import Languages
from tinylm.corpora.world.reviews import Reviews
from tinylm.corpora.world.rows import (
    Grid,
    Place,
    check_facts,
    checked_rows,
    is_safe,
    line_of,
    read_grid,
    row_of,
)
from tinylm.corpora.world.stories import Prose
from tinylm.corpora.world.verdicts import Openness, read_openness
from tinylm.errors import BadRequest

WORD_FORMS = ("name", "article", "plural")  # columns that are not relations
HELD_OUT = 4  # one subject in this many is held out
HELD_OUT_JOINED = 2  # the same for relations that share a worksheet


@dataclass(frozen=True)
class Entity:
    """A row of a table: something that has facts."""

    name: str
    article: str = ""  # "": a or an, by the rule; "the": always the; "none": none (bread, rice)
    plural: str = ""

    @cached_property
    def blanks(self) -> dict[str, str]:
        """What stands for the entity in each subject blank."""
        bare = f"the {self.name}" if self.article == "the" else self.name
        some = {"": text.with_article(self.name), "the": bare, "none": self.name}
        return {
            "{s}": bare,
            "{a s}": some.get(self.article, f"{self.article} {self.name}"),
            "{s+}": self.plural or text.plural(self.name),
        }


@dataclass(frozen=True)
class Relation:
    """A column of a table: one question about its entities, and the ways to state the answer."""

    id: str  # "countries.capital"
    title: str  # "Countries: capital"
    label: str  # its name in info-boxes
    question: str
    patterns: tuple[str, ...]
    then: tuple[str, ...]  # patterns with "it", after a sentence about one
    then_many: tuple[str, ...]  # patterns with "they", after a sentence about several
    phrase: str
    phrases: dict[str, str]
    facts: dict[Entity, str]  # subject -> answer, in the order of the table
    openness: Openness  # whether other answers than the table's may be right
    symmetric: bool = False
    joins: str = ""  # relations with the same name here stand in one worksheet
    constant: bool = False  # all subjects have the same answer

    @cached_property
    def held_out(self) -> frozenset[Entity]:
        """About a quarter of the subjects (half if `joins`), by a hash of relation and subject.

        In a symmetric relation, both directions of a pair are held out or neither is.
        """
        share = HELD_OUT_JOINED if self.joins else HELD_OUT
        ranked: dict[str, list[Entity]] = {}
        for subject, answer in self.facts.items():
            key = min(subject.name, answer) if self.symmetric else subject.name
            digest = hashlib.sha256(f"{self.id}\x1f{key}".encode()).hexdigest()
            ranked.setdefault(digest, []).append(subject)
        chosen: list[Entity] = []
        for _, subjects in sorted(ranked.items()):
            if len(chosen) >= len(self.facts) // share:
                break
            chosen += subjects
        return frozenset(chosen)

    @cached_property
    def sheet(self) -> tuple[tuple[str, str], ...]:
        """The pairs that may stand in worksheets."""
        return tuple((s.name, o) for s, o in self.facts.items() if s not in self.held_out)

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """All distinct answers, sorted."""
        return tuple(sorted(set(self.facts.values())))

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(subject.name for subject in self.facts)

    def names_another(self, subject: Entity) -> bool:
        """Whether the answer is also a subject, as a country's neighbour is a country."""
        return self.facts[subject] in self._names

    def fill(self, pattern: str, subject: Entity, wrong: str = "") -> str:
        """`pattern` with its blanks filled for `subject` and its answer, or a `wrong` one."""
        answer = wrong or self.facts[subject]
        blanks = {"{o}": answer, "{a o}": text.with_article(answer)}
        blanks["{p}"] = self.phrases.get(answer) or text.fill(self.phrase, blanks)
        return text.fill(pattern, subject.blanks | blanks)


@dataclass(frozen=True)
class Sheet:
    """What one kind of worksheet may show: the pairs of one relation, or of several joined ones."""

    name: str
    relations: tuple[Relation, ...]

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs (subject, answer) that are not held out."""
        return tuple(pair for relation in self.relations for pair in relation.sheet)


@dataclass(frozen=True)
class Table:
    """Entities that have the same relations."""

    name: str
    title: str
    topic: str  # what openings of prose say they are about: "animals"
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]

    @cached_property
    def num_facts(self) -> int:
        """The number of facts, without those of relations that have a constant answer."""
        return sum(len(relation.facts) for relation in self.relations if not relation.constant)

    @cached_property
    def bits(self) -> float:
        """How much there is to learn: each fact counts log2 of its relation's distinct answers."""
        return sum(len(r.facts) * math.log2(len(r.answers)) for r in self.relations)

    @cached_property
    def facts_of_one(self) -> float:
        """The average number of facts of an entity."""
        return self.num_facts / len(self.entities)

    @cached_property
    def relations_of(self) -> dict[Entity, tuple[Relation, ...]]:
        """The relations in which each entity has an answer; an empty cell is no fact."""
        return {e: tuple(r for r in self.relations if e in r.facts) for e in self.entities}


@dataclass(frozen=True)
class World:
    """All that a folder holds: tables, and phrases, languages and reviews if it has them."""

    tables: tuple[Table, ...]
    prose: Prose
    languages: Languages | None = None
    reviews: Reviews | None = None

    @property
    def relations(self) -> tuple[Relation, ...]:
        return tuple(r for table in self.tables for r in table.relations)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The kinds of worksheets, one for each relation or group of joined relations."""
        found: dict[str, list[Relation]] = {}
        for relation in self.relations:
            found.setdefault(relation.joins or relation.id, []).append(relation)
        return tuple(Sheet(name, tuple(relations)) for name, relations in found.items())

    @cached_property
    def _shown(self) -> frozenset[tuple[str, str]]:
        """The pairs that can be read in worksheets, also inside a longer line."""
        pairs = (pair for sheet in self.sheets for pair in sheet.pairs)
        return frozenset(inner for pair in pairs for inner in text.inner_pairs(*pair))

    def asked_about(self, relation: Relation) -> frozenset[Entity]:
        """The subjects that tasks ask about: held out, and in no line of another subject.

        "bear -> growl" is not asked for where worksheets show "polar bear -> growl".
        """
        facts = relation.facts
        return frozenset(s for s in relation.held_out if (s.name, facts[s]) not in self._shown)

    @property
    def num_entities(self) -> int:
        return sum(len(table.entities) for table in self.tables)

    @property
    def num_facts(self) -> int:
        return sum(table.num_facts for table in self.tables)

    @staticmethod
    def load(folder: Path = DATA, grids: Mapping[str, Grid] | None = None) -> World:
        """Read and check a folder; `grids` replace the tables of the same names.

        Raises BadRequest, which names the file or table and the place, and says what to correct.
        """
        grids = grids or {}
        paths = sorted(folder.glob("*.csv"))
        if not paths:
            raise BadRequest(f"{folder} holds no tables: a world needs at least one .csv file.")
        frames = folder / "prose.json"
        prose = Prose.load(frames) if frames.exists() else Prose()
        languages, reviews = folder / "languages.json", folder / "reviews.json"
        world = World(
            tuple(read_table(path, grids.get(path.stem)) for path in paths),
            prose,
            Languages.load(languages) if languages.exists() else None,
            Reviews.load(reviews) if reviews.exists() else None,
        )
        _check_sheets(world)
        return world


@lru_cache(maxsize=1)
def default_world() -> World:
    """The world of data/world, read once."""
    return World.load()


def read_table(path: Path, grid: Grid | None = None) -> Table:
    """The table in a .csv file, or `grid` instead, with the patterns of the .json file beside it.

    Raises BadRequest.
    """
    source = path.with_suffix(".json")
    if not source.exists():
        raise BadRequest(f"{path.name} needs {source.name} beside it, with sentence patterns.")
    data = read(source, dict)
    title = str(data.get("title", path.stem.capitalize()))
    place = line_of(path) if grid is None else row_of(title, grid)
    grid = read_grid(path) if grid is None else grid
    rows = checked_rows(grid, place)
    specs = data.get("relations")
    if not isinstance(specs, dict) or not specs:
        raise BadRequest(f'{source.name} needs "relations": one entry for each column.')
    odd = next((name for name, spec in specs.items() if not isinstance(spec, dict)), None)
    if odd is not None:
        raise BadRequest(f"{source.name}: {odd!r} needs an object with patterns and a question.")
    columns = [c for c in grid.head if c not in WORD_FORMS]
    constants = [name for name, spec in specs.items() if "constant" in spec]
    if set(columns) | set(constants) != set(specs) or set(columns) & set(constants):
        odd = sorted(set(columns) ^ (set(specs) - set(constants)))[0]
        raise BadRequest(
            f"{odd!r} must be both a column of {path.name} and in {source.name}, or have a "
            '"constant" there and no column.'
        )
    entities = [Entity(row["name"], row.get("article", ""), row.get("plural", "")) for row in rows]
    if not constants:
        check_facts(grid, columns, place)
    told = list(zip(entities, rows, strict=True))
    relations = tuple(
        _relation(source, title, one, specs[one], {e: r[one] for e, r in told if r[one]})
        for one in columns
    ) + tuple(
        _relation(source, title, name, specs[name], _constant(source, name, specs[name], entities))
        for name in constants
    )
    for relation, column in zip(relations, columns, strict=False):
        if relation.symmetric:
            _check_pairs(grid, column, place)
    symmetric = {s: None for r in relations if r.symmetric for s in r.facts}
    everyone = tuple(dict.fromkeys([*entities, *symmetric]))
    return Table(path.stem, title, str(data.get("topic", path.stem)), everyone, relations)


def _check_pairs(grid: Grid, column: str, place: Place) -> None:
    """Raise BadRequest if a word is in two pairs of a symmetric relation, or twice in one."""
    seen: dict[str, int] = {}
    for number, row in enumerate(grid.rows):
        if not any(row):
            continue
        pair = row[0].strip(), row[grid.head.index(column)].strip()
        for word, where in zip(pair, ("name", column), strict=True) if all(pair) else ():
            if seen.setdefault(word, number) != number or pair[0] == pair[1]:
                raise BadRequest(
                    f"{place(number, where)}: {word!r} stands in two pairs, and a pair is read "
                    "both ways: keep it in one."
                )


def _check_sheets(world: World) -> None:
    """Raise BadRequest for worksheets with two answers to one subject or with a test item.

    A worksheet shows a test item if it contains a pair that another relation holds out.
    """
    shown = {pair: sheet.name for sheet in world.sheets for pair in sheet.pairs}
    for relation in world.relations:
        for subject in relation.held_out:
            other = shown.get((subject.name, relation.facts[subject]))
            if other is not None:
                raise BadRequest(
                    f"{subject.name!r} has {relation.facts[subject]!r} in {relation.title!r} and "
                    f"in {other!r} too: let one of them say something else."
                )
    for sheet in world.sheets:
        answers: dict[str, str] = {}
        for relation in sheet.relations:
            for subject, answer in relation.facts.items():
                if answers.setdefault(subject.name, answer) != answer:
                    raise BadRequest(
                        f"{subject.name!r} has two answers in {sheet.name!r} "
                        f"({answers[subject.name]!r}, and {answer!r} in {relation.title!r}): keep "
                        "it in one table."
                    )


def _constant(
    source: Path, name: str, spec: dict[str, Any], entities: list[Entity]
) -> dict[Entity, str]:
    answer = spec["constant"]
    if not is_safe(answer):
        raise BadRequest(f"{source.name}: {name!r} needs one word or phrase as its constant.")
    return dict.fromkeys(entities, str(answer))


def _relation(
    source: Path, title: str, column: str, spec: dict[str, Any], facts: dict[Entity, str]
) -> Relation:
    label = str(spec.get("label", column))
    patterns = _strings(source, spec, "patterns")
    then, many = _strings(source, spec, "then"), _strings(source, spec, "then_many")
    question = str(spec.get("question", ""))
    if not patterns or not question:
        raise BadRequest(f'{source.name}: {column!r} needs "patterns" and a "question".')
    for pattern in patterns:
        _check_pattern(source, pattern, subject=True, answer=True)
    for pattern in then + many:
        _check_pattern(source, pattern, subject=False, answer=True)
    _check_pattern(source, question, subject=True, answer=False)
    symmetric = bool(spec.get("symmetric", False))
    if symmetric:
        facts = facts | {Entity(answer): subject.name for subject, answer in facts.items()}
    return Relation(
        id=f"{source.stem}.{column}",
        title=f"{title}: {label}",
        label=label,
        question=question,
        patterns=patterns,
        then=then,
        then_many=many,
        phrase=str(spec.get("phrase", "{o}")),
        phrases=dict(spec.get("phrases", {})),
        facts=facts,
        symmetric=symmetric,
        joins=str(spec.get("joins", "")),
        constant="constant" in spec,
        openness=read_openness(source, spec.get("openness", {})),
    )


def _check_pattern(source: Path, pattern: str, *, subject: bool, answer: bool) -> None:
    blanks = re.findall(r"\{[^}]*\}", pattern)
    for blank in blanks:
        if blank not in text.BLANKS:
            raise BadRequest(
                f"{source.name}: {blank} in {pattern!r} is not one of {' '.join(text.BLANKS)}."
            )
    for wanted, kinds, what in (
        (subject, text.SUBJECT_BLANKS, "the subject"),
        (answer, text.ANSWER_BLANKS, "the answer"),
    ):
        if wanted != any(blank in kinds for blank in blanks):
            verb = "needs" if wanted else "must not have"
            raise BadRequest(
                f"{source.name}: {pattern!r} {verb} a blank for {what}: {' or '.join(kinds)}."
            )


def _strings(source: Path, data: dict[str, Any], key: str) -> tuple[str, ...]:
    values = data.get(key, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise BadRequest(f"{source.name}: {key!r} must be a list of sentences.")
    return tuple(values)
