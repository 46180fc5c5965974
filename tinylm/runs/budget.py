"""A run that takes about so many seconds here: how many updates a class's time is enough for.

Counted is the time while all places are taken, for so it is in a class. What trained here while
fewer went on was faster, because it had more of the processors.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tinylm.config import RunConfig, with_changes
from tinylm.presets import preset_config
from tinylm.recipe import SECONDS
from tinylm.runs.forecast import Pace, Ran
from tinylm.runs.store.rows import RunRow

SECONDS_NOTE = "class/budget"  # note of the store: the seconds that a run may take
FIXED_NOTE = "class/updates"  # note of the store: what they are enough for, once it is measured
MEASURED_ON = 3  # runs after which the number is kept, so that all models of a class are alike
LEAST = 90  # updates: after as many, the loss of the recorded training is a third of its first
MOST = 20_000  # updates
CORES = 2  # that the presets are timed on
# Presets by the number of updates from which their rates are right, the longest first.
LENGTHS = {"full": 2400, "quick": 500, "glance": 0}


class Budget(msgspec.Struct, frozen=True):
    """What the time of a class is enough for."""

    seconds: float
    steps: int
    runs: int  # trained here, from whose speed this follows; 0: nobody knows the speed yet

    @property
    def preset(self) -> str:
        """The preset whose settings such a run has, apart from its length."""
        return next(name for name, least in LENGTHS.items() if self.steps >= least)

    def config(self, base: RunConfig) -> RunConfig:
        """`base`, which has the settings of this preset or others, in so many updates."""
        if base.train.steps == self.steps:
            return base
        share = self.steps / base.train.steps
        changes = {"steps": self.steps}
        for name in ("eval_interval", "checkpoint_interval"):
            changes[name] = max(1, round(getattr(base.train, name) * share))
        if base.documents:
            changes["documents"] = max(1, round(base.documents * share))
        return with_changes(base, changes)


def budget_for(seconds: float, ended: Sequence[RunRow], slots: int, cores: int) -> Budget:
    """The updates that such a time is enough for, rounded to tens; at least LEAST.

    They follow from the speed of the runs that ended last. Where none has, from the time that a
    preset takes on CORES cores, of which each run gets its share.
    """
    ran = [one for one in ended if one.kind == "pretrain" and one.step]
    glance = preset_config("glance")
    pace = Pace([Ran(one.config, one.seconds * _slower(one, ran, slots, cores)) for one in ran])
    whole = pace.seconds(glance)
    if whole is None:
        share = cores / (CORES * max(1, slots))
        return Budget(seconds, _steps(glance, seconds * min(1.0, share), SECONDS["glance"]), 0)
    # Runs of about the length that comes out say more of it than longer or shorter ones.
    near = with_changes(glance, {"steps": _steps(glance, seconds, whole)})
    return Budget(seconds, _steps(near, seconds, pace.seconds(near) or whole), len(ran))


def _steps(run: RunConfig, seconds: float, whole: float) -> int:
    """The updates of a run like this one, which takes `whole` seconds, in other seconds."""
    steps = run.train.steps * seconds / max(1e-3, whole)
    return max(LEAST, 10 * round(min(steps, MOST) / 10))


def _slower(run: RunRow, among: Sequence[RunRow], slots: int, cores: int) -> float:
    """How many times longer a run would have taken while all places are taken.

    A run uses as many cores as it gets, at most CORES.
    """
    beside = 1.0
    began, ended = run.started or 0.0, run.ended or 0.0
    for other in among:
        if other.id != run.id and ended > began:
            both = min(ended, other.ended or 0.0) - max(began, other.started or 0.0)
            beside += max(0.0, both) / (ended - began)
    then = min(CORES, cores / min(beside, max(1, slots)))
    return max(1.0, then / min(CORES, cores / max(1, slots)))
