"""The made world: true to its tables, its splits, its English, and its own probabilities."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from tinylm.corpora.corpus import Document
from tinylm.corpora.world import kinds as world_kinds
from tinylm.corpora.world.chooser import Chooser, Odds
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.kinds import SEPARATORS, info_box, kinds_of
from tinylm.corpora.world.stock import USUAL, Stock
from tinylm.corpora.world.telling import Teller
from tinylm.corpora.world.wording import plural, with_article
from tinylm.corpora.world.world import DATA, World, default_world
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks import world_tasks

FLOWERS = {
    "title": "Flowers",
    "topic": "flowers",
    "relations": {
        "colour": {
            "label": "colour",
            "question": "What is the colour of {a s}?",
            "patterns": ["{a s} is {o}", "{o} is the colour of {s+}"],
            "then": ["it is {o}"],
        }
    },
}
ROWS = (
    "rose,red\niris,blue\ntulip,red\nlily,white\naster,blue\npansy,violet\ndaisy,white\npoppy,red\n"
)


@pytest.fixture(scope="module")
def world() -> World:
    return default_world()


@pytest.fixture(scope="module")
def documents(world: World) -> list[Document]:
    return list(islice(Writer(world).documents(7, "train"), 12_000))


def make_folder(folder: Path, csv: str = "name,colour\n" + ROWS, spec: object = FLOWERS) -> Path:
    (folder / "flowers.csv").write_text(csv, encoding="utf-8")
    (folder / "flowers.json").write_text(json.dumps(spec), encoding="utf-8")
    return folder


def test_is_large_enough(world: World) -> None:
    sizes = {table.name: len(table.entities) for table in world.tables}
    least = {"countries": 150, "animals": 80, "foods": 80, "jobs": 60, "opposites": 120}
    assert all(sizes[name] >= number for name, number in least.items())
    assert world.num_facts >= 2_000
    assert sum(not relation.joins for relation in world.relations) >= 18
    assert all(len(relation.patterns) >= 6 for relation in world.relations)


def test_a_quarter_of_each_relation_is_held_out_and_half_where_it_joins(world: World) -> None:
    for relation in world.relations:
        share = len(relation.held_out) / len(relation.facts)
        wanted = 0.5 if relation.joins else 0.25
        assert wanted - 0.05 <= share <= wanted + 0.02, relation.id


def test_no_fact_is_held_out_in_one_relation_and_shown_by_another(world: World) -> None:
    shown = {pair for sheet in world.sheets for pair in sheet.pairs}
    hidden = {(s.name, r.facts[s]) for r in world.relations for s in r.held_out}
    assert not shown & hidden


def test_held_out_facts_are_never_in_worksheets(world: World, documents: list[Document]) -> None:
    held_out = {
        f"{subject.name}{separator}{answer}"
        for relation in world.relations
        for subject, answer in relation.facts.items()
        if subject in relation.held_out
        for separator in SEPARATORS
    }
    lines = {line for d in documents if d.kind == "worksheet" for line in d.text.splitlines()}
    assert len(lines) > 1_000
    assert not lines & held_out


def test_every_held_out_fact_can_be_read_elsewhere(world: World, documents: list[Document]) -> None:
    boxes = Counter(
        (line.split(" | ")[0], fact)
        for d in documents
        if d.kind == "info-box"
        for line in d.text.splitlines()
        for fact in line.split(" | ")[1:]
    )
    facts = [
        (subject.name, f"{relation.label} {answer}")
        for relation in world.relations
        for subject, answer in relation.facts.items()
        if subject in relation.held_out
    ]
    assert sum(fact in boxes for fact in facts) / len(facts) > 0.98


def test_both_directions_of_a_symmetric_pair_are_held_out_together(world: World) -> None:
    opposite = next(r for r in world.relations if r.symmetric)
    by_name = {subject.name: subject for subject in opposite.facts}
    for subject, answer in opposite.facts.items():
        assert opposite.facts[by_name[answer]] == subject.name
        assert (subject in opposite.held_out) == (by_name[answer] in opposite.held_out)


def test_worksheets_state_only_facts_of_one_relation(
    world: World, documents: list[Document]
) -> None:
    facts = {sheet.name: set(sheet.pairs) for sheet in world.sheets}
    for document in islice((d for d in documents if d.kind == "worksheet"), 500):
        separator = next(s for s in SEPARATORS if s in document.text)
        pairs = {tuple(line.split(separator)) for line in document.text.splitlines()}
        assert 3 <= len(pairs) <= 10
        assert any(pairs <= known for known in facts.values())
        assert document.text.endswith("\n")


def test_kinds_have_their_shares(world: World, documents: list[Document]) -> None:
    counts = Counter(document.kind for document in documents)
    for kind in kinds_of(USUAL, world):
        assert counts[kind.name] / len(documents) == pytest.approx(kind.share, abs=0.03)


def test_question_formats_never_stand_in_the_text(documents: list[Document]) -> None:
    assert not any("?" in d.text or "Answer" in d.text for d in documents)


def test_documents_are_short(documents: list[Document]) -> None:
    lengths = [len(d.text) for d in documents]
    assert 130 < sum(lengths) / len(lengths) < 260
    assert sum(length > 420 for length in lengths) / len(lengths) < 0.05


def test_a_document_depends_on_its_number_alone(world: World) -> None:
    in_order = list(islice(Writer(world).documents(3, "val"), 40))
    fresh = Writer(world)
    backwards = [fresh.document(3, "val", i) for i in reversed(range(40))]
    assert in_order == backwards[::-1]
    assert fresh.document(4, "val", 0) != in_order[0]


def test_splits_do_not_meet(world: World, documents: list[Document]) -> None:
    val = {d.text for d in islice(Writer(world).documents(7, "val"), 1_000)}
    assert len(val) > 950
    assert not val & {d.text for d in documents}
    with pytest.raises(BadRequest, match="test"):
        Writer(world).document(7, "test", 0)


def test_log_probabilities_are_finite_and_negative(documents: list[Document]) -> None:
    for document in documents:
        assert document.log_probability is not None
        assert -400 < document.log_probability < 0


def test_log_probability_is_the_frequency_of_a_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_kinds, "_lengthened", lambda table, facts: 1)
    folder = make_folder(tmp_path, "name,colour\niris,blue\nlily,white\n")
    teller = Teller(Stock(World.load(folder)))
    seen: Counter[str] = Counter()
    said: dict[str, float] = {}
    chooser = Chooser(5)
    for _ in range(20_000):
        chooser.restart()
        text, _ = info_box(teller, chooser)
        seen[text] += 1
        said[text] = chooser.log_probability
    # one box with probability 0.2, else two (the third is not there), in either order; that
    # two counts of boxes give one text makes `said` a bound
    one = seen["iris | colour blue\n"] / 20_000
    assert one == pytest.approx(math.exp(said["iris | colour blue\n"]), abs=0.01)
    for text, count in seen.items():
        assert math.log(count / 20_000) > said[text] - 0.1


def test_chooser_adds_up_what_it_chose() -> None:
    chooser = Chooser(0)
    odds = Odds("ab", (3, 1))
    total = 0.0
    for _ in range(50):
        total += math.log({"a": 0.75, "b": 0.25}[chooser.odds(odds)])
        total += math.log(0.2 if chooser.flag(0.2) else 0.8)
        chooser.pick((1, 2, 3))
        assert len(set(chooser.sample("vwxyz", 3))) == 3
        total -= math.log(3) + math.log(5 * 4 * 3)
    assert chooser.log_probability == pytest.approx(total)


def test_random_numbers_are_the_same_everywhere() -> None:
    """random.random() is promised to stay; a change here would change every corpus."""
    assert Chooser(1).sample("abcdefgh", 8) == list("bgaefchd")


@pytest.mark.parametrize(
    ("noun", "article", "many"),
    [
        ("cow", "a cow", "cows"),
        ("owl", "an owl", "owls"),
        ("unicorn", "a unicorn", "unicorns"),
        ("uncle", "an uncle", "uncles"),
        ("hour", "an hour", "hours"),
        ("fox", "a fox", "foxes"),
        ("butterfly", "a butterfly", "butterflies"),
        ("monkey", "a monkey", "monkeys"),
        ("ostrich", "an ostrich", "ostriches"),
    ],
)
def test_articles_and_plurals(noun: str, article: str, many: str) -> None:
    assert (with_article(noun), plural(noun)) == (article, many)


def test_prose_is_good_english(documents: list[Document]) -> None:
    prose = [d.text for d in documents if d.kind == "prose"]
    mass = {e.name for t in default_world().tables for e in t.entities if e.article == "none"}
    for text in prose:
        assert not re.search(r"\b[Aa] [aeiou]", text), text
        assert not re.search(r"\b[Aa]n [^aeiou]", text), text
        assert not re.search(r"[{}]|  | \.|\.\.|\b(\w+) \1\b", text), text
        assert not re.search(r"(?<!the )\b(Netherlands|United|Bahamas|Philippines)\b", text, re.I)
        assert all(s[0].isupper() and s.endswith(".") for s in re.split(r"(?<=\.) ", text)), text
        for noun in re.findall(r"\b[Aa]n? (\w+)\b(?! (?:paint|taste|colour|food))", text):
            assert noun not in mass, text


def test_a_new_table_gives_documents_and_tasks(tmp_path: Path) -> None:
    world = World.load(make_folder(tmp_path))
    texts = [d.text for d in islice(Writer(world).documents(1, "train"), 300)]
    assert any("red is the colour of roses." in text.lower() for text in texts)
    assert any(" -> " in text for text in texts)
    facts, questions, *others = world_tasks(world)
    assert not {"moods", "kinds"} & {task.name for task in others}  # it has no such files
    assert len(facts.test) == 2 and len(facts.train) == 6
    assert {item.answer for item in (*facts.test, *facts.train)} == {
        "red", "blue", "white", "violet"
    }  # fmt: skip
    assert any(item.context == "What is the colour of an iris?" for item in
               (*questions.train, *questions.test))  # fmt: skip


def test_relations_may_be_constant_and_share_a_worksheet(tmp_path: Path) -> None:
    colour = FLOWERS["relations"]["colour"]  # type: ignore[index]
    for name, kind in (("flowers", "flower"), ("trees", "tree")):
        spec = {"relations": {"kind": {**colour, "constant": kind, "joins": "kinds"}}}
        (tmp_path / f"{name}.csv").write_text(
            "name\n" + "".join(f"{kind} {i}\n" for i in "abcdefgh"), encoding="utf-8"
        )
        (tmp_path / f"{name}.json").write_text(json.dumps(spec), encoding="utf-8")
    world = World.load(tmp_path)
    (sheet,) = world.sheets
    assert {answer for _, answer in sheet.pairs} == {"flower", "tree"} and len(sheet.pairs) == 8
    kinds = next(task for task in world_tasks(world) if task.name == "kinds")
    assert len(kinds.test) == 8 and kinds.labels == ("flower", "tree")
    (tmp_path / "trees.csv").write_text("name\nflower a\n", encoding="utf-8")
    with pytest.raises(BadRequest, match="two answers"):
        World.load(tmp_path)


@pytest.mark.parametrize(
    ("csv", "change", "message"),
    [
        ("name,colour\nrose,red\n", {"constant": "red"}, "must be both"),
        ("name\nrose\n", {"constant": ["red"]}, "constant"),
        ("name,colour\nrose\n", {}, "flowers.csv, line 2"),
        ("name,colour\nrose,a|b\n", {}, "must not hold"),
        ("name,colour\nrose,red\nrose,red\n", {}, "twice"),
        ("flower,colour\nrose,red\n", {}, "begins with name"),
        ("name,smell\nrose,good\n", {}, "'colour' must be both"),
        ("name,colour\nrose,red\n", {"patterns": ["{x} is {o}"]}, "{x}"),
        ("name,colour\nrose,red\n", {"patterns": ["{s} is red"]}, "needs a blank for the answer"),
        ("name,colour\nrose,red\n", {"then": ["{s} is {o}"]}, "must not have"),
        ("name,colour\nrose,red\n", {"question": "What is {o} like {s}?"}, "must not have"),
        ("name,colour\nrose,red\n", {"patterns": "{s} is {o}"}, "list"),
        ("name,colour\nrose,red\n", {"openness": {"sevral": True}}, '"openness" is wrong'),
        ("name,colour\nrose,red\n", {"openness": {"also": ["red"]}}, '"openness" is wrong'),
    ],
)
def test_mistakes_in_files_are_named(
    tmp_path: Path, csv: str, change: dict[str, object], message: str
) -> None:
    spec = {"relations": {"colour": {**FLOWERS["relations"]["colour"], **change}}}  # type: ignore[index]
    with pytest.raises(BadRequest, match=re.escape(message)):
        World.load(make_folder(tmp_path, csv, spec))


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no tables"):
        World.load(tmp_path)
    (tmp_path / "flowers.csv").write_bytes(b"name,colour\nros\xe9,red\n")
    with pytest.raises(BadRequest, match=r"needs flowers\.json"):
        World.load(tmp_path)
    (tmp_path / "flowers.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadRequest, match="not JSON"):
        World.load(tmp_path)
    (tmp_path / "flowers.json").write_text(json.dumps(FLOWERS), encoding="utf-8")
    with pytest.raises(BadRequest, match="UTF-8"):
        World.load(tmp_path)


def test_data_files_are_utf8_with_plain_line_ends() -> None:
    for path in DATA.iterdir():
        data = path.read_bytes()
        data.decode("utf-8")
        assert b"\r" not in data, path.name
