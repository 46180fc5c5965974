"""Add a text of one's own: files of several kinds, or a pasted text."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.corpus import keys
from pages.corpus.mine import in_passages, train_on
from tinylm.corpora.files.child import readers
from tinylm.corpora.files.desk import MAX_BATCH, Progress
from tinylm.corpora.files.report import MAX_BYTES, Report, Table, counted, length
from tinylm.corpora.sources.downloads import take_up
from tinylm.corpora.sources.uploads import MIN_CHARACTERS, check_text
from tinylm.errors import NotFound
from tinylm.questions.corpora import Statistics
from ui import state
from ui.asking import known, service
from ui.frame import draw_anew, file_size, guarded, literal, problem, then_all
from ui.reading import desk, release
from ui.whose import say_who_sees

PASTED = "The pasted text was taken in as it is."
PATIENCE = 0.5  # seconds that the page waits for small files before it shows a progress bar


@guarded
def add_own() -> None:
    """A form that adds files or pasted text as a corpus, or says in a sentence what is wrong."""
    batch = st.session_state.get(keys.READING, "")
    if batch:
        try:
            show_batch(batch, desk().look(batch, PATIENCE))
            return
        except NotFound as error:
            forget()
            problem(error)
    _just_added()
    st.markdown(
        f"A corpus needs at least **{MIN_CHARACTERS:,} characters**, about a page of text. Files "
        "and pasted text make one corpus together: paste first, then choose the files."
    )
    if st.session_state.pop(keys.PASTED_IS_ADDED, False):
        st.session_state[keys.PASTED] = ""
    say_who_sees("text")
    pasted = st.text_area("Paste text here", height=160, key=keys.PASTED, persist_state="session")
    choose_files()
    if pasted.strip():
        st.markdown(enough([length(pasted)]))
    title = _title()
    if st.button("Add this text"):
        _add([pasted.encode("utf-8", "surrogatepass")], title or "Pasted text", [PASTED])


def enough(lengths: Sequence[int]) -> str:
    """Markdown: how long texts are together, by `length`, and how much is missing for a corpus."""
    characters = sum(lengths) + max(0, len(lengths) - 1)  # with a line end between two texts
    missing = MIN_CHARACTERS - characters
    if missing > 0:
        return (
            f"So far there are **{characters:,} characters**: {missing:,} more are needed for a "
            "corpus."
        )
    return f"Together there are **{characters:,} characters**: enough for a corpus."


def choose_files() -> None:
    """Take in files; they are read in a process of their own, and the page shows how far it is."""
    taken = st.session_state.get(keys.UPLOADS_TAKEN, 0)
    files = st.file_uploader(
        f"or choose files of text, tables, PDF or Word: up to {file_size(MAX_BYTES)} each and "
        f"{file_size(MAX_BATCH)} together; several become one corpus",
        type=list(readers()),
        accept_multiple_files=True,
        key=f"{keys.UPLOADED}-{taken}",
    )
    if not files:
        return
    st.session_state[keys.UPLOADS_TAKEN] = taken + 1  # the next chooser is an empty one
    try:
        if len(files) == 1 and (found := take_up(files[0].getvalue(), service().home)):
            state.use_corpus(found.name)
            state.notice(f"This is {found.title}: its hash is right. It is added and chosen.")
        else:
            brought = [(file.name, file.getbuffer()) for file in files]
            st.session_state[keys.READING] = desk().bring(brought)
    finally:
        st.session_state[keys.REFUSED_FILES] = release(files)
    draw_anew()


def show_batch(batch: str, progress: Progress) -> None:
    """How far the files are; then what came out of each, and whether to add it."""
    if not progress.over:
        _show_progress(batch)
        return
    if refused := st.session_state.get(keys.REFUSED_FILES, 0):
        problem(
            f"{counted(refused, 'file')} of those that you chose did not come in, because they "
            f"are too large together: bring at most {file_size(MAX_BATCH)} at once."
        )
    if progress.problem:
        problem(progress.problem)
    for number, report in enumerate(progress.reports):
        with st.container(border=True):
            _show_report(batch, number, report)
    pasted = _pasted_too()
    readable = [report for report in progress.reports if not report.problem]
    title = ""
    if readable or pasted:
        lengths = [report.length for report in readable] + [length(pasted)] * bool(pasted)
        st.markdown(enough(lengths))
        title = _title()
    with st.container(horizontal=True):
        add = (readable or pasted) and st.button("Add this text", type="primary")
        st.button("Choose other files", on_click=then_all(forget))
    if add:
        parts = [desk().text(batch)] if readable else []
        if pasted:
            parts.append(pasted.encode("utf-8", "surrogatepass"))
        name = title or (readable[0].name if readable else "Pasted text")
        told = [line for report in progress.reports for line in _gave(report)]
        _add(parts, name, [*told, PASTED] if pasted else told)


def _pasted_too() -> str:
    """The text that was pasted before the files were chosen, if it shall go into the corpus."""
    pasted = str(st.session_state.get(keys.PASTED, ""))
    if not pasted.strip():
        return ""
    with st.container(border=True):
        st.markdown("**The text that you pasted**")
        st.text(f"It has {len(pasted):,} characters.")
        wanted = st.checkbox("Put it into the same corpus, after the files", True)
    return pasted if wanted else ""


def _gave(report: Report) -> list[str]:
    """What a file gave, and what was left out and why, each in a sentence."""
    if report.problem:
        return [f"{report.name} gave nothing. {report.problem}"]
    return [f"{report.name}: {report.summary}", *report.notes]


def _show_progress(batch: str) -> None:
    @st.fragment(run_every=0.5)
    @guarded
    def look() -> None:
        progress = desk().look(batch)
        if progress.over:
            draw_anew()
        names = ", ".join(progress.names)
        waits = "Waiting until other files are read" if progress.waits else f"Reading {names}"
        st.progress(progress.share, literal(f"{waits} …"))
        st.button("Cancel", on_click=then_all(forget), key=f"cancel-{batch}")

    look()


def _show_report(batch: str, number: int, report: Report) -> None:
    if report.problem:
        problem(report.problem)
        return
    st.markdown(f"**{literal(report.name)}**")
    st.text(report.summary)
    for note in report.notes:
        st.text(f"• {note}")
    if report.table is not None:
        _choose_column(batch, number, report.table)
    if report.beginning:
        st.code(report.beginning, language=None, wrap_lines=True)


def _choose_column(batch: str, number: int, table: Table) -> None:
    """Another column, or another first row: the table is then read again."""
    place = f"{batch}-{number}-{table.header}"
    column_key, header_key = f"{keys.CSV_COLUMN}-{place}", f"{keys.CSV_HEADER}-{place}"

    def choose() -> None:
        desk().choose(batch, number, str(st.session_state[column_key]), table.header)

    def turn_header() -> None:
        desk().choose(batch, number, "", not table.header)

    st.selectbox(
        "Column that holds the text",
        table.columns,
        index=table.columns.index(table.column),
        key=column_key,
        on_change=then_all(choose),
    )
    if table.can_choose_header:
        st.checkbox(
            "The first row has the names of the columns",
            value=table.header,
            key=header_key,
            on_change=then_all(turn_header),
        )


def forget() -> None:
    """Go back to choosing files; those that are being read are let go."""
    desk().drop(st.session_state.pop(keys.READING, ""))


def _title() -> str:
    return st.text_input("What to call it", max_chars=60, key=keys.UPLOAD_TITLE).strip()


def _add(parts: list[bytes], title: str, told: list[str]) -> None:
    """Keep these texts as one corpus and choose it; `told` says what each of them gave."""
    data = b"\n\n".join(parts)
    check_text(data)
    added = service().keep_text(data, title)
    st.session_state[keys.PASTED_IS_ADDED] = PASTED in told
    st.session_state[keys.GAVE] = [added.name, *told]
    forget()
    state.use_corpus(added.name)
    state.keep_once(keys.LOOKED_AT_CORPUS)
    state.notice("Your text is added and chosen.")
    draw_anew()


def _just_added() -> None:
    """What the last text gave, as long as it is the chosen corpus."""
    name, *told = st.session_state.get(keys.GAVE) or [""]
    if not name or name != state.current_corpus():
        return
    with st.container(border=True, gap="small"):
        st.markdown("**Your text is added and chosen.** This is what was taken in:")
        for line in told:
            st.text(f"• {line}")
        if counted_up := known(Statistics(name)):
            st.markdown(in_passages(counted_up))
        train_on(f"{keys.TRAIN_ON}-added")
