"""Exercises that the text never showed: what makes a model answer them from examples.

    python -m benchmarks.learning.unseen [IDEA ...] [--updates 500 | --full] [--seeds 1]

Worksheets show every other relation only; prose and info-boxes tell the facts of all. Each idea
adds something to the text or to its worksheets and takes the same share of it; the control adds
nothing. Then held-out facts are asked as lines of a worksheet: of the relations that worksheets
show (*seen*), and of those that they never show (*unseen*), with 0 and 4 examples; *others* leaves
out the relation whose subjects have no other one, which needs no examples. Beside it stands
how many of the unseen relations' facts the model completes as a sentence of the text (*in
sentences*): it cannot answer more than it knows. Results are added to a JSON file (`--results`).

No idea shows a line with nothing but a subject and its answer in an unseen relation. What those
marked * show comes close to it: rows of tables in which facts of unseen relations stand one below
the other without the relation's name.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.learning.bare import Bare, train_bare, world_tokenizer
from benchmarks.learning.faster import FAST
from tinylm.config import Value
from tinylm.corpora.sources.world import WORLD_SEED
from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.kinds import SEPARATORS
from tinylm.corpora.world.stock import MIN_PAIRS
from tinylm.corpora.world.wording import fill, sentence
from tinylm.corpora.world.world import Entity, Relation, Table, World, default_world
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.scoring import Question, score
from tinylm.evaluation.tasks import Item, task
from tinylm.knobs import TextConfig
from tinylm.presets import preset_config

UPDATES = 500  # of 8 rows
SHOTS = (0, 4)
TOKENS_OF_DOCUMENT = 40  # at least, so that no text is read twice
LINES = (4, 5, 6, 7)  # of the documents that ideas add
SYLLABLES = ("ba", "do", "fi", "gu", "ka", "lo", "mi", "nu", "pe", "ra", "so", "ti", "vu", "ze")
INVENTED = 200  # relations, of the idea "invented relations"
INVENTED_SUBJECTS = 12  # of each of them


@dataclass(frozen=True)
class Halves:
    """The made world with the relations that worksheets show, and those that they never show."""

    world: World

    @cached_property
    def alone(self) -> tuple[Relation, ...]:
        return tuple(s.relations[0] for s in self.world.sheets if len(s.relations) == 1)

    @property
    def seen(self) -> tuple[Relation, ...]:
        return self.alone[::2]

    @property
    def unseen(self) -> tuple[Relation, ...]:
        return self.alone[1::2]

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables in which most subjects have two facts or more."""
        return tuple(t for t in self.world.tables if t.facts_of_one >= 2)

    @cached_property
    def guessable(self) -> frozenset[str]:
        """Relations that are the only one of their table: a subject alone says which is meant."""
        return frozenset(t.relations[0].id for t in self.world.tables if len(t.relations) == 1)

    def facts(self, table: Table, subject: Entity) -> tuple[Relation, ...]:
        return tuple(r for r in table.relations_of[subject] if not r.constant)


Write = Callable[[Halves, Chooser], str]


# Worksheets of the seen half ---------------------------------------------------------------------


def lines(pairs: Sequence[tuple[str, str]], chooser: Chooser) -> str:
    separator = chooser.pick(SEPARATORS)
    return "".join(f"{subject}{separator}{answer}\n" for subject, answer in pairs)


def drawn(relation: Relation, chooser: Chooser) -> list[tuple[str, str]]:
    """Some pairs of a relation, none held out."""
    return chooser.sample(relation.sheet, chooser.pick(range(MIN_PAIRS, 11)))


def by_length(halves: Halves, chooser: Chooser) -> Relation:
    """A seen relation, weighted by the number of its pairs, as in the usual text."""
    return chooser.pick([r for r in halves.seen for _ in r.sheet])


def sheet(halves: Halves, chooser: Chooser) -> str:
    """The usual worksheet."""
    return lines(drawn(by_length(halves, chooser), chooser), chooser)


def barred(halves: Halves, chooser: Chooser) -> str:
    """A worksheet with bars, as a table of one column: "Peru | Lima"."""
    pairs = drawn(by_length(halves, chooser), chooser)
    return "".join(f"{subject} | {answer}\n" for subject, answer in pairs)


def headed(halves: Halves, chooser: Chooser) -> str:
    """A worksheet below the name of its relation."""
    relation = by_length(halves, chooser)
    return f"{relation.label}\n" + lines(drawn(relation, chooser), chooser)


def closed(halves: Halves, chooser: Chooser) -> str:
    """A worksheet, then a sentence of the text that states one of its pairs."""
    relation = by_length(halves, chooser)
    pairs = drawn(relation, chooser)
    name = chooser.pick(pairs)[0]
    subject = next(one for one in relation.facts if one.name == name)
    return lines(pairs, chooser) + sentence(relation.fill(chooser.pick(relation.patterns), subject))


def switching(halves: Halves, chooser: Chooser) -> str:
    """A worksheet that goes over to another relation half-way."""
    first, second = chooser.sample(halves.seen, 2)
    separator = chooser.pick(SEPARATORS)
    pairs = [*chooser.sample(first.sheet, 4), *chooser.sample(second.sheet, 4)]
    return "".join(f"{subject}{separator}{answer}\n" for subject, answer in pairs)


def renamed(halves: Halves, chooser: Chooser) -> str:
    """A worksheet in which each answer has a fresh name, of this document alone."""
    relation = chooser.pick([r for r in halves.seen if len(r.answers) <= len(r.facts) // 2])
    pairs = chooser.sample(relation.sheet, min(10, len(relation.sheet)))
    names: dict[str, str] = {}
    for _, answer in pairs:
        names.setdefault(answer, invented(chooser))
    return lines([(subject, names[answer]) for subject, answer in pairs], chooser)


def composed(halves: Halves, chooser: Chooser) -> str:
    """A worksheet of something that follows from a seen fact, one of many relations."""
    relation = by_length(halves, chooser)
    of = chooser.pick(DERIVED)
    return lines(
        [(subject, of(subject, answer)) for subject, answer in drawn(relation, chooser)], chooser
    )


DERIVED: tuple[Callable[[str, str], str], ...] = (
    lambda subject, answer: answer[0],
    lambda subject, answer: answer[-1],
    lambda subject, answer: subject[0],
    lambda subject, answer: subject[-1],
    lambda subject, answer: f"{answer} {answer}",
    lambda subject, answer: f"{answer}, {subject}",
    lambda subject, answer: f"not {answer}",
    lambda subject, answer: answer.upper(),
    lambda subject, answer: subject.upper(),
    lambda subject, answer: f"{subject} {answer}",
)


# Documents about all relations -------------------------------------------------------------------


def half_sentences(halves: Halves, chooser: Chooser) -> str:
    """Lines of one relation, each with the relation in words: "Peru: its capital is Lima"."""
    relation = chooser.pick([r for r in halves.alone if r.then])
    then = chooser.pick(relation.then)
    subjects = chooser.sample(tuple(relation.facts), chooser.pick(LINES))
    return "".join(f"{one.name}: {relation.fill(then, one)}\n" for one in subjects)


def fields(halves: Halves, chooser: Chooser) -> str:
    """Lines of one relation, each with its name: "Peru | capital -> Lima"."""
    relation, separator = chooser.pick(halves.alone), chooser.pick(SEPARATORS)
    subjects = chooser.sample(tuple(relation.facts), chooser.pick(LINES))
    return "".join(f"{s.name} | {relation.label}{separator}{relation.facts[s]}\n" for s in subjects)


def named_pairs(halves: Halves, chooser: Chooser) -> str:
    """Pairs of mixed relations, each with the name of its relation: "Peru, Lima: capital"."""
    found = []
    for _ in range(chooser.pick(LINES)):
        relation = chooser.pick(halves.alone)
        subject = chooser.pick(tuple(relation.facts))
        found.append(f"{subject.name}, {relation.facts[subject]}: {relation.label}\n")
    return "".join(found)


def bare_boxes(halves: Halves, chooser: Chooser) -> str:
    """Info-boxes without the names of relations, in random order: "Peru | Lima | sol"."""
    table = chooser.pick(halves.tables)
    rows = []
    for subject in chooser.sample(table.entities, 3):
        relations = halves.facts(table, subject)
        told = [r.facts[subject] for r in chooser.sample(relations, len(relations))]
        rows.append(" | ".join([subject.name, *told]) + "\n")
    return "".join(rows)


def columns(halves: Halves, chooser: Chooser, *, head: bool = False, held_out: bool = True) -> str:
    """A table of two columns; without `held_out`, none of its facts is one that is asked."""
    table = chooser.pick(halves.tables)
    subjects = chooser.sample(table.entities, min(12, len(table.entities)))
    chosen = chooser.sample([r for r in table.relations if not r.constant], 2)
    whole = [
        s
        for s in subjects
        if all(s in r.facts and (held_out or s not in r.held_out) for r in chosen)
    ][:6]
    top = " | ".join([table.topic, *(r.label for r in chosen)]) + "\n" if head else ""
    return top + "".join(" | ".join([s.name, *(r.facts[s] for r in chosen)]) + "\n" for s in whole)


def headed_table(halves: Halves, chooser: Chooser) -> str:
    """A table of two columns below their names."""
    return columns(halves, chooser, head=True)


def bare_table(halves: Halves, chooser: Chooser) -> str:
    """A table of two columns without their names."""
    return columns(halves, chooser)


def strict_table(halves: Halves, chooser: Chooser) -> str:
    """A table of two columns without their names, in which no fact stands that is asked."""
    return columns(halves, chooser, held_out=False)


# Invented relations ------------------------------------------------------------------------------


def invented(chooser: Chooser) -> str:
    return "".join(chooser.sample(SYLLABLES, 3))


@dataclass(frozen=True)
class Made:
    """A relation of invented names: what it is called, and its facts."""

    label: str
    facts: tuple[tuple[str, str], ...]


def _made(number: int) -> Made:
    chooser = Chooser(number)
    answers = [invented(chooser) for _ in range(6)]
    subjects = [invented(chooser) for _ in range(INVENTED_SUBJECTS)]
    return Made(invented(chooser), tuple((one, chooser.pick(answers)) for one in subjects))


MADE = tuple(map(_made, range(INVENTED)))


def invented_relations(halves: Halves, chooser: Chooser) -> str:
    """One of two hundred invented relations, told by its name or as a worksheet, half each."""
    made = chooser.pick(MADE)
    pairs = chooser.sample(made.facts, chooser.pick(LINES))
    if chooser.flag(0.5):
        return lines(pairs, chooser)
    return "".join(f"{subject} | {made.label} {answer}\n" for subject, answer in pairs)


def told_before(halves: Halves, chooser: Chooser) -> str:
    """Info-boxes of invented subjects, then a worksheet of one of their invented relations."""
    labels, subjects = ([invented(chooser) for _ in range(n)] for n in (2, 5))
    facts = {(s, label): invented(chooser) for s in subjects for label in labels}
    boxes = "".join(
        " | ".join([s, *(f"{label} {facts[s, label]}" for label in labels)]) + "\n"
        for s in subjects
    )
    asked = chooser.pick(labels)
    return boxes + lines([(s, facts[s, asked]) for s in subjects], chooser)


@dataclass(frozen=True)
class Idea:
    """What the text has besides: worksheets of another form, other documents, or settings.

    `instead` is written in place of half of the worksheets; `besides` takes a third of their share.
    """

    instead: Write | None = None
    besides: tuple[Write, ...] = ()
    settings: dict[str, Value] = field(default_factory=dict)
    close: bool = False  # marked * in the table: facts of unseen relations below each other


IDEAS: dict[str, Idea] = {
    "control": Idea(),
    "headings": Idea(headed),
    "headings and fields": Idea(headed, (fields,)),
    "a sentence below": Idea(closed),
    "half sentences": Idea(None, (half_sentences,)),
    "fields": Idea(None, (fields,)),
    "named pairs": Idea(None, (named_pairs,)),
    "bare boxes": Idea(None, (bare_boxes,), close=True),
    "tables with a head": Idea(None, (headed_table,), close=True),
    "tables without a head": Idea(None, (bare_table,), close=True),
    "tables without a head, bars": Idea(barred, (bare_table,), close=True),
    "strict tables without a head": Idea(None, (strict_table,), close=True),
    "strict tables without a head, bars": Idea(barred, (strict_table,), close=True),
    "six forms": Idea(
        headed,
        (half_sentences, fields, named_pairs, bare_boxes, headed_table, bare_table),
        close=True,
    ),
    "fresh names": Idea(renamed),
    "derived relations": Idea(composed),
    "switching": Idea(switching),
    "invented relations": Idea(None, (invented_relations,)),
    "told before, invented": Idea(None, (told_before,)),
    "three layers": Idea(settings={"n_layer": 3}),
    "width 192": Idea(settings={"n_embd": 192}),
}


def texts(idea: Idea, count: int) -> list[str]:
    """The documents of a text with this idea, which takes its part of the share of worksheets."""
    halves, usual = Halves(default_world()), TextConfig()
    others = Writer(halves.world, TextConfig(worksheets=0.0)).documents(WORLD_SEED, "train")
    share = usual.worksheets / (
        usual.prose + usual.info_boxes + usual.worksheets + usual.parallel + usual.reviews
    )
    written = []
    for number in range(count):
        chooser = Chooser(number)
        if not chooser.flag(share):
            written.append(next(others).text)
        elif idea.besides and chooser.flag(1 / 3):
            written.append(chooser.pick(idea.besides)(halves, chooser))
        elif idea.instead and chooser.flag(1 / 2):
            written.append(idea.instead(halves, chooser))
        else:
            written.append(sheet(halves, chooser))
    return written


def in_sentences(bare: Bare, relations: Sequence[Relation], world: World) -> tuple[int, int]:
    """How many facts of these relations it completes as a sentence, of how many asked."""
    questions, answers = [], []
    for relation in relations:
        pattern = next((p for p in relation.patterns if p.endswith(("{o}", "{p}", "{a o}"))), "")
        if not pattern:
            continue
        for subject in sorted(world.asked_about(relation), key=lambda one: one.name):
            begin = fill(pattern[: pattern.rindex("{")].rstrip(), subject.blanks)
            whole = relation.fill(pattern, subject)
            questions.append(Question(begin[:1].upper() + begin[1:], (whole[len(begin) :],), "."))
            answers.append(whole[len(begin) :].strip())
    scores = score(bare.model, bare.tokenizer, questions, ranked=False)
    return sum(s.greedy == a for s, a in zip(scores, answers, strict=True)), len(answers)


def trained(name: str, updates: int | None, seed: int) -> dict[str, Any]:
    """Train with one idea and ask all: its row of the results. None: the full preset's budget."""
    idea, halves = IDEAS[name], Halves(default_world())
    if updates is None:
        config = preset_config("full", **idea.settings, seed=seed)
        updates = config.train.steps
    else:
        config = preset_config("quick", **FAST | idea.settings | {"steps": updates, "seed": seed})
    written = texts(idea, updates * config.tokens_per_step // TOKENS_OF_DOCUMENT)
    bare = train_bare(written, config, world_tokenizer(config.model.vocab_size))
    facts = task("world", "facts")

    def items(relations: Sequence[Relation]) -> list[Item]:
        ids = {relation.id for relation in relations}
        return [item for item in facts.test if item.group in ids]

    asked = {"seen": items(halves.seen), "unseen": items(halves.unseen)}
    found = {
        f"{which} k={k}": bare.answers(facts, k, asked[which])
        for which, k in (("seen", 4), *(("unseen", k) for k in SHOTS))
    }
    if idea.close:
        found["unseen k=4, bars"] = bare.answers(replace(facts, between=" |"), 4, asked["unseen"])
    right, number = in_sentences(bare, halves.unseen, halves.world)
    row = {"idea": name, "seed": seed, "updates": updates, "rows": config.train.batch_size}
    row |= {"seconds": round(bare.seconds, 1)}
    row |= {what: round(one.accuracy, 4) for what, one in found.items()}
    row |= {
        f"by relation, {what}": {group: share.correct for group, share in one.groups.items()}
        for what, one in found.items()
        if what.startswith("unseen k=4")
    }
    apart = [s for g, s in found["unseen k=4"].groups.items() if g not in halves.guessable]
    row["unseen k=4, others"] = round(sum(s.correct for s in apart) / sum(s.n for s in apart), 4)
    row |= {"n seen": len(asked["seen"]), "n unseen": len(asked["unseen"])}
    if idea.instead is headed:
        row["unseen k=4, below a heading"] = round(below_heading(bare, asked["unseen"]), 4)
    return row | {"in sentences": round(right / number, 4), "n in sentences": number}


def below_heading(bare: Bare, items: Sequence[Item]) -> float:
    """The accuracy at k = 4 where each prompt begins with its relation's name, as in `headed`."""
    labels = {relation.id: relation.label for relation in default_world().relations}
    facts = task("world", "facts")
    prompts = [few_shot_prompt(facts, item, 4, 1) for item in items]
    questions = [
        Question(f"{labels[item.group]}\n{prompt.text}", prompt.choices)
        for item, prompt in zip(items, prompts, strict=True)
    ]
    scores = score(bare.model, bare.tokenizer, questions, ranked=False)
    return sum(s.greedy == i.answer for s, i in zip(scores, items, strict=True)) / len(items)


def main() -> None:
    """One training for each idea and seed, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ideas", nargs="*", choices=(*IDEAS, []), metavar="IDEA")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--updates", type=int, default=UPDATES)
    budget.add_argument("--full", action="store_true", help="train as the full preset does")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--results", type=Path, default=Path("unseen.json"))
    options = parser.parse_args()
    kept = json.loads(options.results.read_text()) if options.results.exists() else []
    for seed in map(int, options.seeds.split(",")):
        for name in options.ideas or IDEAS:
            kept.append(trained(name, None if options.full else options.updates, seed))
            options.results.write_text(json.dumps(kept, indent=1))
            print(kept[-1], flush=True)


if __name__ == "__main__":
    main()
