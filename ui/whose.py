"""Whose is what, said on a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.frame import draw_anew, literal

WHAT_GIVING_DOES = (
    "What belongs to the class stands in everybody's lists. Only a teacher can change it, delete "
    "it or take it back."
)


def say_whose(run: RunRow, *, of_class: bool = True) -> None:
    """Say that a run belongs to somebody else, or to the class, and what can be done with it."""
    if service().may_change(run) or not (run.owner or of_class):
        return
    owner = "somebody else" if run.owner else "the whole class"
    st.info(
        f"This run belongs to {owner}: you can look at it and start from its settings, but you "
        "cannot change it.",
        icon="🔗",
    )


def offer_to_give(what: RunRow | str) -> None:
    """For a teacher: a button that gives a run, text or task to the class, or takes it back.

    A text, world, mixture or task is told by its name.
    """
    if not service().may_give():
        return
    give: Callable[..., None]
    if isinstance(what, RunRow):
        given = None if what.owner not in ("", service().viewer.name) else not what.owner
        key, give = what.id, service().give_run
    else:
        given, key, give = service().is_given(what), what, service().give_thing
    if given is None:  # a learner's
        return
    label = "Take it back from the class" if given else "Give it to the class"
    if st.button(label, key=f"give-{key}", help=WHAT_GIVING_DOES):
        give(key, back=given)
        state.notice(
            "It is in your list now, and no longer in the class's."
            if given
            else "It is in the list of the class now: everybody has it."
        )
        draw_anew()


def say_who_sees(what: str) -> None:
    """On a server for many: who sees what a learner is about to bring."""
    if not service().viewer.alone:
        st.markdown(
            f"Only you and your teacher see this {what} and its title, until you give somebody its "
            "address, or that of a run that read it. You can delete it at any time."
        )


def for_good(copies: Sequence[str], *, where: bool) -> str:
    """Markdown: what deleting means, and which copies of the database still hold what was there.

    With `where`, it says where they lie.
    """
    if not copies:
        return "**Nobody can bring them back.**"
    which = "Copies" if len(copies) > 1 else "A copy"
    return (
        f"**You cannot bring them back from here.** {which} of the database from before an upgrade "
        f"of this server still {'hold' if len(copies) > 1 else 'holds'} what was there then. "
        f"Whoever runs the server can delete {'these copies' if len(copies) > 1 else 'that copy'}"
        + (f": {', '.join(literal(one) for one in copies)}." if where else ".")
    )
