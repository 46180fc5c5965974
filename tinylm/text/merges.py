"""Byte-pair encoding: learns which neighbours become one token.

After Sennrich et al. 2016 (https://aclanthology.org/P16-1162), on bytes as in GPT-2.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

MAX_BYTES = 700_000  # of different pieces; a novel in English has 250,000
LONGEST = 8192  # bytes of one token: more than any document of an uploaded text has
BORDER = -1  # stands between two pieces
REPORT_EVERY = 50_000  # tokens that are read between two reports

# A pair of tokens is one number, left * IDS + right: numbers are quicker to look up than tuples.
IDS = 1 << 16

Pair = tuple[int, int]


def learn_merges(
    pieces: Counter[str], num_merges: int, report: Callable[[int], object] = lambda merges: None
) -> list[Pair]:
    """The pairs of neighbours that occur most often, one after the other.

    Each pair is counted after all earlier ones were joined. If two are equally frequent, the pair
    with the smaller ids goes first. `pieces` holds how often each piece occurs; of more than
    MAX_BYTES bytes the most frequent pieces are used. Fewer merges are learned if nothing is left
    to join. `report` is called often, with the number of merges so far.
    """
    chain = _Chain(pieces, lambda: report(0))
    # Counts in the heap may be outdated: an entry is valid only if its count is the current one.
    heap = [(-count, pair) for pair, count in chain.counts.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    spelled = [bytes([i]) for i in range(256)]
    seen = set(spelled)
    while heap and len(merges) < num_merges:
        negative, pair = heapq.heappop(heap)
        if -negative != chain.counts.get(pair):
            continue
        left, right = divmod(pair, IDS)
        joined = spelled[left] + spelled[right]
        if joined in seen or len(joined) > LONGEST:  # another pair already spells these bytes
            continue
        report(len(merges))
        for changed, count in chain.join(pair, len(spelled)):
            heapq.heappush(heap, (-count, changed))
        seen.add(joined)
        spelled.append(joined)
        merges.append((left, right))
    return merges


class _Chain:
    """The tokens of all pieces as a linked list, so that a merge costs as much as it joins.

    A pair is found by its places: those of its left token.
    """

    def __init__(self, pieces: Counter[str], report: Callable[[], object]) -> None:
        """`report` is called now and then."""
        self.token = [BORDER]
        self.weight = [0]  # how often the piece occurs that the token belongs to
        for data, count in _enough(pieces):
            self.token += [*data, BORDER]
            self.weight += [count] * (len(data) + 1)
        self.next = list(range(1, len(self.token) + 1))
        self.previous = list(range(-1, len(self.token) - 1))
        self.places: defaultdict[int, list[int]] = defaultdict(list)
        self.counts: defaultdict[int, int] = defaultdict(int)
        for place, (left, right) in enumerate(pairwise(self.token)):
            if left != BORDER and right != BORDER:
                self.places[left * IDS + right].append(place)
                self.counts[left * IDS + right] += self.weight[place]
            if place % REPORT_EVERY == 0:
                report()

    def join(self, pair: int, joined: int) -> list[tuple[int, int]]:
        """Make one token of `pair` everywhere; the other pairs that changed, with their counts."""
        token, following, previous, places = self.token, self.next, self.previous, self.places
        left, right = divmod(pair, IDS)
        changes: defaultdict[int, int] = defaultdict(int)
        for place in sorted(places.pop(pair)):  # of "aaa" the first two are joined
            second = following[place]
            if token[place] != left or token[second] != right:  # joined with others by now
                continue
            weight = self.weight[place]
            before, after = previous[place], following[second]
            if token[before] != BORDER:
                new = token[before] * IDS + joined
                changes[token[before] * IDS + left] -= weight
                changes[new] += weight
                places[new].append(before)
            if token[after] != BORDER:
                new = joined * IDS + token[after]
                changes[right * IDS + token[after]] -= weight
                changes[new] += weight
                places[new].append(place)
            token[place], token[second] = joined, BORDER
            following[place], previous[after] = after, place
        changes[pair] = -self.counts[pair]
        for other, change in changes.items():
            self.counts[other] += change
        return [(o, self.counts[o]) for o, change in changes.items() if change and self.counts[o]]


def _enough(pieces: Counter[str]) -> Iterator[tuple[bytes, int]]:
    """The most frequent pieces with their counts, MAX_BYTES in all; the last one may be cut."""
    room = MAX_BYTES
    for piece, count in pieces.most_common():
        data = piece.encode("utf-8")[:room]
        if data:
            yield data, count
        room -= len(data)
