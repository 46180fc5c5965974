"""The form of a new run: its text, time and settings, and the curve that is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.pretrain import address, keys
from pages.pretrain.draw_it import draw_it, keep_drawing
from pages.pretrain.fitting import is_fitted, settings_for
from pages.pretrain.pair import pair_form
from pages.pretrain.settings import changed_settings, check_asked
from pages.pretrain.text_form import text_settings, unusual
from tinylm.config import RunConfig, with_changes
from tinylm.corpora import check_text, world_of
from tinylm.corpora.files.report import counted
from tinylm.errors import TinylmError
from tinylm.presets import PRESETS, preset_config
from tinylm.runs.budget import Budget
from tinylm.setting import Value
from ui import plan, state
from ui.asking import service
from ui.choosing import corpus_words, difference
from ui.corpus_chosen import chosen_corpus
from ui.frame import OWN_TASK, draw_anew, duration, problem
from ui.style import to_top
from ui.widgets import segments

OWN_TEXT_SHOWS = (
    "The model begins to write like this text. There are no tables for it, so no task asks for "
    "facts, unless you bring a task of your own."
)
TOO_FEW = 200  # documents
USUAL = "quick"  # the preset that is chosen at first
OF_CLASS = "class"  # in place of a preset: the time that the class has for a run
DEMONSTRATION = "glance"  # the preset that shows over-fitting


def setup() -> None:
    """Ask for the corpus, the time and the curve that is expected, and start on a button."""
    chosen, seen = chosen_corpus("Corpus"), plan.present()
    corpus = chosen.name
    address.take_preset()
    budget = service().budget()
    preset = choose_preset(budget)
    if preset != OF_CLASS:
        budget = None
    elif budget is not None:
        preset = budget.preset
    made = world_of(corpus) is not None
    if budget is not None:
        st.markdown(time_of_class(budget))
    else:
        st.markdown(f"**What it will show.** {PRESETS[preset].shows if made else OWN_TEXT_SHOWS}")
        st.markdown(
            "It takes this long where nothing else runs. You may leave this page while it trains: "
            "the training goes on."
        )
    if not made:
        st.page_link(OWN_TASK, label="Make **your own task**", icon="📋")
    base = settings_for(corpus, preset)
    if budget is not None:
        base = budget.config(base)
    begin, asked = address.begun(base)
    main = st.container()
    changes: dict[str, Value] = {}
    if chosen.made and not seen.hides("text"):
        with st.expander("What the text is like", expanded=begin.text != base.text):
            changes |= text_settings(begin, f"{corpus}{asked}")
    if not seen.hides("settings"):
        with st.expander("Advanced: settings, by their names in the field"):
            fitted = base != preset_config(preset, corpus=corpus)
            begun = f"{preset}-{corpus}-{base.train.steps}-{base.train.patience}"
            begun = begun if fitted else preset
            changes |= changed_settings(begin, f"{begun}{asked}")
    config = checked(begin, changes)
    with main:
        shown = config or begin
        if said := unusual(shown):
            st.markdown(said)
        drawn = draw_it(shown.train.steps, shown.model.vocab_size)
        if st.button("Start training", type="primary", disabled=config is None) and config:
            start(config, drawn, base=base if budget else None)
    if config and not seen.hides("pair"):
        pair_form(config)
    if config and not seen.hides("link"):
        with st.expander("Share these settings"):
            address.link_of(config)
    if not seen.hides("overfitting"):
        over_fitting(corpus)


def choose_preset(budget: Budget | None) -> str:
    """Ask how much time the training may take, among the presets that the class sees.

    Where the class has a time of its own, that is the first choice.
    """
    titles = {name: PRESETS[name].title for name in plan.present().presets_shown}
    if budget is not None:
        titles = {OF_CLASS: f"Your class: {in_full(budget.seconds)}"} | titles
    if st.session_state.get(keys.PRESET) not in titles:
        st.session_state.pop(keys.PRESET, None)  # it was chosen before the plan hid it
    usual = USUAL if USUAL in titles and budget is None else next(iter(titles))
    return segments("How much time", list(titles), usual, key=keys.PRESET, names=titles.__getitem__)


def in_full(seconds: float) -> str:
    """A time, as the titles of presets write it: `20 seconds`."""
    whole = round(seconds)
    return counted(whole, "second") if whole < 60 or whole % 60 else counted(whole // 60, "minute")


def time_of_class(budget: Budget) -> str:
    """What the time of the class is enough for, and how that is known."""
    of = "training" if budget.runs == 1 else f"{budget.runs} trainings"
    known = (
        f"So many fit into {duration(budget.seconds)} here while all places are taken, going by "
        f"the last {of}."
        if budget.runs
        else f"Nothing has trained here yet, so that this takes {duration(budget.seconds)} is a "
        "guess from a machine with two cores."
    )
    return (
        f"**What it will show.** How the loss falls in **{budget.steps:,} updates**: so often the "
        f"weights move. {known} You may leave this page while it trains: the training goes on."
    )


def checked(base: RunConfig, changes: Mapping[str, Value]) -> RunConfig | None:
    """The settings of the form; None, and a sentence on the page, where they cannot be trained."""
    try:
        check_asked(changes)
        config = with_changes(base, changes)
        check_text(config.corpus, service().home, config.text)
        service().check_memory(config)
    except TinylmError as error:
        problem(error)
        return None
    return config


def over_fitting(corpus: str) -> None:
    """Offer a demonstration: a small model, and a text so short that it can learn it by heart."""
    preset = PRESETS[DEMONSTRATION]
    with st.expander("Show me over-fitting"):
        st.markdown(
            f"**Over-fitting** means that a model learns its text by heart. Here a model with the "
            f"settings of “{preset.title}” gets only **{TOO_FEW} documents**, and reads them again "
            "and again. Watch two lines: on the text that it trains on, its perplexity goes on "
            "falling. On text that it never trains on, it turns and rises."
        )
        if st.button("Train on too little text"):
            few = preset_config(DEMONSTRATION, corpus=corpus, documents=TOO_FEW, eval_interval=10)
            start(few, [], f"{corpus_words(corpus)}, over-fitting: only {TOO_FEW} documents")


def start(
    config: RunConfig, drawn: Sequence[float], title: str = "", base: RunConfig | None = None
) -> None:
    """Start a run, and keep with it the curve that the learner drew for it.

    Without a title it is named by its corpus, its time, and the settings that were changed; `base`
    has the settings that belong to the time of the class.
    """
    time = PRESETS[config.preset].title.lower() if base is None else f"{base.train.steps:,} updates"
    words = f"{corpus_words(config.corpus)}, {time}"
    chosen = base or preset_config(config.preset, corpus=config.corpus)
    if base is None and is_fitted(config):
        words += ", fitted to the text"
    elif config != chosen:  # so that two runs of the same preset have different titles
        words += f", {difference(chosen, config)}"
    run_id = service().start(config, title or words)
    keep_drawing(run_id, drawn)
    address.forget()
    state.show_run(run_id)
    to_top()
    draw_anew()
