"""What every page needs: a heading, errors in words, and numbers written in the same way."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, NoReturn, ParamSpec

import streamlit as st

from tinylm.errors import TinylmError
from tinylm.predictions import WORD_JOINER

P = ParamSpec("P")

log = logging.getLogger("tinylm.pages")


def page_of(name: str) -> str:
    """The path of a page in the form that links and st.switch_page need; `name` is its folder."""
    return f"{name}/page.py"


START, CORPUS, TOKENS, PRETRAIN, INSIDE = map(
    page_of, ("start", "corpus", "tokens", "pretrain", "inside")
)
PROMPTS, FINETUNE, TRANSFER, METRICS, LIMITS = map(
    page_of, ("prompts", "finetune", "transfer", "metrics", "limits")
)
OWN_TASK, EXPERIMENTS, RUNS, YOU, TEACHER = map(
    page_of, ("own_task", "experiments", "runs", "you", "teacher")
)

# Stands for a word that the learner or the model is to guess, as Markdown: a line, not letters.
BLANK = r"\_\_\_\_\_\_\_"

STATUS_WORDS = {
    "queued": "waiting for its turn",
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
    """Show the title of the page and, in one or two sentences, what it is for."""
    st.title(title, anchor=False)
    with st.container(width=720):
        st.markdown(lead)


def draw_anew() -> NoReturn:
    """Run the page again from its beginning, unless the browser already asked for another run.

    `st.rerun` would replace a waiting request by a run of the present page, so a click that leaves
    the page would be lost. When an element is drawn, Streamlit serves a waiting request first.
    """
    st.empty()
    st.rerun()


PROBLEM = "problem"  # key in the session of an error that the next run of the page shows


def then_all(action: Callable[P, None]) -> Callable[P, None]:
    """A button's action, after which the whole page runs, not only the fragment with the button.

    Streamlit finds a fragment by its place on the page. If a new answer has moved the fragment
    since it was drawn, a click still does its work, but Streamlit does not find the fragment to
    draw it again. Errors are shown at the top of the page when it is drawn.
    """

    @wraps(action)
    def done(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            action(*args, **kwargs)
        except Exception as error:
            st.session_state[PROBLEM] = in_words(error)
        st.rerun()

    return done


def show_problem() -> None:
    """Show once what went wrong in an action, if anything did."""
    if sentence := st.session_state.pop(PROBLEM, ""):
        problem(sentence)


# The places at which Markdown would turn plain text into a link.
ADDRESS = re.compile(r"https?:|www(?=\.)|@", re.IGNORECASE)
# Pairs that Streamlit's Markdown draws as one sign: -> <- <-> -- >= <= ~=
DRAWN = re.compile(r"([<>~-])(?=[->=])")


def literal(text: str, *, links: bool = False) -> str:
    """`text` escaped for Markdown, so that it is shown as it is, on one line, and loads nothing.

    Addresses in it do not become links, unless `links` is true. Streamlit draws signs such as
    "->" as arrows even where they are escaped, so something invisible parts them.
    """
    one_line = DRAWN.sub(rf"\1{WORD_JOINER}", " ".join(text.split()))
    if not links:
        one_line = ADDRESS.sub(rf"\g<0>{WORD_JOINER}", one_line)
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", one_line)


def literal_lines(text: str, ground: str = "") -> str:
    """Like `literal`, but keep line breaks, and one space where a line begins or ends with any.

    `ground` is a colour to put behind each line: a coloured ground ends with its line.
    """
    lines = []
    for line in text.split("\n"):
        shown = literal(line)
        before = " " * (bool(shown) and line[:1].isspace())
        if shown and ground:
            shown = f":{ground}-background[{shown}]"
        lines.append(f"{before}{shown}{' ' * line[-1:].isspace()}")
    return "  \n".join(lines)


def problem(error: TinylmError | str) -> None:
    """Show an error, a sentence that says what to do; it may quote what the user wrote."""
    st.error(literal(str(error), links=True), icon="⚠️")


def in_words(error: Exception) -> str:
    """The sentence to show for an error.

    A widget raises an error that is not our own if a browser sends it a value it never offered.
    """
    return str(error) if isinstance(error, TinylmError) else unforeseen(error)


def unforeseen(error: Exception) -> str:
    """Log an error that nobody foresaw; tests replace this function by one that raises it."""
    log.error("an error that nobody foresaw", exc_info=error)
    return (
        "Something went wrong that nobody foresaw, and it was written to the log of the server: "
        "reload the page."
    )


def guarded(body: Callable[P, None]) -> Callable[P, None]:
    """A decorator that shows errors in words instead of a traceback."""

    @wraps(body)
    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            body(*args, **kwargs)
        except Exception as error:
            problem(in_words(error))

    return shown


def status_line(status: str) -> str:
    """The status of a run in words, after an icon."""
    return f"{STATUS_ICONS.get(status, '🔄')} {STATUS_WORDS.get(status, status)}"


def group_name(group: str) -> str:
    """The readable name of a group of items: `animals.kind` -> `animals: kind`."""
    return group.replace(".", ": ").replace("_", " ")


def duration(seconds: float) -> str:
    """A time in seconds as text: `75` -> `1 min 15 s`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def roughly(seconds: float) -> str:
    """A time to come as text, no finer than it is known: `about 40 s`, `about 3 min`."""
    if seconds < SOON:
        return "a moment"
    if seconds < 60:
        return f"about {max(10, 10 * round(seconds / 10))} s"
    return f"about {round(seconds / 60)} min"


def file_size(size: int) -> str:
    """A size in bytes as text: `1_500_000` -> `1.5 MB`."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


SOON = 5.0  # seconds below which no number is said
WRAPPING = 65  # pixels of a row in which Streamlit lets words wrap: more than 4 rem


def numbers_behind(
    rows: Sequence[Any],
    key: str,
    label: str = "The numbers as a table",
    widths: Mapping[str, int] | None = None,
) -> None:
    """Show the numbers of a chart as a table, which is built only while it is open.

    With `widths`, in pixels by column, long words wrap where the table would be cut off.
    """
    opened = st.expander(label, on_change="rerun", key=key)
    if opened.open:
        opened.dataframe(
            rows,
            hide_index=True,
            alt=label,
            column_config={name: {"width": width} for name, width in (widths or {}).items()},
            row_height=WRAPPING if widths else None,
        )
