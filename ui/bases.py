"""Which run a lesson works with at first, and why: never a demonstration or an unfinished run."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.config import ELSEWHERE
from tinylm.knobs import TextConfig
from tinylm.presets import PRESETS
from tinylm.runs.store.rows import RunRow, shown_id

MADE_WORLD = "world"  # the corpus whose facts the lessons ask for
SMALL = 0.1  # with less than this share of the documents that its preset gives, a run over-fits
SKEWED, EVEN = "Skewed to ", "Not skewed, beside "  # how the titles of a pair of Limits begin
CHOSEN = "you chose it, or the address of this page names it"
LOOKED_AT = "you looked at it last"


def unfit(run: RunRow) -> str:
    """Why a run is never chosen for the learner, as the end of a sentence; "" if it may be."""
    if run.kind == ELSEWHERE:
        return "it was made elsewhere"
    if run.status == "failed":
        return "it failed"
    if run.status != "done":
        return "it has not finished"
    if run.corpus != MADE_WORLD:
        return "it read another text than the made world"
    if is_demonstration(run):
        number = run.config.documents
        return (
            f"it shows over-fitting: it read {number:,} documents, far fewer than its preset gives"
        )
    if run.config.text != TextConfig():
        return "its text was told in another way than usual"
    return ""


def is_demonstration(run: RunRow) -> bool:
    """Whether a run got so much less text than its preset gives that it learns it by heart.

    With 0 documents it got all that there are.
    """
    preset = PRESETS.get(run.config.preset)
    return preset is not None and 0 < run.config.documents < SMALL * preset.documents


def skewed_title(value: str) -> str:
    """The title of a run that Limits trains on a text that leans to one answer."""
    return f"{SKEWED}{value}"


def even_title(value: str) -> str:
    """The title of the run beside it, whose text was changed as much and leans to nothing."""
    return f"{EVEN}{value}"


def shows_a_limit(run: RunRow) -> bool:
    """Whether Limits trained this run as one of its pair, which no lesson goes on with."""
    return run.corpus != MADE_WORLD and run.title.startswith((SKEWED, EVEN))


def named(run: RunRow, learner: str) -> str:
    """How a sentence names a run: as the learner's own only if it is."""
    return f"{'your' if run.owner == learner else 'the'} run {shown_id(run.id)}"


def newest_fit(runs: Sequence[RunRow], learner: str) -> tuple[RunRow | None, str]:
    """The run to begin with, of `runs` (newest first), and why it is this one.

    It is the newest fit run of this learner, or else of anybody; None if no run is fit.
    """
    fit = [run for run in runs if not unfit(run)]
    mine = [run for run in fit if run.owner == learner]
    if mine:
        return mine[0], "it is your newest finished run on the made world"
    if fit:
        return fit[0], "it is the newest finished run on the made world, and none of them is yours"
    return None, ""


def first_choice(
    runs: Sequence[RunRow], learner: str, asked: str, looked_at: str
) -> tuple[RunRow | None, str]:
    """The run that a lesson begins with, and a sentence that says why.

    `asked` is the id of a run that the learner chose or that the address names, and wins.
    `looked_at` is the one that was looked at last, and wins if it is fit.
    """
    by_id = {run.id: run for run in runs}
    newest, why = newest_fit(runs, learner)
    for run_id, reason in ((asked, CHOSEN), (looked_at, LOOKED_AT)):
        run = by_id.get(run_id)
        if run is None or (run_id != asked and unfit(run)):
            continue
        if newest is not None and run.id == newest.id:
            break
        doubt = f" Mind that {unfit(run)}." if unfit(run) else ""
        return run, f"It is chosen because {reason}.{doubt}"
    return newest, f"It is chosen because {why}." if newest is not None else ""
