"""The frame of every page: its heading, its problems in words, numbers written the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NoReturn, ParamSpec

import streamlit as st

from tinylm.errors import TinylmError

P = ParamSpec("P")


def page_of(name: str) -> str:
    """A folder of pages/, as links and st.switch_page want it."""
    return f"{name}/page.py"


START, CORPUS, TOKENS, PRETRAIN, INSIDE = map(
    page_of, ("start", "corpus", "tokens", "pretrain", "inside")
)
PROMPTS, FINETUNE, TRANSFER, METRICS, RUNS = map(
    page_of, ("prompts", "finetune", "transfer", "metrics", "runs")
)

STATUS_WORDS = {
    "queued": "waiting for a worker",
    "running": "training",
    "holding": "holding until you press for the next step",
    "pausing": "pausing at the next step",
    "paused": "paused",
    "stopping": "stopping at the next step",
    "stopped": "stopped",
    "done": "done",
    "failed": "failed",
    "interrupted": "interrupted",
}
STATUS_ICONS = {
    "done": "✅",
    "failed": "⚠️",
    "interrupted": "⚠️",
    "paused": "⏸️",
    "stopped": "⏹️",
    "holding": "⏸️",
}


def heading(title: str, lead: str) -> None:
    """The page's title, and in one or two sentences what it is for."""
    st.title(title, anchor=False)
    with st.container(width=720):
        st.markdown(lead)


def draw_anew() -> NoReturn:
    """Run the page again from its beginning, unless what waits already asks for something else.

    `st.rerun` replaces what waits by a run of the page it stands on, and a click that leaves the
    page would lead nowhere; any element lets what waits go first.
    """
    st.empty()
    st.rerun()


PROBLEM = "problem"  # in the session: what an action came to, to be said when the page is drawn


def then_all(action: Callable[P, None]) -> Callable[P, None]:
    """A button's action, after which the whole page runs, not only the part the button stands in.

    Streamlit finds a part by its place. Where an answer that came in has moved it since it was
    drawn, a click does its work, but no part is found to be drawn after it. Our own errors are
    shown on top of the page that is drawn then.
    """

    @wraps(action)
    def done(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            action(*args, **kwargs)
        except TinylmError as error:
            st.session_state[PROBLEM] = str(error)
        st.rerun()

    return done


def show_problem() -> None:
    """Say, once, what went wrong in an action."""
    if sentence := st.session_state.pop(PROBLEM, ""):
        problem(sentence)


# Where Markdown would make a link of plain text
ADDRESS = re.compile(r"https?:|www(?=\.)|@", re.IGNORECASE)
WORD_JOINER = "\u2060"  # takes no room, and no line breaks at it


def literal(text: str, *, links: bool = False) -> str:
    """`text` for a place that reads Markdown, so that it shows as it is and loads nothing.

    An address in it is no link, except with `links`.
    """
    one_line = " ".join(text.split())
    if not links:
        one_line = ADDRESS.sub(rf"\g<0>{WORD_JOINER}", one_line)
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", one_line)


def problem(error: TinylmError | str) -> None:
    """One sentence that says what to do; it may quote what the user wrote."""
    st.error(literal(str(error), links=True), icon="⚠️")


def guarded(body: Callable[P, None]) -> Callable[P, None]:
    """The function, with our own errors shown in words instead of a traceback."""

    @wraps(body)
    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            body(*args, **kwargs)
        except TinylmError as error:
            problem(error)

    return shown


def status_line(status: str) -> str:
    """A run's status in words, with a sign."""
    return f"{STATUS_ICONS.get(status, '🔄')} {STATUS_WORDS.get(status, status)}"


def group_name(group: str) -> str:
    """A group of items for people: `animals.kind` -> `animals: kind`."""
    return group.replace(".", ": ").replace("_", " ")


def duration(seconds: float) -> str:
    """`75` -> `1 min 15 s`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def file_size(size: int) -> str:
    """`1_500_000` -> `1.5 MB`."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def numbers_behind(rows: Sequence[Any], key: str, label: str = "The numbers as a table") -> None:
    """The text equivalent of a chart; the table is built only while it is open."""
    opened = st.expander(label, on_change="rerun", key=key)
    if opened.open:
        opened.dataframe(rows, hide_index=True, alt=label)
