"""What the recorded model cannot do, and what a skewed text does to a short training.

    python -m benchmarks.learning.limits [--skew countries.currency franc 50]

Prints Markdown tables. With --skew it trains two models with the preset glance, in a home of its
own: one on the skewed world, the other on a world with the same rows changed to other answers.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import deque
from pathlib import Path
from statistics import mean

from tinylm import recorded
from tinylm.answers import engine
from tinylm.corpora.sources.own_worlds import save_world
from tinylm.corpora.world.skew import skew
from tinylm.corpora.world.tables import original_tables
from tinylm.presets import preset_config
from tinylm.questions.limits import Invent, Lean, TwoSteps
from tinylm.questions.models import Share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skew", nargs=3, metavar=("RELATION", "VALUE", "PERCENT"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.skew:
            relation, value, percent = options.skew
            skewed(relation, value, int(percent), Path(folder))
        else:
            invented(Path(folder))
            two_steps(Path(folder))


def invented(home: Path) -> None:
    found = engine.answer(Invent(recorded.RUN, recorded.recording().last.step), home)
    print("| asked about | n | names a capital | right | mean odds of the answer |")
    print("|---|---|---|---|---|")
    for name, guesses in (("made-up names", found.made_up), ("held-out facts", found.read)):
        fits, right = (sum(getattr(g, what) for g in guesses) for what in ("fits", "right"))
        odds = mean(guess.probability for guess in guesses)
        print(f"| {name} | {len(guesses)} | {fits} | {right} | {odds:.2f} |")


def two_steps(home: Path) -> None:
    found = engine.answer(TwoSteps(recorded.RUN, recorded.recording().last.step), home)
    print("\n| second step | n | step 1 | step 2 | both at once | skips a step | shuffled |")
    print("|---|---|---|---|---|---|---|")
    for one in found.kinds:
        shares = (one.one, one.two, one.whole, one.skipped, one.control)
        told = " | ".join(f"{share.accuracy:.3f}" for share in shares)
        print(f"| {one.second} | {one.whole.n} | {told} |")


def skewed(relation: str, value: str, percent: int, home: Path) -> None:
    table, _, column = relation.partition(".")
    made = skew(original_tables()[table], column, value, percent)
    worlds = {
        name: save_world(name, original_tables() | {table: grid}, home).name
        for name, grid in (("skewed", made.skewed), ("even", made.even))
    }
    print(f"{len(made.changed)} of {made.rows} rows changed\n")
    print(f"| trained on | says {value} where its text says otherwise | to names never read |")
    print("|---|---|---|")
    for name, world in worlds.items():
        config = preset_config("glance", corpus=world)
        deque(engine.run(config, home / "runs" / name, home, threads=lambda: 2), maxlen=0)
        asked = Lean(name, config.train.steps, worlds["skewed"], relation, value)
        found = engine.answer(asked, home)
        print(f"| {name} | {told(found.otherwise)} | {told(found.unread)} |", flush=True)


def told(share: Share) -> str:
    return f"{share.correct} of {share.n}: {share.accuracy:.2f} [{share.low:.2f}, {share.high:.2f}]"


if __name__ == "__main__":
    main()
