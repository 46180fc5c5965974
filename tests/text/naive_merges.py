"""Byte-pair encoding that writes a whole piece anew for each merge: simple but slow."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from itertools import pairwise

Pair = tuple[int, int]


def learn_merges(pieces: Counter[str], num_merges: int) -> list[Pair]:
    words = [list(piece.encode("utf-8")) for piece in pieces]
    counts = list(pieces.values())
    pair_counts: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)  # pair -> words that contain it
    for index, word in enumerate(words):
        for pair in pairwise(word):
            pair_counts[pair] += counts[index]
            where[pair].add(index)
    # The heap may hold outdated counts: an entry is valid only if its count is still the same.
    heap = [(-count, pair) for pair, count in pair_counts.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    seen = {bytes([i]) for i in range(256)}
    spelled = [bytes([i]) for i in range(256)]
    while heap and len(merges) < num_merges:
        negative, pair = heapq.heappop(heap)
        if -negative != pair_counts[pair] or negative == 0:
            continue
        joined = spelled[pair[0]] + spelled[pair[1]]
        if joined in seen:  # another pair of tokens already spells these bytes
            continue
        seen.add(joined)
        spelled.append(joined)
        token = 256 + len(merges)
        merges.append(pair)
        changed: set[Pair] = set()
        for index in where.pop(pair):
            changed |= _replace(words, index, pair, token, counts[index], pair_counts, where)
        changed.discard(pair)
        del pair_counts[pair]
        for other in changed:
            if pair_counts[other] > 0:
                heapq.heappush(heap, (-pair_counts[other], other))
    return merges


def _replace(
    words: list[list[int]],
    index: int,
    pair: Pair,
    token: int,
    count: int,
    pair_counts: Counter[Pair],
    where: defaultdict[Pair, set[int]],
) -> set[Pair]:
    """Replace `pair` by `token` in one word, and return the pairs whose counts changed."""
    old = words[index]
    new: list[int] = []
    position = 0
    while position < len(old):
        if position + 1 < len(old) and (old[position], old[position + 1]) == pair:
            new.append(token)
            position += 2
        else:
            new.append(old[position])
            position += 1
    words[index] = new
    before, after = Counter(pairwise(old)), Counter(pairwise(new))
    changed = {p for p in before.keys() | after.keys() if before[p] != after[p]}
    for p in changed:
        pair_counts[p] += count * (after[p] - before[p])
        if after[p]:
            where[p].add(index)
    return changed
