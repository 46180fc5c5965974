"""Fine-tuning: choose a method, and watch two runs side by side."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from pages.finetune import keys
from tinylm.config import RunConfig
from tinylm.evaluation.tasks import Task, is_own
from tinylm.events import RunStarted
from tinylm.finetuning import finetune_config, tuned_title
from tinylm.runs.store.rows import RunRow, remaining_seconds
from ui.asking import service
from ui.charts import training
from ui.charts.rewards import reward_curve, rewards_in_words
from ui.frame import draw_anew, guarded, problem, roughly, then_all
from ui.line import state_line, tick_of
from ui.plot import live_plot
from ui.widgets import segments

INITS = {"fine-tuned": "base", "scratch": "random"}
GUESSES = ("the one from the base", "about the same", "the one from scratch")

Pair = dict[str, RunRow]  # the runs by name, fine-tuned and scratch; either may be missing

METHODS = {
    "full": "all weights (full)",
    "lora": "small adapters beside them (LoRA)",
    "reward": "all weights, by rewards (reinforcement)",
}
BY_REWARDS = (
    "With **rewards** the model is shown no answer. It tries each question several times, and what "
    "was right becomes more probable. So it can only get better at what it already gets right now "
    "and then: a base that never does learns nothing. In *Right or wrong*, one of the experiments, "
    "a few labels come first."
)
MATRICES = {"all": "all of them", "attention": "attention only", "mlp": "feed-forward only"}
RANKS = (1, 2, 4, 8, 16, 32)
REPLAYS = (0.0, 0.1, 0.25, 0.5)


class Method(NamedTuple):
    """How to fine-tune from the base; the fields have the same names as in RunConfig."""

    method: str = "full"
    lora_rank: int = 8
    lora_matrices: str = "all"
    replay: float = 0.0


def choose_method() -> Method:
    """Ask which weights fine-tuning may change, and how much pre-training text it reads again."""
    with st.expander("Method: what moves, and what is read again"):
        method = st.radio(
            "What learns",
            list(METHODS),
            format_func=METHODS.__getitem__,
            horizontal=True,
            help="LoRA leaves every weight as it is and learns a low-rank change beside it.",
            key=keys.METHOD,
            persist_state="session",
        )
        chosen = Method(method)
        if method == "lora":
            rank = segments("Rank of LoRA (`lora_rank`)", RANKS, 8, key=keys.LORA_RANK)
            matrices = st.radio(
                "Which matrices of each block (`lora_matrices`)",
                list(MATRICES),
                format_func=MATRICES.__getitem__,
                horizontal=True,
                key=keys.LORA_MATRICES,
                persist_state="session",
            )
            chosen = Method(method, rank, matrices)
        if method == "reward":
            st.markdown(BY_REWARDS)
            return chosen
        replay = segments(
            "Replay: share of the updates that read pre-training text again (`replay`)",
            REPLAYS,
            0.0,
            key=keys.REPLAY,
            names=lambda share: f"{share:.0%}" if share else "none",
        )
        st.markdown("Scratch has nothing to keep: it always moves all weights, without replay.")
    return chosen._replace(replay=replay)


def method_name(chosen: RunConfig | Method) -> str:
    """The name of a way to fine-tune, e.g. `LoRA, rank 8, replay 25%`."""
    parts = ["full"]
    if chosen.method == "reward":
        parts = ["rewards"]
    if chosen.method == "lora":
        parts = ["LoRA", f"rank {chosen.lora_rank}"]
        parts += [chosen.lora_matrices] if chosen.lora_matrices != "all" else []
    return ", ".join([*parts, *([f"replay {chosen.replay:.0%}"] if chosen.replay else [])])


def tuning_config(base: RunRow, task: Task, labels: int, model: str, method: Method) -> RunConfig:
    """The settings of a fine-tuning on `labels` examples.

    `method` applies only to the model "fine-tuned"; scratch is always trained in full.
    """
    changes = method if model == "fine-tuned" else Method()
    return finetune_config(
        base.config, base.id, task.name, labels, INITS[model], **changes._asdict()
    )


def tuning_title(config: RunConfig, task: Task) -> str:
    """The title of a run that is not fine-tuned in full, or on an own task; else "", the usual one.

    The name of an own task says nothing to people, but its title does.
    """
    method = method_name(config)
    full = method == "full"
    if full and not is_own(task.name):
        return ""
    said = tuned_title(config, task.title if is_own(task.name) else task.name)
    return said if full else f"{said}: {method}"


def runs_of(base: RunRow, task: Task) -> list[RunRow]:
    """All fine-tuning runs of this base on this task, newest first."""
    return [
        run
        for run in service().runs("finetune")
        if run.parent == base.id and run.config.task == task.name
    ]


def newest_pair(runs: list[RunRow], labels: int, method: Method) -> Pair:
    """The newest fine-tuned run (by `method`) and scratch run with this number of labels."""
    pair: Pair = {}
    for model, init in INITS.items():
        wanted = method_name(method) if model == "fine-tuned" else "full"
        for run in runs:
            config = run.config
            same = config.init == init and method_name(config) == wanted
            if same and config.num_examples == labels:
                pair[model] = run
                break
    return pair


def methods_of(runs: list[RunRow], labels: int) -> dict[str, RunRow]:
    """The newest finished run of each method, by its name; full fine-tuning comes first.

    Only runs that began from the base and have this number of labels count.
    """
    found: dict[str, RunRow] = {}
    for run in runs:
        config = run.config
        mine = config.init == "base" and config.num_examples == labels
        if mine and run.status == "done":
            found.setdefault(method_name(config), run)
    return dict(sorted(found.items(), key=lambda one: (one[0] != "full", one[0])))


def watch_pair(pair: Pair, *, drawn: bool) -> None:
    """Show both runs live, with their curves if these may be `drawn` already.

    The page runs again when the last one ends.
    """
    moving = any(run.active for run in pair.values())
    every = tick_of(pair.values()) if moving else None

    @st.fragment(run_every=every)
    @guarded
    def look() -> None:
        now = {model: service().run(run.id) for model, run in pair.items()}
        still = any(run.active for run in now.values())
        if moving and (not still or tick_of(now.values()) != every):
            draw_anew()  # this also updates the timer
        for model, run in now.items():
            _progress(model, run)
        if not drawn:
            st.info("Predict above, and see the curves and how both answer.", icon="🤔")
            return
        curves = {
            # With rewards, the loss of an update is that of the model's own answers.
            model: (
                () if run.config.method == "reward" else service().curve(run.id),
                service().evals(run.id),
            )
            for model, run in now.items()
        }
        live_plot(
            training.compare_curves(curves),
            key="tuning-" + "-".join(run.id for run in pair.values()),
            label=" ".join(
                f"{model}: {training.describe_curve(*rows, 'loss')}"
                for model, rows in curves.items()
            ),
            height=300,
        )
        for model, run in now.items():
            if run.config.method == "reward":
                _rewarded(model, run)

    look()


def _rewarded(model: str, run: RunRow) -> None:
    rewards = service().told(run.id).rewards
    said = rewards_in_words(rewards)
    st.markdown(said)
    live_plot(
        reward_curve([(model, model, rewards)], run.num_steps),
        key=f"reward-{run.id}",
        label=said,
        height=220,
    )


def _progress(model: str, run: RunRow) -> None:
    left = remaining_seconds(run)
    parts = [f"**{model}**: {state_line(run)}", f"step {run.step} of {run.num_steps}"]
    if run.active and left:
        parts.append(f"{roughly(left)} left")
    parts += _learning(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(run.progress, text=" · ".join(parts))
        if not service().may_change(run):
            return
        if run.active:
            action, label = service().stop, f"Stop {model}"
        elif run.resumable:
            action, label = service().resume, f"Resume {model}"
        else:
            return
        st.button(label, key=f"{label}-{run.id}", on_click=then_all(action), args=(run.id,))
    if run.status == "failed":
        problem(run.error)


def _learning(run: RunRow) -> list[str]:
    """A text that says how many of the weights are trained; empty until the run has reported it."""
    told = service().latest(run.id, RunStarted)
    if told is None or not told.num_trainable:
        return []
    learn, of = told.num_trainable, told.num_parameters
    if learn == of:
        return [f"all {of:,} weights learn"]
    return [f"{learn:,} of {of:,} weights learn ({learn / of:.1%})"]


def setting(base: RunRow, task: Task, labels: int, method: Method) -> str:
    """All that the prediction of a pair depends on."""
    return f"{base.id}, {task.name}, {labels} labels, {method_name(method)}"
