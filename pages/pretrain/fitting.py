"""Settings that fit the chosen text: what they are and why, before training; what came of them."""

from __future__ import annotations

import streamlit as st

from pages.pretrain import keys
from tinylm.config import RunConfig, with_changes
from tinylm.corpora.recipes import recipe_for
from tinylm.errors import TinylmError
from tinylm.presets import PRESETS, preset_config
from tinylm.recipe import Recipe
from tinylm.runs.store.history import Told
from tinylm.runs.store.rows import RunRow
from ui.asking import service
from ui.frame import problem


def settings_for(corpus: str, preset: str) -> RunConfig:
    """Show what fits this text and why; returns that, or the preset where it is wanted anyway."""
    plain = preset_config(preset, corpus=corpus)
    try:
        found = recipe_for(corpus, preset, service().home)
    except TinylmError as error:
        problem(error)
        return plain
    if not found.fits_the_text:
        for reason in found.reasons:
            st.markdown(reason)
        return plain
    title = PRESETS[preset].title
    st.markdown(f"**Settings that fit this text.** {' '.join(found.reasons[:2])}")
    with st.expander("Why these settings?"):
        st.markdown("\n".join(f"- {reason}" for reason in found.reasons[2:]))
        early = st.toggle(
            "End early once it no longer gets better on text that it never reads",
            True,
            key=f"{keys.END_EARLY}-{corpus}",
            persist_state="session",
        )
    if st.toggle(
        f"Use the settings of “{title}” anyway",
        key=f"{keys.PRESET_ANYWAY}-{corpus}",
        persist_state="session",
    ):
        st.warning(
            f"With the settings of “{title}” this takes {title.lower()}. No test ends it early.",
            icon="📖",
        )
        return plain
    return found.config if early else with_changes(found.config, {"patience": 0})


def is_fitted(config: RunConfig) -> bool:
    """Whether a run has the settings that fit its text, be it without the early end."""
    try:
        found: Recipe = recipe_for(config.corpus, config.preset, service().home)
    except TinylmError:
        return False
    patience = found.config.train.patience
    return found.fits_the_text and with_changes(config, {"patience": patience}) == found.config


def outcome(run: RunRow) -> None:
    """Say that a training ended early, and which of its checkpoints the lessons use, and why."""
    if run.kind != "pretrain" or run.status != "done":
        return
    best = service().best_step(run.id)
    if best is None:
        return
    said = [ended_early(run), better_before(run, best, regular_losses(service().told(run.id)))]
    if any(said):
        st.info(" ".join(filter(None, said)), icon="🏁")


def ended_early(run: RunRow) -> str:
    """A sentence on a training that ended before its last step; "" for others."""
    if run.step >= run.num_steps:
        return ""
    return (
        f"Training ended early, after {run.step:,} of {run.num_steps:,} updates. On text that it "
        f"never reads, the loss had not got better {run.config.train.patience} tests in a row."
    )


def regular_losses(told: Told) -> dict[int, float]:
    """The losses by step that can be compared: all on the same text, which the last look is not."""
    tokens = told.started.val_tokens if told.started else 0
    return {one.step: one.loss for one in told.evals if one.num_tokens == tokens}


def better_before(run: RunRow, best: int, losses: dict[int, float]) -> str:
    """A sentence on the checkpoint that lessons use, where it is not the last one."""
    if best == run.step or best not in losses:
        return ""
    newest = max(losses)
    when = "at the end" if newest == run.step else f"at step {newest:,}"
    last = f", and {when} it is {losses[newest]:.2f}" if newest > best else ""
    return (
        f"The model was best at step {best:,}: there the loss on such text was "
        f"{losses[best]:.2f}{last}. The lessons use the model of step {best:,}."
    )
