"""Lines of worksheets, info-boxes, reviews and parallel texts, and what a world says about them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tinylm.corpora.world.chain_lines import ChainLines
from tinylm.corpora.world.grammar import Language, Phrase, Sentence, translate
from tinylm.corpora.world.knowledge import Claim, Knowledge, Place
from tinylm.corpora.world.languages import Languages
from tinylm.corpora.world.reviews import MOODS, Reviews
from tinylm.corpora.world.verdicts import BREAKS_OFF, Judgement, Verdict, open_question
from tinylm.corpora.world.wording import fill
from tinylm.corpora.world.world import World

_TELLING = ("line", "of", "sheet")  # as telling as the words of a long pattern


class Line(NamedTuple):
    """A line with something on both sides of its separator, at `text[start:end]`."""

    left: str
    right: str
    start: int
    answer: int  # where `right` begins in the text
    end: int
    whole: bool  # the text does not end here


class Sheets:
    """Judges lines by the tables, reviews and languages of a world."""

    def __init__(self, world: World, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._kinds = [[Place(r, "{o}") for r in sheet.relations] for sheet in world.sheets]
        self._labels = [
            (f"{relation.label} ", Place(relation, "{o}")) for relation in world.relations
        ]
        self._chains = ChainLines(world, knowledge)
        self._reviews = _ReviewReader(world.reviews) if world.reviews else None
        self._parallel = _ParallelReader(world.languages) if world.languages else None

    def judge_block(self, lines: Sequence[Line]) -> list[Judgement]:
        """The judgements on lines that follow each other and have the same separator."""
        facts = self._places(lines)
        language = self._parallel.language(lines) if self._parallel else None
        asked = self._reviews.asked(lines) if self._reviews else ""
        ends = self._chains.ends([(line.left, line.right) for line in lines])
        found = []
        for line in lines:
            left, right, _, at, end, whole = line
            judgement = self._chains.judge(left, right, at, end, whole=whole)
            if judgement is None and left in ends and whole:
                judgement = self._chains.judge_end(ends, (left, right), at, end)
            if judgement is None and self._reviews:
                judgement = self._reviews.judge(line, asked)
            if judgement is None and self._parallel:
                judgement = self._parallel.judge(line, language)
            found.append(judgement or self._fact(line, facts))
        return found

    def judge_field(self, name: str, field: Line) -> Judgement:
        """The judgement on one field of an info-box about `name`."""
        claims = []
        for label, place in self._labels:
            if field.right.startswith(label):
                answer = field.right[len(label) :]
                if not field.whole and place.goes_on(answer):
                    continue
                claims.append((self._knowledge.claim(place, name, answer, _TELLING), len(label)))
        if not claims:
            reason = "the tables have no such column" if field.whole else BREAKS_OFF
            return open_question(field.answer, field.end, reason)
        claim, skipped = max(claims, key=lambda one: one[0].rank)
        return _judgement(claim, field.answer + skipped, field.end)

    def _places(self, lines: Sequence[Line]) -> list[Place]:
        """The relations of the worksheets that explain most lines; empty if they are under half.

        A line where the text breaks off has no say: its answer may go on to be another one.
        """
        lines = [line for line in lines if line.whole]
        counts = [sum(self._explains(kind, line) for line in lines) for kind in self._kinds]
        most = max(counts, default=0)
        if not most or 2 * most < sum(self._knowledge.knows(line.left) for line in lines):
            return []
        chosen = (kind for kind, count in zip(self._kinds, counts, strict=True) if count == most)
        return [place for kind in chosen for place in kind]

    def _explains(self, kind: Sequence[Place], line: Line) -> bool:
        return any(
            place.answer(line.right) is not None
            and self._knowledge.subject(place.relation, line.left) in place.relation.facts
            for place in kind
        )

    def _begins(self, kind: Sequence[Place], line: Line) -> bool:
        """Whether the text breaks off in what may become the answer to this line."""
        subjects = ((place, self._knowledge.subject(place.relation, line.left)) for place in kind)
        answers = (p.relation.facts.get(one, "") for p, one in subjects if one is not None)
        return not line.whole and any(answer.startswith(line.right) for answer in answers)

    def _fact(self, line: Line, places: Sequence[Place]) -> Judgement:
        """The judgement by these relations; without any, by those that explain this line alone."""
        if not places:
            places = [
                place
                for kind in self._kinds
                if self._explains(kind, line) or self._begins(kind, line)
                for place in kind
            ]
        if not line.whole and any(place.goes_on(line.right) for place in places):
            return open_question(line.answer, line.end, BREAKS_OFF)
        claims = [self._knowledge.claim(place, line.left, line.right, _TELLING) for place in places]
        if not claims:
            known = self._knowledge.knows(line.left)
            reason = (
                "the tables cannot tell what is asked"
                if known
                else f"the tables do not know “{line.left}”"
            )
            return open_question(line.answer, line.end, reason)
        return _judgement(max(claims, key=lambda one: one.rank), line.answer, line.end)


def _judgement(claim: Claim, start: int, end: int) -> Judgement:
    return Judgement(claim.verdict, start, end, claim.truth, claim.reason)


class _ReviewReader:
    """Finds the topic and the mood of a review by its words."""

    def __init__(self, reviews: Reviews) -> None:
        self._topics = {s: topic.name for topic in reviews.topics for s in topic.subjects}
        self._moods = {
            word: mood
            for mood in MOODS
            for words in (reviews.any_topic[mood], *(t.words[mood] for t in reviews.topics))
            for word in words
        }
        self._frames: dict[re.Pattern[str], set[str]] = {}  # with the moods that may use it
        for mood in MOODS:
            for frame in reviews.frames[mood]:
                self._frames.setdefault(_review_pattern(frame), set()).add(mood)

    def asked(self, lines: Sequence[Line]) -> str:
        """What most lines label, "mood" or "topic"; "" if none has any such label."""
        labels = [line.right for line in lines]
        moods = sum(label in MOODS for label in labels)
        topics = sum(label in self._topics.values() for label in labels)
        return "" if not moods + topics else "mood" if moods >= topics else "topic"

    def judge(self, line: Line, asked: str) -> Judgement | None:
        """The judgement on the label of a review; None if the line is none."""
        topic, moods = self._read(line.left)
        if not topic and not moods:
            return None
        if not asked and not line.whole:
            return open_question(line.answer, line.end, BREAKS_OFF)
        if not asked:
            reason = "this is neither a mood nor a topic of reviews"
            return Judgement(Verdict.WRONG, line.answer, line.end, "", reason)
        mood = moods.pop() if len(moods) == 1 else ""
        truth = mood if asked == "mood" else topic
        if not line.whole and line.right != truth and truth.startswith(line.right):
            return open_question(line.answer, line.end, BREAKS_OFF)
        if not truth:
            reason = f"its words have no clear {asked}"
            return open_question(line.answer, line.end, reason)
        right = line.right == truth
        verdict = Verdict.RIGHT if right else Verdict.WRONG
        reason = f"its words are those of “{truth}”"
        return Judgement(verdict, line.answer, line.end, "" if right else truth, reason)

    def _read(self, text: str) -> tuple[str, set[str]]:
        """The topic of the subject, "" if unknown, and the moods of frame and words."""
        topic, moods = "", set()
        for pattern, allowed in self._frames.items():
            if found := pattern.fullmatch(text):
                words = [word for name, word in found.groupdict().items() if name != "s"]
                topic = topic or self._topics.get(found["s"], "")
                moods |= {self._moods[word] for word in words if word in self._moods}
                moods |= allowed if len(allowed) == 1 and topic else set()
        return topic, moods


def _review_pattern(frame: str) -> re.Pattern[str]:
    blanks = {"{s}": "(?P<s>.+?)", "{was}": "(?:was|were)", "{a}": "(?P<a>.+?)", "{b}": "(?P<b>.+)"}
    return re.compile(fill(re.escape(frame).replace(r"\{", "{").replace(r"\}", "}"), blanks))


class _ParallelReader:
    """Translates the English side of a line, to compare it with what stands beside it."""

    def __init__(self, languages: Languages) -> None:
        english = languages.english
        self._languages = languages.languages
        self._nouns = {
            form: (noun, plural, several)
            for nouns in (english.subjects, english.objects)
            for noun, plural in nouns.items()
            for form, several in ((noun, False), (plural, True))
        }
        self._verbs = {
            form: (verb, several, past)
            for verb in english.verbs
            for form, several, past in (
                (verb.plural, True, False),
                (verb.singular, False, False),
                (verb.past, None, True),
            )
        }
        self._adjectives = set(english.adjectives)
        self._determiners = english.determiners
        self._words = {*self._nouns, *self._verbs, *self._adjectives, "a", "an"}
        self._words |= {word for words in english.determiners.values() for word in words}
        self._own = {one.name: _own_words(one) for one in self._languages}

    def language(self, lines: Sequence[Line]) -> Language | None:
        """The language of which most words stand on the right; None if there are none."""
        said = [word for line in lines for word in line.right.split()]
        counts = {
            one.name: sum(word in self._own[one.name] for word in said) for one in self._languages
        }
        best = max(self._languages, key=lambda one: counts[one.name])
        return best if counts[best.name] else None

    def judge(self, line: Line, language: Language | None) -> Judgement | None:
        """The judgement on the translation of a sentence; None if the line is no sentence."""
        words = line.left.split()
        if len(words) < 4 or not self._words.issuperset(words):
            return None
        sentence = self._sentence(words)
        if sentence is None or sentence.text != line.left:
            reason = "the English is none that the made grammar has"
            return open_question(line.answer, line.end, reason)
        truths = {one.name: translate(one, sentence) for one in self._languages}
        begun = [truth for truth in truths.values() if truth.startswith(line.right)]
        if not line.whole and begun and line.right not in truths.values():
            return open_question(line.answer, line.end, BREAKS_OFF)
        if language is None:
            reason = "these words are of neither invented language"
            return Judgement(Verdict.WRONG, line.answer, line.end, "", reason)
        truth = truths[language.name]
        if line.right == truth:
            return Judgement(
                Verdict.RIGHT, line.answer, line.end, "", f"{language.name} says it so"
            )
        reason = f"{language.name} says “{truth}”"
        return Judgement(Verdict.WRONG, line.answer, line.end, truth, reason)

    def _sentence(self, words: list[str]) -> Sentence | None:
        """The sentence of these words; None if they are in another order."""
        place = next((i for i, word in enumerate(words) if word in self._verbs), None)
        if place is None:
            return None
        subject, thing = self._phrase(words[:place]), self._phrase(words[place + 1 :])
        if subject is None or thing is None:
            return None
        verb, _, past = self._verbs[words[place]]
        return Sentence(subject, verb, past, thing)

    def _phrase(self, words: list[str]) -> Phrase | None:
        if len(words) not in (2, 3) or words[-1] not in self._nouns:
            return None
        noun, plural, several = self._nouns[words[-1]]
        determiner = "a" if words[0] == "an" else words[0]
        adjective = words[1] if len(words) == 3 else ""
        if determiner not in self._determiners[several]:
            return None
        if adjective and adjective not in self._adjectives:
            return None
        return Phrase(noun, plural, several, determiner, adjective)


def _own_words(language: Language) -> set[str]:
    """All words of a language, also with its marks."""
    words = {word for word in language.words.values() if word}
    for mark in (language.plural, language.past):
        words |= {mark.on(word) for word in words} | {mark.mark}
    return words
