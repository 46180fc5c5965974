"""Work before the first step: texts without spaces, and how soon a stop is heeded.

    python -m benchmarks.speed.preparing [--megabytes 2] [--stops 10] [--text-megabytes 20]

First the seconds in which the largest vocabulary is learned on texts without spaces, and the
texts are turned into tokens. Then runs on one larger text of English words and digits are stopped
at random moments of their preparation: the seconds from the wish until the run has ended.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tinylm.answers import engine
from tinylm.config import RunConfig
from tinylm.corpora.sources.uploads import save_upload
from tinylm.corpora.splitting import group_paragraphs
from tinylm.events import Preparing, RunEnded
from tinylm.presets import preset_config
from tinylm.text.tokenizer import WIDEST, train_tokenizer
from tinylm.training.prepare import TOKENIZER_CHARACTERS

CHINESE = [chr(0x4E00 + i) for i in range(3_000)]  # characters, the frequent ones first
SHARES = [1 / (i + 1) for i in range(3_000)]
TEXTS: dict[str, Callable[[random.Random, int], str]] = {
    "digits": lambda drawn, size: "".join(drawn.choices("0123456789", k=size)),
    "DNA": lambda drawn, size: "".join(drawn.choices("ACGT", k=size)),
    "Chinese characters": lambda drawn, size: "".join(drawn.choices(CHINESE, SHARES, k=size // 3)),
}


def learn_and_encode(documents: list[str]) -> int:
    """Learn the largest vocabulary as a run does; the number of tokens of all documents."""
    characters, beginning = 0, []
    for document in documents:
        beginning.append(document)
        characters += len(document)
        if characters > TOKENIZER_CHARACTERS:
            break
    return sum(map(len, train_tokenizer(beginning, WIDEST).encode_batch(documents)))


def stopped(config: RunConfig, home: Path, name: str, moment: float) -> tuple[str, float] | None:
    """What was being prepared when the stop was wished for, and the seconds until the run ended.

    The wish comes `moment` seconds after the start. None if the training had begun before.
    """
    wished = threading.Event()
    timer = threading.Timer(moment, wished.set)
    began, stage = time.perf_counter(), ""
    timer.start()
    events = engine.run(
        config, home / "runs" / name, home, control=lambda: "stop" if wished.is_set() else "run"
    )
    for event in events:
        if isinstance(event, Preparing):
            stage = event.stage
        elif isinstance(event, RunEnded):
            return stage, time.perf_counter() - began - moment
        elif not wished.is_set():
            break
    timer.cancel()
    return None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=2.0)
    parser.add_argument("--text-megabytes", type=float, default=19.9)
    parser.add_argument("--stops", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=40.0, help="latest moment of a stop")
    options = parser.parse_args()
    drawn = random.Random(1)
    for name, text_of in TEXTS.items():
        documents = group_paragraphs(text_of(drawn, int(options.megabytes * 1e6)))
        began, used = time.perf_counter(), time.process_time()
        tokens = learn_and_encode(documents)
        print(
            f"{options.megabytes:g} MB of {name}: {time.perf_counter() - began:.1f} s, of the "
            f"processor {time.process_time() - used:.1f} s, {tokens:,} tokens",
            flush=True,
        )
    words = [
        "".join(drawn.choices("abcdefghijklmnopqrstuvwxyz", k=1 + i % 9)) for i in range(9_999)
    ]
    size = int(options.text_megabytes * 1e6)
    half = TEXTS["digits"](drawn, size // 2)
    text = "\n\n".join([half, " ".join(drawn.choices(words, k=size // 12))])[:size]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        corpus = save_upload(text.encode("ascii"), "long", home).name
        config = preset_config("tiny", corpus=corpus, documents=0, vocab_size=4096, steps=1)
        waits = []
        for number in range(options.stops):
            moment = drawn.uniform(0.0, options.seconds)
            found = stopped(config, home, f"run-{number}", moment)
            for kept in (home / "cache").glob("tokenizer-*.json"):
                kept.unlink()  # so that each run learns it anew
            if found is None:
                print(f"stop after {moment:.1f} s: the training had begun", flush=True)
            else:
                waits.append(found[1])
                print(f"stop after {moment:.1f} s, {found[0]!r}: {found[1]:.2f} s", flush=True)
    if waits:
        print(
            f"until a run in preparation had ended: median {statistics.median(waits):.2f} s, "
            f"largest {max(waits):.2f} s, n = {len(waits)}"
        )
    print(f"Load of the machine: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")


if __name__ == "__main__":
    main()
