"""Documents of the made world, by number, in two splits.

Document i of a split is a pure function of (settings, seed, split, i), so any page of a corpus can
be shown without making the rest. A hash of each text decides to which split it may belong; a text
of the wrong split is drawn again. So no text is in both training and validation. Biographies are
left out of this: the usual text, from which validation takes its documents, has none, and a thing
with one fixed text may have to be told of.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator
from functools import cached_property

from tinylm.corpora.corpus import Document, Fact
from tinylm.corpora.world.chooser import Chooser, Odds
from tinylm.corpora.world.kinds import BIOGRAPHY, kinds_of
from tinylm.corpora.world.stock import USUAL, Stock
from tinylm.corpora.world.telling import Teller
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest
from tinylm.knobs import TextConfig

SPLITS = ("train", "val")
VAL_SHARE = 8  # one text in this many may only be in validation
WRONG, SHUFFLED = "wrong", "shuffled"  # before the kinds of documents that are spoiled


class Writer:
    """Writes documents about one world, by the settings of a text."""

    def __init__(self, world: World, text: TextConfig = USUAL) -> None:
        """Raises BadRequest for settings that this world cannot follow."""
        self.world, self.text = world, text
        self._stock = Stock(world, text)
        self._teller = Teller(self._stock)
        kinds = kinds_of(text, world)
        # Of the other kinds, one text in VAL_SHARE is drawn again.
        even = {BIOGRAPHY: 1 - 1 / VAL_SHARE}
        self._kinds = Odds(kinds, [kind.share * even.get(kind.name, 1.0) for kind in kinds])

    def check(self) -> None:
        """Write one document of each kind: BadRequest is raised where one has no fact to tell."""
        for kind in self._kinds.options:
            kind.write(self._teller, Chooser(0))

    def document(self, seed: int, split: str, index: int) -> Document:
        """Document `index` of a split ("train" or "val"), with its log-probability.

        The log-probability is that of the generator's choices, in nats, without the split by
        hash. It is what the best possible reader, who cannot know the hash, would assign to the
        text. Where several series of choices make the same text, it is a lower bound of that.
        """
        if split not in SPLITS:
            raise BadRequest(f"There is no split {split!r}; splits are {' and '.join(SPLITS)}.")
        is_val = split == "val"
        chooser = Chooser((seed << 41) + (is_val << 40) + index)
        spoiled, number = self._spoiled(seed, split, index)
        teller = Teller(self._stock, number) if spoiled == WRONG else self._teller
        while True:
            chooser.restart()
            kind = chooser.odds(self._kinds)
            text, told = kind.write(teller, chooser)
            if spoiled == SHUFFLED:
                text = _shuffled(text, number)
            if kind.name == BIOGRAPHY or (zlib.crc32(text.encode()) % VAL_SHARE == 0) == is_val:
                if spoiled:
                    return Document(text, f"{spoiled} {kind.name}")
                facts = tuple(self._facts[relation.id, one.name] for relation, one in told)
                return Document(text, kind.name, chooser.log_probability, facts)

    def _spoiled(self, seed: int, split: str, index: int) -> tuple[str, int]:
        """Whether a document is wrong or shuffled, or neither; and a number for how it is.

        It is drawn apart from the document, so the same document is told truly otherwise.
        """
        wrong, shuffled = self.text.wrong, self.text.shuffled
        if not wrong + shuffled:
            return "", 0
        drawn = random.Random(f"{seed}/{split}/{index}").random
        place, number = drawn(), drawn()
        if place >= wrong + shuffled:
            return "", 0
        if place >= wrong:
            return SHUFFLED, int(number * 2**32)
        return WRONG, int(number * (self.text.wrong_worlds or 2**32))

    @cached_property
    def _facts(self) -> dict[tuple[str, str], Fact]:
        """Each fact once, as all documents that tell it share it."""
        return {(r.id, s.name): Fact(r.id, s.name) for r in self.world.relations for s in r.facts}

    def documents(self, seed: int, split: str, start: int = 0) -> Iterator[Document]:
        """The documents from number `start` on, without end."""
        while True:
            yield self.document(seed, split, start)
            start += 1


def _shuffled(text: str, number: int) -> str:
    """The words of a text in a random order, with the spaces and ends of lines where they were."""
    parts = re.split(r"(\s+)", text)
    words = [word for word in parts[::2] if word]
    random.Random(number).shuffle(words)
    parts[::2] = [*words, *[""] * (len(parts[::2]) - len(words))]
    return "".join(parts)
