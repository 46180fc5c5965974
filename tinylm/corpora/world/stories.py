"""People who turn facts into a little story, and the words that sentences use for them.

Patterns have these blanks, and others that the caller fills:

    {person}, {friend}             as a subject ("Maya reads", "she reads")
    {person them}, {friend them}   as an object ("tells Maya", "tells her")
    {both}, {both them}            the two together ("Maya and Ben", "they", "them")
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.data_files import Mistake, read

OBJECTS = {"she": "her", "he": "him"}
ROLES = ("person", "friend")
_BLANK = re.compile(r"\{(person|friend|both)( them)?\}")
_KNOWN = {"openings": ("topic",), "frames": ("clause",), "closings": ()}


@dataclass(frozen=True)
class Prose:
    """People's names with their pronouns ("": no pronoun, only the name), and phrases."""

    people: Mapping[str, str] = field(default_factory=dict)
    openings: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    closings: tuple[str, ...] = ()

    @staticmethod
    def load(path: Path) -> Prose:
        """Read and check a file; without people there are no phrases. Raises BadRequest."""
        return read(path, _prose)


def _prose(data: dict[str, Any]) -> Prose:
    people = _people(data.get("people", []))
    phrases = {name: _phrases(name, data.get(name, [])) for name in _KNOWN} if people else {}
    return Prose(people, **phrases)


def _people(given: Any) -> dict[str, str]:
    """The pronoun of each name, from a list of names or from an object of pronoun -> names."""
    groups = given if isinstance(given, dict) else {"": given}
    people: dict[str, str] = {}
    for pronoun, names in groups.items():
        if pronoun and pronoun not in OBJECTS:
            raise Mistake(f'"people" stand in lists under she and he, not under {pronoun!r}')
        for name in _words("people", names):
            if name in people or not name.strip() or set(name) & set("{}|:=?"):
                raise Mistake(f'{name!r} in "people" stands there twice or is no name')
            people[name] = pronoun
    if len(people) == 1:
        raise Mistake('"people" need at least two names, one of them for a friend')
    return people


def _phrases(name: str, given: Any) -> tuple[str, ...]:
    phrases = _words(name, given)
    if not phrases:
        raise Mistake(f'where there are people, "{name}" must hold a phrase or more')
    wanted = [f"{{{blank}}}" for blank in _KNOWN[name]]
    for phrase in phrases:
        rest = _BLANK.sub("", phrase)
        braces = rest.count("{"), rest.count("}")
        if re.findall(r"\{[^{}]*\}", rest) != wanted or braces != (len(wanted), len(wanted)):
            raise Mistake(
                f"{phrase!r} needs {wanted[0] if wanted else 'no blank'}, and may hold {{person}}, "
                "{friend}, {both}, {person them}, {friend them}, {both them}"
            )
    return phrases


def _words(name: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(v, str) and v for v in given):
        raise Mistake(f'"{name}" must be a list of words or phrases')
    return tuple(given)


class People:
    """The people in one story: each gets a name when a sentence first needs one.

    After that, a pronoun stands for them if only one of the named people can be meant.
    """

    def __init__(self, pronouns: Mapping[str, str]) -> None:
        """`pronouns` maps names to "she", "he", or "" where the name is always repeated."""
        self._pronouns = pronouns
        self._named: dict[str, str] = {}  # role -> name

    def fill(self, chooser: Chooser, phrase: str, **blanks: str) -> str:
        """`phrase` with its blanks filled: first the people from left to right, then `blanks`."""
        filled = _BLANK.sub(lambda found: self._mention(chooser, found[1], bool(found[2])), phrase)
        return filled.format(**blanks)

    def known(self, phrases: Iterable[str]) -> list[str]:
        """The phrases that mention only people who already have a name."""
        return [
            phrase
            for phrase in phrases
            if all(
                role in self._named
                for blank in _BLANK.finditer(phrase)
                for role in (ROLES if blank[1] == "both" else (blank[1],))
            )
        ]

    def _mention(self, chooser: Chooser, who: str, is_object: bool) -> str:
        if who != "both":
            return self._one(chooser, who, is_object)
        if len(self._named) == len(ROLES) and all(map(self._pronouns.get, self._named.values())):
            return "them" if is_object else "they"
        return " and ".join(self._one(chooser, role, is_object) for role in ROLES)

    def _free(self) -> list[str]:
        """The names to choose the next one from: if possible, those with a new pronoun.

        Then pronouns tell the two people apart, and their names need not be repeated.
        """
        taken = {self._pronouns[name] for name in self._named.values()}
        others = [name for name, pronoun in self._pronouns.items() if pronoun not in taken]
        return others or [name for name in self._pronouns if name not in self._named.values()]

    def _one(self, chooser: Chooser, role: str, is_object: bool) -> str:
        if role not in self._named:
            self._named[role] = chooser.pick(self._free())
            return self._named[role]
        name = self._named[role]
        pronoun = self._pronouns[name]
        alike = [self._pronouns[other] for other in self._named.values()].count(pronoun)
        if not pronoun or alike > 1:
            return name
        return OBJECTS[pronoun] if is_object else pronoun
