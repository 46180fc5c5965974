"""Copies of a sample in a large training text: seconds and memory.

    python -m benchmarks.speed.copies [--megabytes 20] [--words 1000]

The text is of random words, as frequent as the words of a language are. Half of the sample is
copied from it, in spans of 20 words, and half is of random words.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time

import psutil

from tinylm.corpora.copied import copies, word_index

VOCABULARY = 50_000
SPAN = 20
TIMES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--words", type=int, default=1_000)
    args = parser.parse_args()
    drawn = random.Random(1)
    words = [f"{drawn.randrange(16**4):x}" for _ in range(VOCABULARY)]
    shares = [1 / (i + 1) for i in range(VOCABULARY)]
    documents, size = [], 0
    while size < args.megabytes * 1e6:
        documents.append(" ".join(drawn.choices(words, shares, k=500)))
        size += len(documents[-1]) + 1
    sample: list[str] = []
    while len(sample) < args.words:
        sample += drawn.choice(documents).split()[:SPAN] + drawn.choices(words, k=SPAN)
    process = psutil.Process()
    before, began = process.memory_info().rss, time.perf_counter()
    index = word_index(documents)
    indexed, after = time.perf_counter() - began, process.memory_info().rss
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        found = copies(index, " ".join(sample), 8)
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"{size / 1e6:.1f} MB, {found.corpus_words:,} words: read in {indexed:.1f} s, "
        f"{(after - before) / 1e6:.0f} MB kept; {found.words:,} words of a sample searched in "
        f"{statistics.median(seconds):.2f} s (median of {TIMES}), {found.copied:,} of them copied; "
        f"{(peak - before) / 1e6:.0f} MB at the most while it worked"
    )


if __name__ == "__main__":
    main()
