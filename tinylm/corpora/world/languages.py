"""Parallel texts: English sentences beside their translation into one of two invented languages.

`data/world/languages.json` holds the English words, and the words and grammar of each language.
Every English sentence has exactly one translation into each language, and no two sentences have
the same one. One sentence in eight is held out: no document shows it in any language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinylm.corpora.world import data_files as spec
from tinylm.corpora.world import lines
from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.data_files import DATA, Mistake, check_different, part
from tinylm.corpora.world.grammar import (
    APART,
    JOINED,
    PARTS,
    English,
    Language,
    Mark,
    Verb,
    translate,
)
from tinylm.errors import NotFound

FILE = DATA / "languages.json"
MIN_LINES, MAX_LINES = 3, 7
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Languages:
    """English, and the languages into which it is translated."""

    english: English
    languages: tuple[Language, ...]

    def language(self, name: str) -> Language:
        """The language of this name. Raises NotFound."""
        for language in self.languages:
            if language.name == name:
                return language
        names = ", ".join(language.name for language in self.languages)
        raise NotFound(f"There is no language {name!r}; there are {names}.")

    @staticmethod
    def load(path: Path = FILE) -> Languages:
        """Read and check a file. Raises BadRequest, which names it and says what to correct."""
        return spec.read(path, _languages)


def parallel(languages: Languages, chooser: Chooser, separators: Sequence[str]) -> str:
    """A document: sentences and their translations into one language, one pair on each line."""
    language = chooser.pick(languages.languages)
    separator = chooser.pick(separators)
    count = chooser.pick(range(MIN_LINES, MAX_LINES + 1))
    sentences = lines.draw(chooser, languages.english.sentence, count)
    return "".join(f"{s.text}{separator}{translate(language, s)}\n" for s in sentences)


def sentence_pairs(
    languages: Languages, language_name: str, held_out: bool, number: int, seed: int
) -> tuple[tuple[str, str], ...]:
    """`number` different pairs (English, translation), either all held out or none of them.

    For the same seed, all languages get the same English sentences. Raises NotFound for an
    unknown language, and BadRequest if there are not so many sentences.
    """
    language = languages.language(language_name)
    sentences = lines.items(languages.english.sentence, held_out, number, seed)
    return tuple((sentence.text, translate(language, sentence)) for sentence in sentences)


# Reading the file --------------------------------------------------------------------------


def _languages(data: dict[str, Any]) -> Languages:
    english = _english(part(data, "english", dict))
    languages = tuple(_language(one, english) for one in part(data, "languages", list))
    check_different((language.name for language in languages), '"languages"')
    if english.num_sentences < lines.LEAST:
        raise Mistake(
            f"these words make {english.num_sentences} sentences; at least {lines.LEAST} are "
            "needed, so add nouns, verbs or adjectives"
        )
    return Languages(english, languages)


def _word(value: object, where: str) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise Mistake(f"{value!r} in {where} must be one word of the letters a to z")
    return value


def _words(data: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(_word(word, f'"{key}"') for word in part(data, key, list))


def _english(data: dict[str, Any]) -> English:
    subjects, objects = _nouns(data, "subjects"), _nouns(data, "objects")
    verbs = tuple(_verb(verb, forms) for verb, forms in part(data, "verbs", dict).items())
    adjectives = _words(data, "adjectives")
    determiners = part(data, "determiners", dict)
    english = English(
        subjects=subjects,
        objects=objects,
        verbs=verbs,
        adjectives=adjectives,
        determiners={False: _words(determiners, "singular"), True: _words(determiners, "plural")},
    )
    forms = [form for verb in verbs for form in (verb.plural, verb.singular, verb.past)]
    nouns = [*subjects, *subjects.values(), *objects, *objects.values()]
    several = {*english.determiners[False], *english.determiners[True]}
    check_different([*nouns, *forms, *adjectives, *several], '"english"')
    return english


def _nouns(data: dict[str, Any], key: str) -> dict[str, str]:
    nouns = part(data, key, dict)
    return {_word(noun, f'"{key}"'): _word(many, f'"{key}"') for noun, many in nouns.items()}


def _verb(verb: str, forms: object) -> Verb:
    if not isinstance(forms, dict) or set(forms) != {"singular", "past"}:
        raise Mistake(f'the verb {verb!r} needs the forms "singular" and "past"')
    singular, past = (_word(forms[form], '"verbs"') for form in ("singular", "past"))
    return Verb(_word(verb, '"verbs"'), singular, past)


def _language(data: object, english: English) -> Language:
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(name, str) or not name.isalpha():
        raise Mistake('each of "languages" needs a "name" of letters')
    order = part(data, "order", list, name)
    if sorted(map(str, order)) != sorted(PARTS):
        raise Mistake(f'{name}: "order" must hold {", ".join(PARTS)}, each once')
    if data.get("adjective") not in APART:
        raise Mistake(f'{name}: "adjective" must be {" or ".join(APART)}')
    plural = part(data, "plural", dict, name)
    language = Language(
        name=name,
        order=tuple(order),
        adjective=data["adjective"],
        plural=_mark(name, "plural", plural),
        plural_with=frozenset(_words(plural, "with")),
        past=_mark(name, "past", part(data, "past", dict, name)),
        words=_translations(name, part(data, "words", dict, name), english),
    )
    _check_clear(language, english)
    return language


def _mark(name: str, key: str, data: dict[str, Any]) -> Mark:
    if data.get("place") not in JOINED + APART:
        raise Mistake(f'{name}: the place of "{key}" must be {", ".join(JOINED + APART)}')
    return Mark(data["place"], _word(data.get("mark"), f'"{key}" of {name}'))


def _translations(name: str, words: dict[str, Any], english: English) -> dict[str, str]:
    odd = sorted(set(english.words) ^ set(words))
    if odd:
        wrong = "has no word for" if odd[0] in english.words else "translates an unknown word,"
        raise Mistake(f"{name} {wrong} {odd[0]!r}")
    silent = {*english.determiners[False], *english.determiners[True]}
    return {
        word: "" if own == "" and word in silent else _word(own, f'"words" of {name}')
        for word, own in words.items()
    }


def _check_clear(language: Language, english: English) -> None:
    """Raise Mistake if two words, with or without marks, or two determiners look the same."""
    nouns = [language.words[noun] for noun in (*english.subjects, *english.objects)]
    verbs = [language.words[verb.plural] for verb in english.verbs]
    forms = [own for own in language.words.values() if own]
    for mark, words in ((language.plural, nouns), (language.past, verbs)):
        forms += [mark.on(word) for word in words] if mark.place in JOINED else [mark.mark]
    check_different(forms, language.name)
    seen: dict[tuple[str, bool], str] = {}
    for several, determiners in english.determiners.items():
        for word in determiners:
            said = f"{word!r} of {'several' if several else 'one'}"
            key = (language.words[word], several and word in language.plural_with)
            if key in seen:
                raise Mistake(
                    f"{language.name}: nothing tells {seen[key]} from {said}: give one of them "
                    "another word, or only one of them the mark of the plural"
                )
            seen[key] = said
