"""Right or wrong: a model that tries answers, beside one that is shown them."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.reward import keys
from pages.reward.parts import answers_before_and_after, curve_on_the_way, rewards_live
from pages.reward.result import (
    BUDGETS,
    LABELS,
    PICTURE,
    REWARD,
    STARTS,
    bars,
    budgets_in_words,
    meaning,
    starts_in_words,
    tries_in_words,
)
from tinylm.experiments.recording import Recording, recording
from tinylm.experiments.reward import EXPERIMENT, FEW, NEW, NEW_ONCE, TRIES, UPDATES
from ui import state
from ui.bases import named, newest_fit
from ui.charts.arms import arm_bars, describe_bars
from ui.choosing import base_runs
from ui.experiments import Live, lesson, live, over
from ui.frame import heading
from ui.plot import live_plot

RIGHT = "New questions right"

heading(
    "Right or wrong",
    f"In *Fine-tune* the model was shown the right answers. Here nobody shows it one. It tries "
    f"each question {TRIES} times and is told which tries are right: that is its **reward**. What "
    "was right becomes more probable, what was wrong less. This is called *reinforcement "
    "learning*.",
)
found = recording(EXPERIMENT.name)


def picture(now: Live) -> None:
    """The bars, with the live repetition over them, and its curve of rewards."""
    drawn = bars(found, now, PICTURE, NEW)
    label = describe_bars(drawn)
    live_plot(arm_bars(drawn, RIGHT), key="reward-bars", label=label, height=220)
    rewards_live(now)


def repeat() -> None:
    """The live repetition, on the newest base that fits."""
    base, _ = newest_fit(base_runs(), state.learner())
    if base is not None:
        st.markdown(f"A repetition here begins with {named(base, state.learner())}.")
    live(
        replace(EXPERIMENT, of_base=base is not None),
        picture,
        found,
        arms=[EXPERIMENT.arm(name) for name in PICTURE],
        base=base,
    )


def more(recorded: Recording) -> None:
    """Folded: equal budgets, other starts, several tries, the way there, some answers."""
    nothing = Live(0, ())
    with st.expander("Was it only the longer training?"):
        drawn = bars(recorded, nothing, BUDGETS, NEW)
        label = describe_bars(drawn)
        live_plot(arm_bars(drawn, RIGHT), key="reward-budgets", label=label, height=250)
        st.markdown(budgets_in_words(recorded))
    with st.expander("What do rewards need to begin with?"):
        drawn = bars(recorded, nothing, [name for pair in STARTS for name in pair], NEW)
        label = describe_bars(drawn)
        live_plot(arm_bars(drawn, RIGHT), key="reward-starts", label=label, height=330)
        st.markdown(starts_in_words(recorded))
    with st.expander(f"And if one of {TRIES} tries is enough?"):
        drawn = bars(recorded, nothing, PICTURE, NEW_ONCE)
        title = f"One of {TRIES} tries right"
        label = describe_bars(drawn)
        live_plot(arm_bars(drawn, title), key="reward-once", label=label, height=220)
        st.markdown(tries_in_words(recorded))
    with st.expander("On the way there"):
        curve_on_the_way(recorded)
    with st.expander("Some answers, before and after"):
        answers_before_and_after(recorded)


before = over(found, LABELS, NEW)
start = f"It then answers {before.mean:.0%} of new questions right. " if before else ""
lesson(
    EXPERIMENT,
    found,
    key=keys.PREDICTED,
    asked=f"A base is fine-tuned on just {FEW} solved questions. {start}Then come {UPDATES} "
    "updates by rewards alone. What share of new questions does it answer right after them?",
    known=over(found, REWARD, NEW),
    meaning=meaning,
    repeat=repeat,
    more=more,
)
