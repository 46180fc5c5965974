"""What an experiment is: runs that differ in one thing, the same figures of each, several seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinylm.config import RunConfig, with_changes
from tinylm.errors import NotFound
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.setting import Value

SEEDS = (1, 2, 3)  # of a recording
LIVE_SEED = 11  # of the first live repetition: another one than those of the recording


@dataclass(frozen=True)
class Arm:
    """One condition: the settings of one run, as changes to the preset of the experiment."""

    name: str  # a short word
    title: str  # beside its bar
    changes: Mapping[str, Value] = field(default_factory=dict)
    # The arm whose run this one is fine-tuned from, on `labels` examples of `task`.
    after: str = ""
    task: str = ""
    labels: int = 0
    init: str = "base"


@dataclass(frozen=True)
class Experiment:
    """One experiment; `python -m tinylm experiment NAME` and a page carry it out.

    With `of_base`, arms without `after` train nothing but measure a base run: on its page one of
    the learner, in a recording a run of the preset with each seed.
    """

    name: str
    title: str
    question: str  # one sentence that ends with a question mark
    arms: tuple[Arm, ...]
    figures: Mapping[str, str]  # names of the figures -> what each is, in the table of numbers
    preset: str = "glance"
    looks: int = 4  # checkpoints at which a run is looked at, the last one included
    seeds: tuple[int, ...] = SEEDS
    of_base: bool = False
    base_changes: Mapping[str, Value] = field(default_factory=dict)  # of the preset, for that run

    def arm(self, name: str) -> Arm:
        """The arm of this name. Raises NotFound."""
        for one in self.arms:
            if one.name == name:
                return one
        raise NotFound(f"The experiment {self.name!r} has no arm {name!r:.40}.")

    def base_config(self, seed: int) -> RunConfig:
        """The settings of the run that a recording `of_base` measures.

        Experiments with the same preset and changes share it.
        """
        marked: dict[str, Value] = {"experiment": f"base/{self.preset}", "seed": seed}
        return preset_config(self.preset, **{**self.base_changes, **marked})

    def label(self, arm: Arm) -> str:
        """What marks the runs of an arm in the store."""
        return f"{self.name}/{arm.name}"

    def config(self, arm: Arm, seed: int, parent: tuple[str, RunConfig] | None = None) -> RunConfig:
        """The settings of an arm's run; `parent` is the id and the settings of the run before it.

        Looks come at equal distances, the last one after the last step.
        """
        changes: dict[str, Value] = {"experiment": self.label(arm), "seed": seed}
        if parent is None:
            config = preset_config(self.preset, **{**arm.changes, **changes})
        else:
            run, before = parent
            config = finetune_config(
                before, run, arm.task, arm.labels, arm.init, **{**arm.changes, **changes}
            )
        every = max(1, config.train.steps // self.looks)
        return with_changes(config, {"eval_interval": every, "checkpoint_interval": every})
