"""What the pages of experiments share: the recorded result, and a live repetition laid over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import streamlit as st

from tinylm.experiments.base import LIVE_SEED, Arm, Experiment
from tinylm.experiments.recording import Over, Recording
from tinylm.predictions import SHARE
from tinylm.questions.experiments import Figure, Measured, Shown
from tinylm.runs.store.rows import RunRow
from tinylm.runs.trials import ArmState, Trials
from tinylm.setting import Value
from ui import state
from ui.asking import service
from ui.charts.arms import Bar, arm_bars, describe_bars
from ui.frame import (
    PRETRAIN,
    STATUS_WORDS,
    draw_anew,
    duration,
    guarded,
    literal,
    numbers_behind,
    problem,
    then_all,
)
from ui.line import TICK, state_line, tick_of
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number
from ui.tables import small_table

LONGEST_VALUE = 60  # characters of a setting in the table of arms
# Pixels of the columns of the table of numbers: together as wide as the page, with its list open.
WIDTHS = {"arm": 175, "seed": 55, "figure": 275, "value": 80, "95 % interval": 130, "items": 65}
STOP_HELP = "What is trained and measured is kept: you can go on later."
BEGIN = "begin"  # in the session: a live repetition is to begin when the page is drawn
Draw = Callable[["Live"], None]


@dataclass(frozen=True)
class Live:
    """A live repetition as it is now."""

    seed: int
    states: Sequence[ArmState]

    def figures(self, arm: str) -> Mapping[str, Figure]:
        """The newest figures of an arm: those of its end, or of the last look at it."""
        for one in self.states:
            if one.arm.name == arm:
                last = one.measured or next(reversed(list(one.looks.values())), None)
                return last.figures if last is not None else {}
        return {}

    def figure(self, arm: str, name: str) -> Figure | None:
        """The newest value of one figure; None where nothing is measured yet."""
        return self.figures(arm).get(name)

    def looks(self, arm: str) -> list[tuple[int, Measured]]:
        """Everything that was measured of an arm on its way, by the step, its end included."""
        for one in self.states:
            if one.arm.name == arm:
                found = list(one.looks.items())
                if one.measured is not None and one.run is not None:
                    found.append((one.run.config.train.steps, one.measured))
                return found
        return []

    @property
    def complete(self) -> bool:
        """Whether every arm is measured at its end."""
        return bool(self.states) and all(one.measured is not None for one in self.states)

    @property
    def begun(self) -> bool:
        return any(one.run is not None for one in self.states)


def live(
    experiment: Experiment,
    draw: Draw,
    recording: Recording | None,
    *,
    arms: Sequence[Arm] = (),
    base: RunRow | None = None,
    begin: str = "Run it here",
    go_on: str = "Go on",
) -> None:
    """Show `draw` with what is measured live so far, and below it what can be done now.

    `arms` are those that are repeated live, all if there are none. An experiment `of_base` needs
    the run that it measures. `begin` and `go_on` name the buttons; a page whose own button calls
    `begin_live` has none to begin with.
    """
    shortened = replace(experiment, arms=tuple(arms)) if arms else experiment
    key = _going(experiment)
    seed = live_seed(experiment)
    trials = Trials(service(), shortened, seed, base)
    of = repr(shortened.arms)
    if st.session_state.get(key) == BEGIN:
        trials.advance(retry=True)
        st.session_state[key] = True
    elif st.session_state.get(f"{key}-of") != of:  # a reload, another tab, or other settings
        st.session_state[key] = any(one.training for one in trials.states())
    st.session_state[f"{key}-of"] = of
    going = is_going(experiment)
    every = _every(trials.states()) if going else None

    @st.fragment(run_every=every)
    @guarded
    def look() -> None:
        states = trials.advance() if going else trials.states()
        found = Live(seed, states)
        over = found.complete or any(one.error or one.halted for one in states)
        if going and over:
            st.session_state[key] = False
        if going and (over or _every(states) != every):
            draw_anew()
        draw(found)
        _steer(found, trials, recording, experiment, begin, go_on)

    look()


def lesson(
    experiment: Experiment,
    found: Recording | None,
    *,
    key: str,
    asked: str,
    known: Over | None,
    meaning: Callable[[Recording], str],
    repeat: Callable[[], None],
    more: Callable[[Recording], None],
    marks: str = "Bars",
) -> None:
    """An experiment's page: a guess, what was measured and means, a live repetition, and details.

    `asked` is answered by a share in percent, and `known` is the right one. `repeat` draws the
    picture with the live repetition, `more` the folded details of what was recorded.
    """
    if not predict_number(key, asked, 0, 100, unit=SHARE):
        return
    if found is None or known is None:
        not_recorded()
    else:
        reveal_number(key, 100 * known.mean, f"Measured: {known.mean:.0%}.", meaning(found))
    repeat()
    if found is not None:
        recorded_line(found, marks)
        more(found)
    behind(experiment, found)


def begin_live(experiment: Experiment) -> None:
    """Let a live repetition begin, or go on, when the page is drawn next."""
    st.session_state[_going(experiment)] = BEGIN


def _every(states: Sequence[ArmState]) -> float:
    """Seconds between two looks: longer while the run that comes next waits behind others."""
    active = [one.run for one in states if one.training and one.run is not None]
    return tick_of(active) if active else TICK


def is_going(experiment: Experiment) -> bool:
    """Whether a live repetition goes on: until it ends, its settings must stay as they are."""
    return bool(st.session_state.get(_going(experiment)))


def bars_shown(bars: Sequence[Bar], title: str, *, key: str, height: int) -> None:
    """Draw the bars of an experiment, and say them to screen readers; `title` names the axis."""
    live_plot(arm_bars(bars, title), key=key, label=describe_bars(bars), height=height)


def some_answers(answers: Sequence[tuple[str, Shown]], label: str = "Some of its answers") -> None:
    """Folded: a heading each, what is right, and what the model was asked and said."""
    if answers:
        with st.expander(label):
            for title, one in answers:
                st.markdown(f"**{title}** Right: {literal(one.right)}")
                st.code(f"{one.prompt} {one.answer}", language=None, wrap_lines=True)


def recorded_line(recording: Recording, what: str = "Bars", *, repeated: bool = True) -> None:
    """Say where the recorded figures come from; `what` stands for them in the picture.

    `repeated` says that a live repetition is drawn over them.
    """
    diamonds = (
        " Diamonds: measured here, and the thin line is their 95 % interval over the items."
        if repeated
        else ""
    )
    st.markdown(
        f":small[{what}: {literal(recording.in_words)}; the thin line goes from the lowest seed to "
        f"the highest.{diamonds}]"
    )


def not_recorded() -> None:
    """Say that there is no recording to show."""
    st.info("Nothing was recorded of this experiment yet: run it here.", icon="🧪")


def over(recording: Recording | None, arm: str, figure: str) -> Over | None:
    """A recorded figure over the seeds; None where there is none."""
    return None if recording is None else recording.over(arm, figure)


def behind(experiment: Experiment, recording: Recording | None) -> None:
    """The folded details: all numbers, and how it was done."""
    if recording is not None:
        rows = [
            {
                "arm": experiment.arm(trial.arm).title,
                "seed": trial.seed,
                "figure": experiment.figures.get(name, name),
                "value": round(figure.value, 4),
                "95 % interval": _interval(figure),
                "items": figure.n,
            }
            for trial in recording.trials
            for name, figure in trial.measured.figures.items()
        ]
        label = "All recorded numbers, seed by seed"
        numbers_behind(rows, f"numbers-{experiment.name}", label, WIDTHS)
    with st.expander("How this is measured, and how to repeat it"):
        st.markdown(
            f"Each arm begins with the settings of the preset *{experiment.preset}*, and changes "
            "only this:"
        )
        small_table(
            [{"arm": literal(arm.title), "changes": _changes(arm)} for arm in experiment.arms],
            f"arms-{experiment.name}",
        )
        seeds = ",".join(map(str, experiment.seeds))
        st.code(
            f"python -m tinylm experiment {experiment.name} --live --seeds {seeds} --json",
            language="bash",
            wrap_lines=True,
        )


# Inside -------------------------------------------------------------------------------------


def _going(experiment: Experiment) -> str:
    """The key in the session that says whether a live repetition goes on."""
    return f"experiment-{experiment.name}"


def _interval(figure: Figure) -> str:
    """`0.12 to 0.15`; a dash for a figure that has no interval over items."""
    return "–" if figure.low == figure.high else f"{figure.low:.4f} to {figure.high:.4f}"


def _changes(arm: Arm) -> str:
    said = [f"`{name}={_cut(value)}`" for name, value in arm.changes.items()]
    if arm.after:
        said.insert(0, f"fine-tuned after *{literal(arm.after)}* on {arm.labels} labels")
    return ", ".join(said) or "nothing"


def _cut(value: Value) -> str:
    """A setting on one line; planted lines may be hundreds."""
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} …"


def live_seed(experiment: Experiment) -> int:
    """The seed of the learner's newest live repetition, or that of the first one."""
    if experiment.of_base:
        return LIVE_SEED
    rows = service().runs(experiment=experiment.name, owner=state.learner())
    mine = (row.config.train.seed for row in rows)
    chosen = int(st.session_state.get(f"seed-{experiment.name}", LIVE_SEED))
    return max([chosen, *(seed for seed in mine if seed >= LIVE_SEED)])


def _steer(
    found: Live,
    trials: Trials,
    recording: Recording | None,
    experiment: Experiment,
    begin: str,
    go_on: str,
) -> None:
    """Show what can be done now: begin, stop, go on, or repeat with another seed."""
    key = _going(experiment)

    def start() -> None:
        st.session_state[key] = True
        trials.advance(retry=True)

    def stop() -> None:
        st.session_state[key] = False
        trials.stop()

    def again() -> None:
        st.session_state[f"seed-{experiment.name}"] = found.seed + 1
        st.session_state[key] = True

    for error in dict.fromkeys(one.error for one in found.states if one.error):
        problem(error)
    if st.session_state.get(key):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(_done(found), text=_doing(found))
            st.button("Stop", key=f"stop-{key}", help=STOP_HELP, on_click=then_all(stop))
        if not service().workers():
            st.markdown("No worker is running yet: one starts within a few seconds.")
    elif found.complete:
        with st.container(horizontal=True, vertical_alignment="center"):
            if not experiment.of_base:
                st.button(
                    "Once more, with another seed", key=f"again-{key}", on_click=then_all(again)
                )
            _open_runs(found)
        if recording is not None:
            st.markdown(_repeated(found, recording))
    else:
        label = go_on if found.begun and not experiment.of_base else begin
        with st.container(horizontal=True, vertical_alignment="center"):
            if label:
                st.button(label, key=f"begin-{key}", type="primary", on_click=then_all(start))
            st.markdown(_how_long(found, recording))


def _repeated(found: Live, recording: Recording) -> str:
    """Markdown: how a repetition that is complete compares with the recording."""
    inside = [
        known.lowest <= figure.value <= known.highest
        for one in found.states
        for name, figure in found.figures(one.arm.name).items()
        if (known := recording.over(one.arm.name, name)) is not None
    ]
    if not inside:
        return "Your repetition is complete."
    return (
        f"Your repetition is complete. Of its {len(inside)} figures, **{sum(inside)}** lie between "
        "the lowest and the highest seed of the recording. A further seed often lies outside."
    )


def _open_runs(found: Live) -> None:
    """Links to the runs that were trained, which every other lesson can use."""
    for one in found.states:
        if one.run is not None and one.run.config.experiment:
            st.page_link(
                PRETRAIN,
                label=f"Its curve: {literal(one.arm.title)}",
                icon="📈",
                query_params={state.RUN: one.run.id},
            )


def _how_long(found: Live, recording: Recording | None) -> str:
    """How long a live repetition takes, as it was recorded."""
    if recording is None:
        return "One seed, live."
    if not recording.seconds:
        return "One seed, live."
    usual = median(recording.seconds.values())  # of an arm that only the learner has
    seconds = sum(recording.seconds.get(one.arm.name, usual) for one in found.states)
    return f"One seed, live: about {duration(seconds)} where nothing else runs."


def _done(found: Live) -> float:
    """The share of the work that is done, from 0 to 1."""
    parts = [
        0.0 if one.run is None else 1.0 if one.measured else 0.9 * one.run.progress
        for one in found.states
    ]
    return sum(parts) / len(parts) if parts else 0.0


def _doing(found: Live) -> str:
    """What goes on at the moment, in words."""
    for place, one in enumerate(found.states, start=1):
        where = f"{literal(one.arm.title)} ({place} of {len(found.states)})"
        if one.run is None:
            return f"{where}: about to begin"
        if one.run.active:
            if one.run.status == "queued":
                return f"{where}: {state_line(one.run)}"
            far = f"{one.run.step:,} of {one.run.num_steps:,} updates"
            return f"{where}: {STATUS_WORDS[one.run.status]}, {far}"
        if one.measured is None:
            return f"{where}: being measured"
    return "Done"
