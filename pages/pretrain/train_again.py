"""Train a run again with a change: this makes a new run, named by what is different."""

from __future__ import annotations

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.settings import changed_settings
from tinylm.config import RunConfig, with_changes
from tinylm.errors import TinylmError
from tinylm.runs.store.rows import RunRow
from tinylm.setting import Value
from ui import state
from ui.asking import service
from ui.choosing import corpus_words, difference
from ui.frame import RUNS, draw_anew, guarded, literal
from ui.style import to_top


def _other_corpus(config: RunConfig) -> dict[str, str]:
    """The change to the corpus chosen in this session, if it is another one and is wanted."""
    chosen = str(st.session_state.get(state.CURRENT_CORPUS, config.corpus))
    if chosen == config.corpus:
        return {}
    try:
        title = corpus_words(chosen)
    except TinylmError:  # it was deleted, so there is nothing to offer
        return {}
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.toggle("Read the chosen corpus instead:", key=keys.OTHER_CORPUS)
        st.text(title)
    return {"corpus": chosen} if wanted else {}


@guarded
def again(run: RunRow) -> None:
    """Show the settings of the run as inputs, what was changed, and a button for a new run."""
    if run.kind != "pretrain":
        return
    config = run.config
    with st.expander("Train it again with a change"):
        st.markdown(
            "The inputs begin at this run's settings. Change one thing at a time, and the two "
            "curves tell what it does. The new run starts at once, also while this one trains."
        )
        changes: dict[str, Value] = {**changed_settings(config, run.id), **_other_corpus(config)}
        changed = with_changes(config, {"experiment": "", **changes})
        service().check_memory(*[changed] if changes else [])
        if not changes:
            st.markdown("Nothing is changed since this run.")
        if st.button("Train with this change", disabled=not changes):
            title = f"{run.title}: {difference(config, changed)}"
            new = service().start(changed, title=title)
            st.session_state[state.COMPARED] = [run.id, new]
            state.show_run(new)
            to_top()
            draw_anew()
    if changes:
        st.info(
            f"Settings changed since this run: {literal(difference(config, changed))}. What is "
            "shown above is with the old ones.",
            icon="✏️",
        )
    if st.session_state.get(state.COMPARED):
        st.page_link(RUNS, label="Compare the runs", icon="⚖️")
