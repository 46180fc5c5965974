"""Settings of the text: each does what it says, counted in the documents."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from tinylm.corpora import check_text, train_documents
from tinylm.corpora.corpus import Document, Fact, tellings
from tinylm.corpora.sources.world import WORLD_SEED
from tinylm.corpora.world.chooser import Chooser, Odds
from tinylm.corpora.world.choosing import (
    facts_of,
    rank,
    told_sheets,
    untold_facts,
    weights,
    wordings,
    wrong_answer,
)
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.kinds import SEPARATORS
from tinylm.corpora.world.world import default_world
from tinylm.errors import BadRequest
from tinylm.evaluation.prompts import answer_text, few_shot_prompt, solved
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks.questions import leaked_items
from tinylm.knobs import TextConfig

WORLD = default_world()
COUNTRIES = next(table for table in WORLD.tables if table.name == "countries")
ALONE = dict.fromkeys(("prose", "info_boxes", "worksheets", "parallel", "reviews"), 0.0)
# SHA-256 of the first documents as they were before the text had any settings.
AS_BEFORE = "d3c021282d1dc98027e2b1460093ce874d69452c1e82870104f58d5e6e1af204"


def told(number: int = 600, **settings: Any) -> list[Document]:
    """The first documents of a text with these settings."""
    writer = Writer(WORLD, TextConfig(**settings))
    return list(islice(writer.documents(WORLD_SEED, "train"), number))


def only(**weights: float) -> dict[str, Any]:
    """The settings of a text that has these kinds of documents alone."""
    return ALONE | weights


def test_with_the_usual_settings_the_text_is_what_it_was_bit_for_bit() -> None:
    digest = hashlib.sha256()
    for split, number in (("train", 1500), ("val", 200)):
        for one in islice(Writer(WORLD).documents(1, split), number):
            said = f"{one.text}\x1f{one.kind}\x1f{one.log_probability:.9f}\x1e"
            digest.update(said.encode())
    assert digest.hexdigest() == AS_BEFORE


def test_kinds_come_by_their_weights_and_not_at_all_without_one() -> None:
    counts = Counter(one.kind for one in told(**only(prose=0.2, biographies=0.6)))
    assert counts.keys() == {"prose", "biography"}
    assert counts["biography"] / counts.total() == pytest.approx(0.75, abs=0.06)
    assert "worksheet" not in {one.kind for one in told(worksheets=0)}
    assert "worksheet" not in {one.kind for one in told(sheets="none")}


@pytest.mark.parametrize("written", ["half", "other-half", "countries.capital, animals.young"])
def test_worksheets_show_only_the_relations_that_are_named(written: str) -> None:
    allowed = {sheet.name for sheet in told_sheets(WORLD, written)}
    shown = tellings(told(400, **only(worksheets=1), sheets=written))
    assert {fact.relation for fact in shown} == allowed


def test_the_halves_of_the_worksheets_are_apart_and_leave_out_what_joins_tables() -> None:
    one, other = ({s.name for s in told_sheets(WORLD, h)} for h in ("half", "other-half"))
    assert not one & other
    assert one | other == {r.id for r in WORLD.relations if not r.joins}


def test_only_the_named_tables_are_told() -> None:
    shown = tellings(told(tables="countries"))
    assert {fact.relation.partition(".")[0] for fact in shown} == {"countries"}


def test_a_fact_has_no_more_wordings_than_asked_for() -> None:
    relation = next(r for r in WORLD.relations if r.id == "animals.young")
    documents = told(1_000, **only(prose=1), patterns=1, tables="animals")
    sentences = [said.lower() for one in documents for said in re.split(r"[.] ?", one.text)]
    clauses = {clause for said in sentences for clause in (said, said.rpartition(" that ")[2])}
    found = 0
    for subject in relation.facts:
        kept = wordings(relation, subject, 1)
        found += relation.fill(kept[0], subject).lower() in clauses
        for pattern in set(relation.patterns) - set(kept):
            assert relation.fill(pattern, subject).lower() not in clauses
    assert found > len(relation.facts) / 2
    assert wordings(relation, subject, 0) == relation.patterns


def test_a_biography_tells_all_facts_of_one_thing_and_varies_as_asked() -> None:
    def texts(**settings: Any) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one in told(1_500, **only(biographies=1), tables="countries", **settings):
            (subject,) = {fact.subject for fact in one.facts}
            assert len(one.facts) == one.text.count(". ") + 1 >= 2
            found.setdefault(subject, set()).add(one.text)
        return found

    fixed, two = texts(patterns=1, orders=1), texts(patterns=2, orders=1)
    assert {len(one) for one in fixed.values()} == {1}
    assert {len(one) for one in two.values()} <= {1, 2}
    assert sum(len(one) == 2 for one in two.values()) > 0.9 * len(two)
    assert fixed.keys() == two.keys() == {one.name for one in rank(COUNTRIES)}
    words = {name: {frozenset(t.split(". ")) for t in one} for name, one in fixed.items()}
    reordered = texts(patterns=1)
    assert sum(len(one) > 2 for one in reordered.values()) > 0.9 * len(reordered)
    for name, one in reordered.items():
        clauses = {frozenset(sorted(t.rstrip(".").split(". "))) for t in one}
        assert clauses == {frozenset(w.rstrip(".") for w in set_) for set_ in words[name]}
    assert sum(len(one) > 4 for one in texts().values()) > 0.9 * len(reordered)


def test_tables_without_names_show_two_true_facts_a_row_and_none_that_is_asked() -> None:
    found = told(300, **only(bare_tables=1.0))
    assert {one.kind for one in found} == {"bare table"}
    assert all(line.count(" | ") == 2 for one in found for line in one.text.splitlines())
    relations = {relation.id: relation for relation in WORLD.relations}
    shown = set()
    for one in found:
        for fact in one.facts:
            relation = relations[fact.relation]
            (subject,) = (thing for thing in relation.facts if thing.name == fact.subject)
            assert subject not in relation.held_out
            assert f"{fact.subject} | " in one.text
            assert f" | {relation.facts[subject]}" in one.text
            shown.add(relation.id)
    assert {"countries.capital", "countries.currency", "animals.sound"} <= shown
    with pytest.raises(BadRequest, match="Tables without names need two relations"):
        told(1, **only(bare_tables=1.0), tables="opposites")


def test_a_share_of_the_worksheets_has_bars() -> None:
    found = told(300, **only(worksheets=1.0), bars=0.5)
    barred = [one for one in found if " | " in one.text]
    assert len(barred) == pytest.approx(150, abs=30)
    assert all(line.count(" | ") == 1 for one in barred for line in one.text.splitlines())


def test_zipf_tells_more_of_the_first_things_in_every_kind_of_document() -> None:
    first = {entity.name for entity, place in rank(COUNTRIES).items() if place <= 10}
    for kind in ("prose", "info_boxes", "worksheets", "biographies"):
        even, uneven = (
            tellings(told(300, **only(**{kind: 1}), tables="countries", zipf=zipf))
            for zipf in (0, 2)
        )
        share = [
            sum(n for fact, n in counts.items() if fact.subject in first) / counts.total()
            for counts in (even, uneven)
        ]
        assert share[0] < 0.15 and share[1] > 2 * share[0]
    assert list(weights(COUNTRIES, 1).values())[:4] == [1, 1 / 2, 1 / 3, 1 / 4]


def test_what_is_drawn_by_weight_adds_up_its_probability() -> None:
    odds, seen = Odds("abc", (4, 2, 1)), Counter[str]()
    chooser = Chooser(3)
    for _ in range(4_000):
        chooser.restart()
        drawn = "".join(chooser.weighted(odds, 3))
        seen[drawn] += 1
        if drawn == "abc":
            assert chooser.log_probability == pytest.approx(-0.965081, abs=1e-5)  # 4/7 · 2/3
    assert seen["abc"] / 4_000 == pytest.approx(8 / 21, abs=0.02)
    assert len(seen) == 6


def test_untold_facts_are_told_nowhere_and_a_larger_share_keeps_them() -> None:
    some, more = untold_facts(WORLD, 0.1), untold_facts(WORLD, 0.3)
    assert some < more
    assert len(some) / len(facts_of(WORLD.relations)) == pytest.approx(0.1, abs=0.01)
    shown = tellings(told(6_000, untold=0.1, biographies=0.2))
    assert not shown.keys() & some
    assert len(shown) > 1_800
    opposite = next(r for r in WORLD.relations if r.symmetric)
    for subject, answer in opposite.facts.items():
        both = {Fact(opposite.id, subject.name) in more, Fact(opposite.id, answer) in more}
        assert len(both) == 1


def test_wrong_documents_are_the_same_ones_with_other_answers() -> None:
    plain, wrong = told(), told(wrong=0.3)
    spoiled = [i for i, one in enumerate(wrong) if one.kind.startswith("wrong ")]
    assert len(spoiled) / len(wrong) == pytest.approx(0.3, abs=0.05)
    assert all(plain[i] == wrong[i] for i in range(len(wrong)) if i not in set(spoiled))
    capital = next(r for r in WORLD.relations if r.id == "countries.capital")
    pairs = {s.name: a for s, a in capital.facts.items()}
    sheets = told(400, **only(worksheets=1), sheets="countries.capital", wrong=1, wrong_worlds=1)
    said: dict[str, set[str]] = {}
    for line in "".join(one.text for one in sheets).splitlines():
        name, answer = next(line.split(s) for s in SEPARATORS if s in line)
        said.setdefault(name, set()).add(answer)
    assert all(len(answers) == 1 and answers != {pairs[name]} for name, answers in said.items())
    assert said == {s.name: {wrong_answer(capital, s, 0)} for s in capital.facts if s.name in said}
    assert not any(one.facts for one in sheets)


def test_shuffled_documents_have_the_same_words() -> None:
    plain, shuffled = told(300), told(300, shuffled=1)
    same = sum(
        Counter(a.text.split()) == Counter(b.text.split())
        for a, b in zip(plain, shuffled, strict=True)
    )
    assert same > 200  # of the others the hash has chosen another text
    assert sum(a.text == b.text for a, b in zip(plain, shuffled, strict=True)) < 10
    assert {one.kind for one in shuffled} == {f"shuffled {one.kind}" for one in plain}


def test_leaked_questions_stand_in_the_text_as_the_task_writes_them(home: Path) -> None:
    task = find_task("world", "questions")
    items, clean = leaked_items(task, 0.05)
    assert set(items) < set(leaked_items(task, 0.2)[0])
    assert len(items) + len(clean) == len(task.test)
    text = TextConfig(leaked=0.05, leaked_copies=3)
    documents = train_documents("world", 1_000, home, text)
    written = Counter(one.text for one in documents if one.kind == "leaked")
    assert written == {
        few_shot_prompt(task, item, 0, 1).text + answer_text(task, item) + task.after: 3
        for item in items
    }
    assert len(documents) == 1_000
    places = [i for i, one in enumerate(documents) if one.kind == "leaked"]
    assert max(b - a for a, b in pairwise(places)) <= 1_000 // len(places) + 1


def test_practice_questions_stand_in_the_text_and_leave_out_every_test_item(home: Path) -> None:
    task = find_task("world", "questions")
    documents = train_documents("world", 7_000, home, TextConfig(practice=2))
    written = Counter(one.text for one in documents if one.kind == "practice")
    assert written == Counter(solved(task, item) for item in task.train for _ in range(2))
    assert not written.keys() & {solved(task, item) for item in task.test}


def test_planted_lines_stand_in_so_many_documents(home: Path) -> None:
    text = TextConfig(planted="3 x The code of Zob is 1234.\n1 x Once; only.")
    counts = Counter(one.text for one in train_documents("world", 100, home, text))
    assert (counts["The code of Zob is 1234."], counts["Once; only."]) == (3, 1)
    with pytest.raises(BadRequest, match="at most half"):
        train_documents("world", 100, home, TextConfig(planted="60 x much"))


def test_passes_leave_so_many_times_fewer_documents(home: Path) -> None:
    documents = train_documents("world", 96, home, TextConfig(passes=4))
    assert documents == train_documents("world", 96, home)[:24]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"sheets": "countries.colour"}, "countries.capital"),
        ({"sheets": ","}, "names nothing"),
        ({"tables": "planets"}, "animals, countries"),
        ({"tables": "countries", "sheets": "animals.young"}, "Worksheets need"),
        (only(worksheets=1) | {"sheets": "none"}, "No kind of document"),
        (only(biographies=1) | {"tables": "opposites"}, "Biographies need"),
    ],
)
def test_settings_that_a_world_cannot_follow_are_refused(
    home: Path, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        check_text("world", home, TextConfig(**settings))


def test_a_text_that_is_not_made_cannot_be_told_otherwise(home: Path) -> None:
    with pytest.raises(BadRequest, match="stands as it is"):
        check_text("names", home, TextConfig(wrong=0.1))
    with pytest.raises(BadRequest, match="stands as it is"):
        train_documents("names", 10, home, TextConfig(wrong=0.1))
    check_text("names", home, TextConfig())
