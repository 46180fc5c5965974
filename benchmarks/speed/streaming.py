"""A text that does not fit into memory: seconds of processor, and the most memory of each stage.

    python -m benchmarks.speed.streaming [--megabytes 1000] [--distinct 20] [--preset 10m]

The text is made by our generator: `--distinct` megabytes of it, again and again with a number
before each paragraph. Memory is what the process itself holds (RssAnon); pages of the files that
it reads are not counted, since the system takes them back where it needs room.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STATUS = Path("/proc/self/status")


def held() -> float:
    """The megabytes that this process holds now."""
    line = next(one for one in STATUS.read_text().splitlines() if one.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


@contextmanager
def told(stage: str) -> Iterator[None]:
    """Print what happens inside `with`: its seconds, and the most memory."""
    over, most = threading.Event(), [held()]

    def watch() -> None:
        while not over.wait(0.02):
            most.append(held())

    thread = threading.Thread(target=watch)
    thread.start()
    processor, wall = time.process_time(), time.perf_counter()
    try:
        yield
    finally:
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        over.set()
        thread.join()
    print(f"{stage}: {processor:.1f} s of processor, {wall:.1f} s, {max(most):,.0f} MB", flush=True)


def write_text(path: Path, megabytes: int, distinct: int) -> None:
    """A file of so many megabytes."""
    from tinylm.corpora.sources.base import source_of

    paragraphs, size = [], 0
    for document in source_of("world").documents("world", "train", 0, path.parent):
        paragraphs.append(document.text)
        size += len(document.text)
        if size > distinct * 1e6:
            break
    number = written = 0
    with path.open("w", encoding="utf-8") as file:
        while written < megabytes * 1e6:
            for paragraph in paragraphs:
                number += 1
                written += file.write(f"{number}. {paragraph}\n\n")


def main() -> None:
    """Write a text, read it, turn it into tokens, and take batches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--distinct", type=int, default=20)
    parser.add_argument("--preset", default="10m")
    options = parser.parse_args()

    from tinylm.corpora.sources.large import keep_large, large_text
    from tinylm.presets import preset_config
    from tinylm.text.batches import DocumentBatches
    from tinylm.training.background import Report
    from tinylm.training.prepare import learned_tokenizer
    from tinylm.training.streamed import token_documents

    config = preset_config(options.preset)
    with tempfile.TemporaryDirectory() as folder:
        home, path = Path(folder), Path(folder, "text.txt")
        with told("writing the text"):
            write_text(path, options.megabytes, options.distinct)
        with told("reading it once"):
            name = keep_large(path, home, lambda place: None).name
        text = large_text(name, home)
        assert text is not None
        with told("learning the vocabulary"):
            tokenizer = learned_tokenizer(text.sample(), config.model.vocab_size, home)
        with told("turning it into tokens"):
            token_documents(text, tokenizer, 0, Report())
        with told("opening the tokens again"):
            documents = token_documents(text, tokenizer, 0, Report())
        shape = (config.train.batch_size, config.model.block_size)
        with told("1,000 batches"):
            batches = DocumentBatches(documents, *shape, tokenizer.separator, 1)
            for step in range(1_000):
                batches.batch(step)
        size = sum(one.stat().st_size for one in text.folder.rglob("*.npy"))
        print(
            f"{path.stat().st_size / 1e6:,.0f} MB of text are {documents.num_tokens / 1e6:,.1f} M "
            f"tokens of {len(documents):,} documents in {size / 1e6:,.0f} MB"
        )


if __name__ == "__main__":
    main()
