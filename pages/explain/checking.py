"""Which points of the checklist a text mentions, by rules that can be shown to its writer.

The rules see words and not truth. What can be seen of nonsense is left out, and said: a denial in
front of the words, "I do not know what …", a row of words that is no sentence, and sentences of our
own answers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from pages.explain.content import Point, Rule, points, questions, word_lists

ENOUGH = 10  # points with which the lesson is done
REACH = 3  # a denial counts for so many words after it
FAR = 8  # or for so many where it denies an urging: "never teaches a model to …"
LISTED = 7  # a sentence of at least so many words must have small words among them
SMALL_SHARE = 1 / 8  # at least so many of its words

Reason = Literal["denied", "unknown", "listed", "copied"]

NO = "NO"
NUMBER = "NUMBER"
# A line ends a sentence where an empty line, a dash, a number or a capital letter follows.
SENTENCE_END = re.compile(r"[.!?…;؟]+|[。！？।]+|\n[ \t]*(?=[\n\-*•–A-Z0-9])")
AMID = ".!?…;؟"  # these end a sentence only before a space: 3.5 does not end at its point
SHORT = re.compile(r"\b(?:i\.[ \t]?e|e\.[ \t]?g|vs|cf|approx|ca)\.\Z", re.IGNORECASE)
OWN = ("i", "ive", "im")  # the writer
SHORTS = 8  # no such short form has more characters
APART = re.compile(r"[,:()–—]")
WORD = re.compile(r"\w+(?:['’]\w+)*")


class Word(NamedTuple):
    """A word as the rules read it, and where it stands in the text."""

    text: str  # in small letters, without apostrophes
    start: int
    end: int
    apart: bool  # whether a comma, a colon, a bracket or a dash stands before it


class Span(NamedTuple):
    """A part of the text, from `start` up to `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Match:
    """A place that meets a rule of a point, or would, were it not for `reason`."""

    point: str
    span: Span
    reason: Reason | None = None


@dataclass(frozen=True)
class Checked:
    """What the rules found in a text, by the names of points."""

    found: Mapping[str, Match]
    left_out: Mapping[str, Match]  # of points that are not among the found ones


@lru_cache(maxsize=64)
def check(text: str) -> Checked:
    """The best place that mentions each point, or else the first that was left out.

    The best one has the most words of its rule beyond those that the rule needs.
    """
    found: dict[str, Match] = {}
    most: dict[str, int] = {}
    left_out: dict[str, Match] = {}
    for words in sentences(text):
        whole: Reason | None = "copied" if _plain(words) in _our_sentences() else None
        if whole is None and _is_list(words):
            whole = "listed"
        for point in points():
            for first, last, denied, extra in _places(words, point):
                span = Span(words[first].start, words[last].end)
                unknown: Reason | None = "unknown" if _unknown(words, first) else None
                reason = whole or unknown or ("denied" if denied else None)
                if reason is not None:
                    left_out.setdefault(point.name, Match(point.name, span, reason))
                elif extra > most.get(point.name, -1):
                    found[point.name], most[point.name] = Match(point.name, span), extra
    rest = {name: match for name, match in left_out.items() if name not in found}
    return Checked(found, rest)


def sentences(text: str) -> Iterator[list[Word]]:
    """The words of each sentence that has any."""
    start = 0
    ends = [end for end in SENTENCE_END.finditer(text) if _ends(text, end.end(), end[0])]
    for end in [*ends, None]:
        stop = end.start() if end else len(text)
        words: list[Word] = []
        for match in WORD.finditer(text, start, stop):
            apart = APART.search(text, words[-1].end if words else start, match.start()) is not None
            plain = re.sub("['’]", "", match[0]).lower()
            words.append(Word(plain, match.start(), match.end(), apart))
        if words:
            yield words
        start = end.end() if end else stop


def _ends(text: str, place: int, sign: str) -> bool:
    """Whether the sign that ends at `place` ends a sentence: not in 3.5, and not after i.e."""
    if sign[-1] not in AMID:
        return True
    amid = text[place : place + 1].strip() != ""
    return not amid and not SHORT.search(text, max(0, place - SHORTS), place)


def _plain(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


@cache
def _our_sentences() -> frozenset[str]:
    """The sentences of our own answers, apart from very short ones."""
    return frozenset(
        _plain(words)
        for question in questions()
        for words in sentences(question.answer)
        if len(words) >= LISTED
    )


def _is_list(words: Sequence[Word]) -> bool:
    """Whether this is a row of words and no sentence."""
    small = sum(word.text in word_lists().small for word in words)
    return len(words) >= LISTED and small < len(words) * SMALL_SHARE


def _places(words: Sequence[Word], point: Point) -> Iterator[tuple[int, int, bool, int]]:
    """The first place of each rule in a sentence that is not denied, or else the first denied.

    A place is its first and its last word, whether it is denied, and how many words of its rule
    stand in the sentence beyond those that the rule needs.
    """
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word.text, []).append(place)
    for rule in point.rules:
        at = [_positions(words, places, line) for line in rule.lines]
        barred = {first for first, _ in _positions(words, places, rule.barred)}
        extra = len({words[first].text for line in at for first, _ in line}) - len(at)
        denied: tuple[int, int] | None = None
        for first, last in _windows(at, rule.within):
            if last + 1 in barred:
                continue
            if any(NO in line for line in rule.lines) or not _denied(words, first, last):
                yield first, _stretched(at, last, rule.within), False, extra
                break
            denied = denied or (first, last)
        else:
            if denied:
                yield *denied, True, extra


def _stretched(at: Sequence[Sequence[tuple[int, int]]], last: int, within: int) -> int:
    """The last word of a place whose rule has one line, with its neighbours: accuracy, F1, BLEU."""
    if len(at) == 1:
        for first, end in at[0]:
            if last < first < last + within:
                last = end
    return last


def _positions(
    words: Sequence[Word], places: Mapping[str, Sequence[int]], line: Sequence[str]
) -> list[tuple[int, int]]:
    """Where one of these terms stands: the places of its first and of its last word, in order.

    `places` are those of each word.
    """
    found = []
    for term in line:
        first, *rest = term.split()
        for place in (place for word in places if _meets(word, first) for place in places[word]):
            last = place + len(rest)
            following = (word.text for word in words[place + 1 : last + 1])
            if last < len(words) and all(map(_meets, following, rest)):
                found.append((place, last))
    return sorted(found)


def _meets(word: str, part: str) -> bool:
    if part == NO:
        return word in word_lists().denials or word in word_lists().before
    if part == NUMBER:
        return word in word_lists().quantities or word[0].isdecimal()
    return word.startswith(part[:-1].lower()) if part.endswith("*") else word == part.lower()


def _windows(at: Sequence[Sequence[tuple[int, int]]], within: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most `within` words with a place of each line, by their first word.

    `at` are the places of each line, in order. No two lines may use the same words.
    """
    if not all(at):
        return
    for begin in sorted({place[0] for line in at for place in line}):
        taken: list[tuple[int, int]] = []
        for line in at:
            near = line[bisect_left(line, (begin, 0)) : bisect_left(line, (begin + within, 0))]
            free = (
                place
                for place in near
                if place[1] < begin + within
                and all(place[1] < one[0] or one[1] < place[0] for one in taken)
            )
            if (chosen := next(free, None)) is None:
                break
            taken.append(chosen)
        else:
            yield min(one[0] for one in taken), max(one[1] for one in taken)


def _denied(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether a denial stands in these words or just before them, and nothing takes it back."""
    lists = word_lists()
    for place in range(max(0, first - REACH), last):
        word = words[place].text
        if word in lists.denials or (place < first and word in lists.before):
            between = words[place + 1 : max(first, place + 1) + 1]
            apart = place < first and any(one.apart for one in between)
            if not apart and not any(one.text in lists.turns for one in between):
                return True
    return any(_urging(words[place:first]) for place in range(max(0, first - FAR), first))


def _urging(words: Sequence[Word]) -> bool:
    """Whether these words before a place deny an urging to it, such as "never teaches it to"."""
    lists = word_lists()
    denial, *after = words
    return (
        denial.text in lists.denials | lists.before
        and len(after) > 1
        and after[-1].text == "to"
        and any(_meets(after[0].text, urge) for urge in lists.urges)
        and not any(one.apart or one.text in lists.turns | {"and"} for one in after)
    )


def _unknown(words: Sequence[Word], first: int) -> bool:
    """Whether the writer says before this place not to know it, as in "I do not know what"."""
    lists = word_lists()
    for place, word in enumerate(words[:first]):
        if word.text in lists.denials | lists.before:
            own = any(one.text in OWN for one in words[max(0, place - REACH) : place])
            own = own or (place == 0 and word.text in lists.denials | {"no"})
            after = words[place + 1 : place + 1 + REACH]
            knows = any(_meets(one.text, term) for one in after for term in lists.knowing)
            turned = any(one.text in lists.turns for one in words[place + 1 : first])
            if own and knows and not turned:
                return True
    return False


def rule_in_words(rule: Rule) -> str:
    """A rule as a sentence part in Markdown: *predict…* or *guess…*, near *next*."""
    lines = [" or ".join(_shown(term) for term in line) for line in rule.lines]
    if len(lines) == 1:
        return lines[0]
    said = f"{'; **and** '.join(lines)} (within {rule.within} words)"
    if rule.barred:
        said += f", and right after it neither {' nor '.join(map(_shown, rule.barred))}"
    return said


def _shown(term: str) -> str:
    if term == NO:
        return "a word of denial, such as *not*"
    if term == NUMBER:
        return "a number"
    return f"*{term.replace('*', '…')}*"


REASONS: Mapping[Reason, str] = {
    "denied": "a word such as “not” or “without” stands in it or just before it",
    "unknown": "the sentence says that you do not know it",
    "listed": "it stands in a row of words, and not in a sentence",
    "copied": "this is a sentence of our own answer: say it in your words",
}
