"""Small English sentences, and the grammars that translate them into an invented language.

A grammar is an order of subject, object and verb, a place for the adjective, a mark for the
plural and a mark for the past. languages.py reads grammars from a file and writes documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tinylm.corpora.world.chooser import Chooser, Odds
from tinylm.corpora.world.wording import with_article

PARTS = ("subject", "object", "verb")
ADJECTIVE_OF = Odds(("", "subject", "object"), (2, 1, 1))  # one adjective at most
JOINED = ("prefix", "suffix")  # places of a mark that is part of a word
APART = ("before", "after")  # places of a mark that is a separate word


@dataclass(frozen=True)
class Verb:
    """The forms of an English verb; the plural form is also its name."""

    plural: str
    singular: str
    past: str


@dataclass(frozen=True)
class English:
    """The English words. Every subject, verb and object can be combined."""

    subjects: dict[str, str]  # singular -> plural
    objects: dict[str, str]
    verbs: tuple[Verb, ...]
    adjectives: tuple[str, ...]
    determiners: dict[bool, tuple[str, ...]]  # False: for one thing, True: for several

    @property
    def words(self) -> tuple[str, ...]:
        """The words that a language must translate."""
        several = (*self.determiners[False], *self.determiners[True])
        verbs = (verb.plural for verb in self.verbs)
        return tuple(
            dict.fromkeys([*self.subjects, *self.objects, *verbs, *self.adjectives, *several])
        )

    @property
    def num_sentences(self) -> int:
        determiners = sum(len(words) for words in self.determiners.values())
        phrases = len(self.subjects) * len(self.objects) * determiners**2
        return phrases * 2 * len(self.verbs) * (1 + 2 * len(self.adjectives))

    def sentence(self, chooser: Chooser) -> Sentence:
        """A sentence drawn at random."""
        described = chooser.odds(ADJECTIVE_OF)
        subject = self._phrase(chooser, self.subjects, described == "subject")
        verb, past = chooser.pick(self.verbs), chooser.pick((False, True))
        return Sentence(
            subject, verb, past, self._phrase(chooser, self.objects, described == "object")
        )

    def _phrase(self, chooser: Chooser, nouns: dict[str, str], described: bool) -> Phrase:
        several = chooser.pick((False, True))
        determiner = chooser.pick(self.determiners[several])
        adjective = chooser.pick(self.adjectives) if described else ""
        noun, plural = chooser.pick(tuple(nouns.items()))
        return Phrase(noun, plural, several, determiner, adjective)


@dataclass(frozen=True)
class Phrase:
    """A noun with its determiner, and possibly an adjective."""

    noun: str
    plural: str
    several: bool
    determiner: str
    adjective: str = ""

    @property
    def text(self) -> str:
        noun = self.plural if self.several else self.noun
        words = f"{self.adjective} {noun}" if self.adjective else noun
        return with_article(words) if self.determiner == "a" else f"{self.determiner} {words}"


@dataclass(frozen=True)
class Sentence:
    """Who does or did what to which thing."""

    subject: Phrase
    verb: Verb
    past: bool
    object: Phrase

    @cached_property
    def text(self) -> str:
        """The sentence in English, five or six words long."""
        present = self.verb.plural if self.subject.several else self.verb.singular
        verb = self.verb.past if self.past else present
        return f"{self.subject.text} {verb} {self.object.text}"


@dataclass(frozen=True)
class Mark:
    """A sign of plural or past: part of the noun or verb, or a separate word beside the phrase."""

    place: str  # of JOINED or APART
    mark: str

    def on(self, word: str) -> str:
        """`word` with the mark as a prefix or suffix; unchanged if the mark is a separate word."""
        return {"prefix": self.mark + word, "suffix": word + self.mark}.get(self.place, word)

    def beside(self, words: list[str]) -> list[str]:
        """`words` with the mark before or after them; unchanged if it is a prefix or suffix."""
        return {"before": [self.mark, *words], "after": [*words, self.mark]}.get(self.place, words)


@dataclass(frozen=True)
class Language:
    """An invented language: its words, and the rules that put them together."""

    name: str
    order: tuple[str, ...]  # of PARTS
    adjective: str  # "before" or "after" its noun
    plural: Mark
    plural_with: frozenset[str]  # determiners with which the noun takes the plural's mark
    past: Mark  # as a separate word, it stands before or after the whole sentence
    words: dict[str, str]  # English -> this language; "" for a determiner that is left out


def translate(language: Language, sentence: Sentence) -> str:
    """The sentence translated into `language` by its rules."""
    verb = language.words[sentence.verb.plural]
    parts = {
        "subject": _phrase(language, sentence.subject),
        "object": _phrase(language, sentence.object),
        "verb": [language.past.on(verb) if sentence.past else verb],
    }
    words = [word for part in language.order for word in parts[part]]
    return " ".join(language.past.beside(words) if sentence.past else words)


def _phrase(language: Language, phrase: Phrase) -> list[str]:
    marked = phrase.several and phrase.determiner in language.plural_with
    noun = language.words[phrase.noun]
    words = [language.plural.on(noun) if marked else noun]
    if phrase.adjective:
        words.insert(language.adjective == "after", language.words[phrase.adjective])
    if language.words[phrase.determiner]:
        words.insert(0, language.words[phrase.determiner])
    return language.plural.beside(words) if marked else words
