"""Why guessing the next word is enough: what narrows it, and in which order that is learned."""

from __future__ import annotations

import streamlit as st

from pages.why import keys
from pages.why.chart import by_kind, clear_first, kinds_by_step, step_name
from pages.why.looks import Looks, choose_looks
from pages.why.sentences import BLANK, show_sentences
from tinylm.recorded import kinds
from ui.charts.whole import percent
from ui.frame import PRETRAIN, heading, literal, numbers_behind
from ui.plot import live_plot
from ui.predict import predict, reveal

OPTIONS = {"grammar": "Grammar", "meaning": "Meaning", "facts": "Facts", "": "All at once"}

heading(
    "Why it works",
    "Nobody told the model what a verb is, or where Paris lies. It only guessed the next word. "
    "How can that teach it so much?",
)


def three_kinds(looks: Looks) -> None:
    """One sentence of each kind, with what narrows its next word."""
    st.markdown("Read three beginnings, and ask yourself what may come next:")
    why = {
        "grammar": "**Grammar** narrows it. Many verbs fit, but only in the right form.",
        "meaning": "**Meaning** narrows it. Only words of one mood, for this thing, make sense.",
        "facts": "A **fact** narrows it. One word is right, and you know it or you do not.",
    }
    lines = [
        f"- {literal(looks.sentences(kind)[0].text)} **{BLANK}** · {told}"
        for kind, told in why.items()
    ]
    st.markdown("\n".join(lines))


def measured(looks: Looks) -> None:
    """The picture of all kinds and steps, and the verdict on the prediction."""
    found = looks.chances()
    if len(found) < len(looks.steps) or len(found) < 2:
        return
    steps = sorted(found)
    early, last = by_kind(found[steps[1]]), by_kind(found[steps[-1]])
    first = clear_first(found[steps[1]])
    told = [
        f"{percent(early[kind].mean)} to a {what}" for kind, what in WHAT.items() if kind in early
    ]
    ends = [f"{percent(one.mean)} for {kind}" for kind, one in last.items()]
    reveal(
        keys.WHICH_FIRST,
        f"At step {steps[1]:,} {looks.whose} gives {', '.join(told[:-1])}, and {told[-1]}."
        + (
            f" At step {steps[-1]:,} it is {', '.join(ends[:-1])}, and {ends[-1]}."
            * (len(steps) > 2)
        ),
        RULES if first == "grammar" else UNUSUAL,
        looks.run or "recorded",
        right=OPTIONS[first] if first else [],
    )
    live_plot(
        kinds_by_step(found),
        key="why-kinds",
        label="Probability of fitting words: "
        + "; ".join(
            f"{step_name(step, steps)}: "
            + ", ".join(f"{one.kind} {percent(one.mean)}" for one in found[step].kinds)
            for step in steps
        ),
        height=300,
    )
    number = min(one.n for one in last.values())
    st.markdown(
        f"Each bar is the mean over {number} sentences: the probability of all words that fit, "
        "together. The thin lines are 95 % intervals."
        + ("" if looks.run else f" Recorded on {kinds().date}, with seed {kinds().seed}.")
    )
    st.markdown(
        "Grammar alone says what form the word has, but not which word it is. Then it would get "
        + " and ".join(
            f"{percent(one.alone)} for {kind}" for kind, one in last.items() if one.alone
        )
        + ". What a bar has above that is more than grammar."
    )
    if {"meaning", "facts"} <= last.keys() and last["facts"].low > last["meaning"].high:
        st.markdown(OVERTAKEN)
    numbers_behind(
        [
            {"step": step, "kind": one.kind, "mean": one.mean, "low": one.low, "high": one.high}
            for step in steps
            for one in found[step].kinds
        ],
        "why-kinds-table",
    )


RULES = (
    "What shows in most sentences is learned first. Each sentence of the text teaches some "
    "grammar. A word of joy or regret stands in fewer of them. One capital stands in very few, "
    "and no rule leads to it: it must be kept by itself."
)
UNUSUAL = (
    "In most trainings here grammar comes first, because each sentence of the text teaches some of "
    "it. In this one the figures do not say so. Its text or its settings differ."
)
OVERTAKEN = (
    "At the end this model is surer of facts than of meaning. Reviews are few in its text, and a "
    "longer training would read more of them."
)
WHAT = {
    "grammar": "word that fits the grammar",
    "meaning": "word that fits the meaning",
    "facts": "right fact",
}

looks = choose_looks()
if not looks.run:
    until = (
        "Until a run that has saved a step is chosen, these"
        if looks.choice
        else "There is no model on the made world yet. These"
    )
    st.info(
        f"{until} are the figures of the model that comes with this program, as they were "
        "recorded.",
        icon="📼",
    )
    if not looks.choice:
        st.page_link(PRETRAIN, label="**Train your own**", icon="📉")
three_kinds(looks)
if predict(
    keys.WHICH_FIRST,
    "Which of the three does a model learn first?",
    tuple(OPTIONS.values()),
    looks.run or "recorded",
):
    measured(looks)
    show_sentences(looks)
    st.subheader("Why this is enough", anchor=False)
    st.markdown(
        "- **The next word needs it all.** To guess well, a model must use whatever helps: forms, "
        "moods, facts. Each of them makes the loss smaller, so training builds each of them.\n"
        "- **The text is its own answer key.** The next word is always there to compare with. "
        "Nobody writes labels. This is called **self-supervision**, and it is why all the text of "
        "the world can be used.\n"
        "- **Much and varied text.** A rule shows only where many different sentences follow it. "
        "A fact needs to be read, best in different words. With little text a model learns the "
        "text by heart instead of the rule.\n"
        "- **Nothing more is promised.** The model learns what helps to guess. If the text is "
        "wrong, or silent, it guesses all the same."
    )
