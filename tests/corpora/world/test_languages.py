"""Parallel texts: English that agrees, translations by rule, held-out sentences unseen."""

from __future__ import annotations

import copy
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.broken_file import REMOVED, with_change, write
from tinylm.corpora.world.chooser import Chooser, Odds
from tinylm.corpora.world.grammar import English, Phrase, Sentence, Verb, translate
from tinylm.corpora.world.languages import FILE, Languages, parallel, sentence_pairs
from tinylm.corpora.world.lines import HELD_OUT, draw, held_out
from tinylm.errors import BadRequest, NotFound

T = TypeVar("T")
SEPARATORS = (" -> ", ": ", " = ")
TINY = English(
    subjects={"dog": "dogs", "owl": "owls"},
    objects={"egg": "eggs"},
    verbs=(Verb("see", "sees", "saw"),),
    adjectives=("old",),
    determiners={False: ("the", "a"), True: ("two",)},
)


class Walker(Chooser):
    """Takes the choices it is told, then first options, and notes how many options there were."""

    def __init__(self, path: Sequence[int]) -> None:
        super().__init__(0)
        self.path, self.sizes = path, list[int]()

    def pick(self, options: Sequence[T]) -> T:
        step = len(self.sizes)
        self.sizes.append(len(options))
        self.log_probability -= math.log(len(options))
        return options[self.path[step] if step < len(self.path) else 0]

    def odds(self, odds: Odds[T]) -> T:
        step = len(self.sizes)
        self.sizes.append(len(odds.options))
        i = self.path[step] if step < len(self.path) else 0
        self.log_probability += odds.log_probabilities[i]
        return odds.options[i]


def every_sentence(english: English) -> list[tuple[Sentence, float]]:
    """Each way of choosing a sentence, with its log-probability."""
    found, path = [], list[int]()
    while True:
        walker = Walker(path)
        found.append((english.sentence(walker), walker.log_probability))
        path = [*path, *[0] * (len(walker.sizes) - len(path))]
        while path and path[-1] + 1 == walker.sizes[len(path) - 1]:
            path.pop()
        if not path:
            return found
        path[-1] += 1


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages.load()


@pytest.fixture(scope="module")
def documents(languages: Languages) -> list[str]:
    return [parallel(languages, Chooser(seed), SEPARATORS) for seed in range(300)]


def pairs_of(document: str) -> list[tuple[str, str]]:
    separator = next(s for s in SEPARATORS if s in document)
    return [(a, b) for a, b in (line.split(separator) for line in document.splitlines())]


SENTENCES = {
    "the small dogs saw a box": Sentence(
        Phrase("dog", "dogs", True, "the", "small"),
        Verb("see", "sees", "saw"),
        True,
        Phrase("box", "boxes", False, "a"),
    ),
    "an owl likes an old apple": Sentence(
        Phrase("owl", "owls", False, "a"),
        Verb("like", "likes", "liked"),
        False,
        Phrase("apple", "apples", False, "a", "old"),
    ),
    "two mice carry the big drums": Sentence(
        Phrase("mouse", "mice", True, "two"),
        Verb("carry", "carries", "carried"),
        False,
        Phrase("drum", "drums", True, "the", "big"),
    ),
    "the king lost many wet hats": Sentence(
        Phrase("king", "kings", False, "the"),
        Verb("lose", "loses", "lost"),
        True,
        Phrase("hat", "hats", True, "many", "wet"),
    ),
}
TRANSLATIONS = [
    # subject, object, verb; the adjective after its noun; -ni for several; rumeo for the past
    ("Nuveli", "the small dogs saw a box", "lurilni vuseol evua moseon nivua rumeo"),
    ("Nuveli", "an owl likes an old apple", "evua inual evua olone manuan aveora"),
    ("Nuveli", "two mice carry the big drums", "siolu seneolni vavonni vulone relane"),
    ("Nuveli", "the king lost many wet hats", "arual narole ruvalni loreva sanial rumeo"),
    # verb, subject, object; the adjective before; ugz for several, not after a number; ze- past
    ("Drazgok", "the small dogs saw a box", "zetagz ugz tozk krelt agz dazk"),
    ("Drazgok", "an owl likes an old apple", "bezk agz gotzet agz kondad dratz"),
    ("Drazgok", "two mice carry the big drums", "gendet kazt drurt ugz brugok zurkad"),
    ("Drazgok", "the king lost many wet hats", "zegralt zukad zordak trelk tezket"),
]


@pytest.mark.parametrize("english", SENTENCES)
def test_english_agrees(english: str) -> None:
    assert SENTENCES[english].text == english


@pytest.mark.parametrize(("name", "english", "expected"), TRANSLATIONS)
def test_each_language_has_its_own_grammar(
    languages: Languages, name: str, english: str, expected: str
) -> None:
    assert translate(languages.language(name), SENTENCES[english]) == expected


def test_marks_can_stand_in_every_place(tmp_path: Path) -> None:
    spec = json.loads(FILE.read_text(encoding="utf-8"))
    one, other = spec["languages"]
    one["plural"]["place"], one["past"]["place"] = "prefix", "before"
    other["plural"]["place"], other["past"]["place"] = "after", "suffix"
    changed = Languages.load(write(tmp_path / "languages.json", spec))
    sentence = SENTENCES["the small dogs saw a box"]
    said = [translate(language, sentence) for language in changed.languages]
    assert said == [
        "rumeo niluril vuseol evua moseon nivua",
        "tagzze tozk krelt ugz agz dazk",
    ]


def test_english_is_grammatical_and_short(languages: Languages) -> None:
    """Against word lists written here: number of the determiner, the noun and the verb agree."""
    noun = "dog|fox|owl|girl|king|farmer|apple|egg|hat|box|bell|coat|drum"
    verb = "see|find|take|carry|want|hide|like|lose"
    ones = rf"(?:the|an?)(?: \w+)? (?:{noun}|mouse)"
    many = rf"(?:the|two|many)(?: \w+)? (?:(?:{noun})e?s|mice)"
    past = "saw|found|took|carried|wanted|hid|liked|lost"
    right = re.compile(
        rf"(?:{ones} (?:{verb}|carrie)s?|{many} (?:{verb})|(?:{ones}|{many}) (?:{past}))"
        rf" (?:{ones}|{many})"
    )
    for english, _ in sentence_pairs(languages, "Nuveli", False, 2_000, seed=5):
        assert right.fullmatch(english), english
        assert not re.match(rf"{ones} (?:{verb}) ", english), english
        assert not re.search(r"\ban (?![aeiou])|\ba (?=[aeiou])", english), english
        assert len(english.split()) in (5, 6)


def test_translations_are_short_and_their_words_few(languages: Languages) -> None:
    for language in languages.languages:
        said = [b for _, b in sentence_pairs(languages, language.name, False, 3_000, seed=6)]
        assert max(len(text.split()) for text in said) <= 7
        assert len({word for text in said for word in text.split()}) <= 50


def test_words_are_invented_and_the_languages_share_none(languages: Languages) -> None:
    english = languages.english
    known = {*english.words, *english.subjects.values(), *english.objects.values()}
    own = [{word for word in one.words.values() if word} for one in languages.languages]
    assert not own[0] & own[1]
    for words in own:
        assert not words & known
        assert all(3 <= len(word) <= 6 for word in words)


def test_no_two_sentences_have_one_translation() -> None:
    full = Languages.load()
    small = English(
        subjects={"dog": "dogs", "mouse": "mice"},
        objects={"egg": "eggs", "hat": "hats"},
        verbs=(Verb("see", "sees", "saw"), Verb("hide", "hides", "hid")),
        adjectives=("old", "wet"),
        determiners=full.english.determiners,
    )
    sentences = [sentence for sentence, _ in every_sentence(small)]
    assert len({s.text for s in sentences}) == len(sentences) == small.num_sentences == 2_000
    for language in full.languages:
        assert len({translate(language, s) for s in sentences}) == len(sentences)


def test_there_is_more_than_can_be_learned_by_heart(languages: Languages) -> None:
    assert languages.english.num_sentences >= 20_000


def test_probabilities_of_all_sentences_add_up_to_one() -> None:
    ways = every_sentence(TINY)
    assert len(ways) == TINY.num_sentences
    assert sum(math.exp(log) for _, log in ways) == pytest.approx(1)


def test_a_document_counts_the_sentences_it_kept(languages: Languages) -> None:
    """The log-probability, worked out again from the finished text."""
    english = languages.english
    for seed in range(200):
        chooser = Chooser(seed)
        document = parallel(languages, chooser, SEPARATORS)
        expected = -math.log(2) - math.log(3) - math.log(5)  # language, separator, number of lines
        for text, _ in pairs_of(document):
            words = text.split()
            described = set(words) & set(english.adjectives)
            plurals = {*english.subjects.values(), *english.objects.values()} & set(words)
            of_two, of_three = 2 - len(plurals), len(plurals)  # determiners to choose from
            expected -= math.log(2) + len(described) * (math.log(2) + math.log(6))
            expected -= 2 * math.log(2) + of_two * math.log(2) + of_three * math.log(3)
            expected -= 2 * math.log(7) + math.log(8) + math.log(2)
        assert chooser.log_probability == pytest.approx(expected)


def test_lines_drawn_again_leave_no_trace() -> None:
    said = {s.text: log for s, log in every_sentence(TINY)}
    assert any(held_out(text) for text in said)
    allowed = sum(not held_out(text) for text in said)
    chooser = Chooser(1)
    kept = draw(chooser, TINY.sentence, allowed)  # every one, so many were drawn again
    assert len({s.text for s in kept}) == allowed
    assert chooser.log_probability == pytest.approx(sum(said[s.text] for s in kept))


def test_held_out_sentences_stand_in_no_document(
    languages: Languages, documents: list[str]
) -> None:
    seen = {english for document in documents for english, _ in pairs_of(document)}
    assert len(seen) > 1_000
    assert not any(held_out(english) for english in seen)
    hidden = sentence_pairs(languages, "Drazgok", True, 300, seed=1)
    assert all(held_out(english) for english, _ in hidden)


def test_one_sentence_in_eight_is_held_out() -> None:
    ways = [f"{a} {b}" for a, b in product(range(80), range(50))]
    share = sum(map(held_out, ways)) / len(ways)
    assert share == pytest.approx(1 / HELD_OUT, abs=0.02)
    # fixed for ever: another hash would mix test items into texts that models have read
    assert [n for n in range(100) if held_out(str(n))] == [22, 48, 53, 57, 61, 65, 77, 79, 80]


def test_a_document_has_one_language_one_separator_and_no_line_twice(
    languages: Languages, documents: list[str]
) -> None:
    used, lengths = Counter[str](), Counter[int]()
    for document in documents:
        assert document.endswith("\n")
        pairs = pairs_of(document)
        assert len({english for english, _ in pairs}) == len(pairs)
        names = [
            one.name
            for one in languages.languages
            if any(word in one.words.values() for word in pairs[0][1].split())
        ]
        assert len(names) == 1
        used[names[0]] += 1
        lengths[len(pairs)] += 1
    assert set(lengths) == {3, 4, 5, 6, 7}
    assert 100 < used["Nuveli"] < 200


def test_documents_are_a_function_of_the_seed(languages: Languages, documents: list[str]) -> None:
    again = [parallel(languages, Chooser(seed), SEPARATORS) for seed in range(20)]
    assert again == documents[:20]
    assert len(set(documents)) == len(documents)


def test_pairs_are_fixed_and_share_their_english(languages: Languages) -> None:
    one = sentence_pairs(languages, "Nuveli", True, 100, seed=2)
    assert one == sentence_pairs(languages, "Nuveli", True, 100, seed=2)
    assert one != sentence_pairs(languages, "Nuveli", True, 100, seed=3)
    other = sentence_pairs(languages, "Drazgok", True, 100, seed=2)
    assert [english for english, _ in one] == [english for english, _ in other]
    assert len({english for english, _ in one}) == 100
    with pytest.raises(NotFound, match="Klingon"):
        sentence_pairs(languages, "Klingon", True, 1, seed=2)


def test_more_pairs_than_there_are_is_a_bad_request(languages: Languages) -> None:
    few = Languages(TINY, languages.languages)
    with pytest.raises(BadRequest, match="ask for fewer"):
        sentence_pairs(few, "Nuveli", True, TINY.num_sentences, seed=1)


# A file that a teacher has edited -----------------------------------------------------------


BROKEN = [
    (("english",), REMOVED, "english"),
    (("languages",), [], "languages"),
    (("languages", 0, "name"), REMOVED, "name"),
    (("languages", 1, "name"), "Nuveli", "Nuveli"),
    (("languages", 0, "order"), ["subject", "verb"], "order"),
    (("languages", 0, "order"), ["subject", "verb", 3], "order"),
    (("languages", 0, "adjective"), "left", "adjective"),
    (("languages", 0, "plural"), "ni", "plural"),
    (("languages", 0, "plural", "place"), "above", "place"),
    (("languages", 0, "plural", "with"), [], "with"),
    (("languages", 0, "past", "mark"), "", "past"),
    (("languages", 0, "words", "dog"), REMOVED, "dog"),
    (("languages", 0, "words", "cat"), "miau", "cat"),
    (("languages", 0, "words", "dog"), "", "words"),
    (("languages", 0, "words", "dog"), "two words", "two words"),
    (("languages", 0, "words", "dog"), "vosera", "vosera"),
    (("languages", 0, "words", "dog"), ["luril"], "luril"),
    (("languages", 0, "words", "fox"), "lurilni", "lurilni"),
    (("languages", 0, "words", "a"), "", "nothing tells 'the' of one from 'a' of one"),
    (("english", "subjects", "dog"), "dog", "dog"),
    (("english", "subjects"), ["dog"], "subjects"),
    (("english", "verbs", "see"), {"past": "saw"}, "singular"),
    (("english", "verbs", "see", "past"), "see", "see"),
    (("english", "adjectives"), ["small", "re|d"], "re"),
    (("english", "adjectives"), "small", "adjectives"),
    (("english", "determiners", "plural"), REMOVED, "plural"),
]


@pytest.mark.parametrize(("path", "value", "told"), BROKEN)
def test_a_broken_file_is_named_with_what_to_mend(
    path: tuple[Any, ...], value: object, told: str, tmp_path: Path
) -> None:
    spec = with_change(FILE, path, value)
    with pytest.raises(BadRequest, match=rf"^languages\.json: .*{re.escape(told)}.*\.$"):
        Languages.load(write(tmp_path / "languages.json", spec))


@pytest.mark.parametrize("text", ["", "[]", '{"english": ', "\udcff", "[" * 100_000])
def test_what_is_not_json_is_a_bad_request(text: str, tmp_path: Path) -> None:
    path = tmp_path / "languages.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadRequest, match=r"languages\.json"):
        Languages.load(path)


def test_a_missing_file_is_a_bad_request(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"nothing\.json"):
        Languages.load(tmp_path / "nothing.json")


def test_too_few_words_are_told(tmp_path: Path) -> None:
    spec = json.loads(FILE.read_text(encoding="utf-8"))
    small = copy.deepcopy(spec)
    english = small["english"]
    english["subjects"], english["objects"] = {"dog": "dogs"}, {"egg": "eggs"}
    english["verbs"] = {"see": {"singular": "sees", "past": "saw"}}
    english["adjectives"] = ["old"]
    keep = {"dog", "egg", "see", "old", "the", "a", "two", "many"}
    for language in small["languages"]:
        language["words"] = {k: v for k, v in language["words"].items() if k in keep}
    with pytest.raises(BadRequest, match="150 sentences"):
        Languages.load(write(tmp_path / "languages.json", small))
