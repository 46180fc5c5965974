"""How long a learner's short questions take while another's vocabulary is being learned.

    python -m benchmarks.pages.short_queue [--questions 40] [--megabytes 2]
    python -m benchmarks.pages.short_queue --learners 30 [--each 40] [--home FOLDER]

Trains a tiny run, starts the worker for short questions, and uploads random digits, a text
without spaces. One learner asks for the merges of the text; meanwhile the other asks what comes
after one prompt after another, each when the answer to the one before is there. Where the merges
are there before the questions are through, those of another text are asked for.

With `--learners`, so many ask for a whole table of scores each, all at once, and one more learner
asks as above; FOLDER is a home whose newest run they ask about, of which a copy is used.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psutil

from benchmarks.pages.clicks import report
from tinylm.corpora.sources.uploads import save_upload
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.questions.models import NextToken, Score
from tinylm.questions.tokens import Merges
from tinylm.runs.service import Service
from tinylm.runs.store.line import MANY


@contextmanager
def worker(home: Path) -> Iterator[None]:
    """A worker for short questions, which has loaded torch."""
    command = [sys.executable, "-m", "tinylm.runs.work.worker", "--queue", "short"]
    process = subprocess.Popen([*command, "--home", str(home)], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def seconds_of(service: Service, question: NextToken) -> float:
    """How long the answer to a question takes."""
    began = time.perf_counter()
    answered = service.ask_all({"": question}, wait=120.0)[""]
    if answered.status != "done":
        raise SystemExit(f"A question was not answered: {answered.error or answered.status}")
    return time.perf_counter() - began


def measure(home: Path, questions: int, megabytes: float) -> tuple[list[float], list[float]]:
    """Seconds of each question alone, and of each while a vocabulary is being learned."""
    service = Service(home)
    run = service.run_here(preset_config("tiny"))
    drawn = random.Random(1)
    texts = ("".join(drawn.choices("0123456789", k=int(megabytes * 1e6))) for _ in count())
    with worker(home):
        asked = [NextToken(run.id, run.step, f"The {i} of") for i in range(2 * questions + 1)]
        seconds_of(service, asked.pop())  # loads torch and the model
        alone = [seconds_of(service, question) for question in asked[:questions]]
        beside = []
        learning = None
        for question in asked[questions:]:
            if learning is None or service.ask(learning).over:
                found = save_upload(next(texts).encode("ascii"), "digits", home)
                learning = Merges(found.name, False)
                while service.ask(learning).status == "queued":
                    threading.Event().wait(0.01)
            beside.append(seconds_of(service, question))
    service.close()
    return alone, beside


def measure_class(
    service: Service, learners: int, each: int, questions: int
) -> tuple[list[float], int]:
    """Seconds of each question while a class measures tables; and the scores measured meanwhile."""
    service.store.set_note(MANY, True)
    run = next(run for run in service.runs("pretrain") if run.status == "done")
    step = service.best_step(run.id) or 0
    tables = [
        [Score(run.id, step, "facts", k % 9, seed=1 + learner + 1000 * k) for k in range(each)]
        for learner in range(learners)
    ]
    with worker(service.home):
        seconds_of(service, NextToken(run.id, step, "First"))  # loads torch and the model
        for learner, table in enumerate(tables):
            service.store.request(table, f"learner-{learner}")
        wait_for_busy(service, tables[0][0])
        single = service.seen_by(Viewer("one more", alone=False))
        found = [
            seconds_of(single, NextToken(run.id, step, f"The {i} of")) for i in range(questions)
        ]
        jobs = service.store.jobs([score for table in tables for score in table])
        done = sum(job.status == "done" for job in jobs.values())
    return found, done


def wait_for_busy(service: Service, first: Score) -> None:
    """Wait until the worker has begun with the tables."""
    while service.store.jobs([first])[first.key()].status == "queued":
        threading.Event().wait(0.01)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--megabytes", type=float, default=2.0)
    parser.add_argument("--learners", type=int, default=0)
    parser.add_argument("--each", type=int, default=40)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    if options.learners:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            if options.home:
                shutil.copytree(options.home, home)
            service = Service(home)
            if not options.home:
                service.run_here(preset_config("tiny"))
            found, done = measure_class(service, options.learners, options.each, options.questions)
            service.close()
        print(f"Load of the machine: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")
        report(f"beside {options.learners} tables of {options.each} scores", found)
        print(f"{done} scores were measured in {sum(found):.0f} s meanwhile")
        return
    with tempfile.TemporaryDirectory() as home:
        alone, beside = measure(Path(home), options.questions, options.megabytes)
    print(f"Load of the machine: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")
    report("alone", alone)
    report("while a vocabulary is being learned", beside)


if __name__ == "__main__":
    main()
