"""Every statement of a text is right, wrong or not checkable by the tables of its world."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice

import pytest
from msgspec.structs import replace

from benchmarks.learning.truth import edited_world, false_texts
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.truth import Verdict, check, tally
from tinylm.corpora.world.world import World, default_world
from tinylm.knobs import TextConfig

WORLD = default_world()
SIGNS = {Verdict.RIGHT: "+", Verdict.WRONG: "-", Verdict.NOT_CHECKABLE: "?"}


def marked(text: str) -> list[tuple[str, bool, str]]:
    return [
        (text[s.mark_start : s.mark_end], s.verdict is Verdict.RIGHT, s.truth)
        for s in check(text, WORLD)
        if s.verdict is not Verdict.NOT_CHECKABLE
    ]


def signs(text: str) -> str:
    """The verdicts on all statements, a sign each."""
    return "".join(SIGNS[one.verdict] for one in check(text, WORLD))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The capital of France is Paris.", [("Paris", True, "")]),
        ("The capital of France is Rome.", [("Rome", False, "Paris")]),
        ("Rome is the capital of France.", [("Rome", False, "Paris")]),
        ("The book says that the capital of Italy is Rome.", [("Rome", True, "")]),
        ("A young cow is called a calf.", [("a calf", True, "")]),
        ("A young cow is called a foal.", [("a foal", False, "calf")]),
        ("The capital of France is Bakry.", [("Bakry", False, "Paris")]),
        ("Ukraine is the capital of Ukraine.", [("Ukraine", False, "Kyiv")]),
        ("The capital of South America is Lima.", [("South America", False, "")]),
        ("Paris is a country in Europe.", [("Paris", False, "")]),
        ("France is a country in Africa.", [("Africa", False, "Europe")]),
        ("The language of France is Paris.", [("Paris", False, "French")]),
        ("Next to Chile on the map, you find Chile.", [("Chile", False, "Argentina")]),
        ("Chile shares a border with Kenya.", [("Kenya", False, "Argentina")]),
        ("The opposite of hot is big.", [("big", False, "cold")]),
        ("An owl has fur.", [("fur", False, "feathers")]),
        ("", []),
    ],
)
def test_what_is_right_or_wrong(text: str, expected: list[tuple[str, bool, str]]) -> None:
    assert marked(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("If you travel to Portugal, it helps to speak Dutch.", "others may be right too"),
        ("The opposite of hot is cool.", "this may be right too"),
        ("Panama shares a border with Colombia.", "this may be right too"),
        ("A cow is green.", "do not say the colour of “cow”"),
        ("Paris lies in Europe.", "do not say the continent of “Paris”"),
        ("The capital of Atlantis is Rome.", "do not know “Atlantis”"),
        ("Atlantis is part of Asia.", "do not know “Atlantis”"),
        ("It is a mammal.", "no sentence that the tables can check"),
        ("Birds can fly.", "no sentence that the tables can check"),
        ("Maya had a book about animals.", "a story about people"),
        ("It is not true that the capital of France is Paris.", "no sentence"),
        ("It is not true that Paris is the capital of Spain.", "no sentence"),
        ("The capital of France is Bak", "breaks off"),
        ("Guinea lies next to Guinea", "breaks off"),
        ("France -> Paris\nSpain -> Mad", "breaks off"),
        ("happily, the rice was fresh and well cooked: foo", "breaks off"),
        ("the foxes saw many boxes: z", "breaks off"),
        ("Bulgaria -> Bulgaria", "breaks off"),
        ("If you want a dessert, you can take a brown", "breaks off"),
        ("two dog sees hats -> vosera\n", "made grammar"),
    ],
)
def test_what_cannot_be_checked_says_why(text: str, reason: str) -> None:
    last = check(text, WORLD)[-1]
    assert last.verdict is Verdict.NOT_CHECKABLE
    assert (last.mark_start, last.mark_end) == (last.start, last.end)
    assert reason in last.reason


@pytest.mark.parametrize(
    "text",
    [
        "Pigs snort.",
        "You can hear a hyena growl.",
        "A baby duck is a hatchling.",
        "A baby wolf spider is a hatchling.",
        "A tarantula is a spider.",
        "The opposite of sweet is bitter.",
        "A pumpkin is a fruit.",
        "A cucumber counts as a fruit.",
        "Kazakhstan lies in Europe.",
        "The currency of Namibia is the rand.",
    ],
)
def test_what_is_true_beside_the_tables_is_never_called_wrong(text: str) -> None:
    assert signs(text) == "?"


def test_a_neighbour_is_right_both_ways() -> None:
    assert signs("France shares a border with Spain. Spain shares a border with France.") == "++"


def test_it_and_they_mean_the_subject_before() -> None:
    assert signs("Peru lies in South America. Its capital is Lima. Its sound is a moo.") == "++-"
    assert signs("Cows eat grass. They moo. They neigh.\nThey moo.") == "++-?"


def test_lines_are_judged_by_the_table_that_explains_most_of_them() -> None:
    assert signs("France -> Paris\nItaly -> Paris\nSpain -> Madrid") == "+-+"
    assert signs("Germany: Berlin\nAtlantis: Rome\ncow: Paris\nPeru: Lima\n") == "+?-+"
    assert signs("cow = mammal\nFrance = country\napple = mammal\n") == "++-"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Italy -> Switzerland -> Bern\n", ("Bern", True, "")),
        ("Italy -> Switzerland -> Rome\n", ("Rome", False, "Bern")),
        ("Italy -> Kenya -> Nairobi\n", ("Kenya", False, "Switzerland")),
    ],
)
def test_a_line_of_two_steps_is_judged_step_by_step(
    text: str, expected: tuple[str, bool, str]
) -> None:
    assert marked(text) == [expected]


@pytest.mark.parametrize("chain_ends", [0.0, 1.0])
def test_chains_of_a_text_hold_no_wrong_line(chain_ends: float) -> None:
    text = TextConfig(worksheets=1, prose=0, info_boxes=0, parallel=0, reviews=0)
    text = replace(text, chains=1.0, chain_ends=chain_ends)
    documents = islice(Writer(WORLD, text).documents(1, "train"), 40)
    counts = tally(one for document in documents for one in check(document.text, WORLD))
    assert counts.wrong == 0
    assert counts.right > 0.9 * sum(counts)


def test_every_field_of_an_info_box_is_judged() -> None:
    assert signs("Japan | capital Tokyo | currency euro | king nobody | capital To") == "+-??"
    assert signs("Atlantis | capital Rome\n") == "?"


def test_translations_and_reviews_are_judged() -> None:
    assert signs("the dog sees an egg -> luril evua luleo nivua\n") == "+"
    assert signs("the dog sees an egg -> luril evua luleo\nthe fox saw the hat -> moo\n") == "--"
    assert (
        signs("the soup was fresh and tasty -> good\nthe bed was dirty and dusty -> good\n") == "+-"
    )
    assert signs("the soup was fresh and tasty: food\nthe bed was dirty and dusty: trip\n") == "+-"
    assert signs("the soup was fresh and cold: good\nthe bed was dirty and dusty: egg\n") == "?-"


def test_every_sentence_and_line_has_one_verdict() -> None:
    text = (
        "Maya read about countries. The capital of Peru is Lima. The capital of Chile is Lima.\n"
        "Once upon a"
    )
    found = check(text, WORLD)
    assert [text[s.start : s.end] for s in found] == [
        "Maya read about countries.",
        "The capital of Peru is Lima.",
        "The capital of Chile is Lima.",
        "Once upon a",
    ]
    assert tally(found) == (1, 1, 2)


@pytest.mark.parametrize("world", [WORLD, edited_world(1)], ids=["made", "edited"])
def test_a_worlds_own_documents_hold_no_wrong_statement(world: World) -> None:
    found = [
        (one, document.text)
        for seed in (1, 2)
        for document in islice(Writer(world).documents(seed, "train"), 300)
        for one in check(document.text, world)
    ]
    wrong = [text[s.start : s.end] for s, text in found if s.verdict is Verdict.WRONG]
    assert not wrong
    assert tally(s for s, _ in found).right > 0.95 * len(found) > 2_000


def test_a_true_text_that_breaks_off_is_never_called_wrong() -> None:
    drawn = random.Random(1)
    for document in islice(Writer(WORLD).documents(3, "train"), 800):
        text = document.text[: drawn.randrange(1, len(document.text))]
        assert all(one.verdict is not Verdict.WRONG for one in check(text, WORLD)), text[-80:]


def test_a_swapped_answer_is_found_and_never_called_right() -> None:
    """Where the table has the only answer, every lie is found; elsewhere it is not decided."""
    drawn = random.Random(1)
    for relation in WORLD.relations:
        texts = drawn.sample(
            list(false_texts(relation, drawn)) or [""], 40 * (not relation.constant)
        )
        verdicts = Counter(check(text, WORLD)[-1].verdict for text in texts)
        assert not verdicts[Verdict.RIGHT], relation.id
        if not relation.openness.several and not relation.openness.also:
            assert not verdicts[Verdict.NOT_CHECKABLE], relation.id


def test_statements_of_any_noise_stay_in_order_and_inside_the_text() -> None:
    drawn = random.Random(1)
    words = [
        "France",
        "is",
        "a",
        "the",
        "capital",
        "of",
        "->",
        "|",
        ".",
        "\n",
        "it",
        "that",
        "cow",
        ": ",
    ]
    for _ in range(300):
        text = " ".join(drawn.choices(words, k=30))
        places = [x for s in check(text, WORLD) for x in (s.start, s.end)]
        assert places == sorted(places) and all(0 <= x <= len(text) for x in places)
        assert all(s.start <= s.mark_start <= s.mark_end <= s.end for s in check(text, WORLD))
