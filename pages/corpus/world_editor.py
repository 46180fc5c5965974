"""Edit the tables of a world: check them, try them out, and save them as a new world."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

import streamlit as st

from pages.corpus import keys, world_draft
from tinylm.corpora.corpus import CorpusInfo, Document
from tinylm.corpora.sources.own_worlds import TITLE, is_own_world
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.tables import (
    changes_of,
    check_table,
    check_world,
    in_words,
    original_tables,
)
from tinylm.corpora.world.world import World, default_world
from tinylm.errors import NotFound, TinylmError
from ui import state
from ui.asking import service
from ui.frame import draw_anew, guarded, problem

SHOWN = 6  # documents that are shown of a draft
LOOKED_THROUGH = 2_000  # documents searched for some that mention what was changed

Changed = tuple[str, Sequence[str]]  # the name of a row, and those of its cells that were changed


@guarded
def own_world(corpora: Mapping[str, CorpusInfo], chosen: str) -> None:
    """Choose a world, edit its tables, see documents made from them, and save it under a name."""
    st.markdown(
        "The made world is a set of tables. Change a cell, add an animal, delete a country: the "
        "generator writes new documents, and the tasks ask for *your* facts."
    )
    worlds = ["world", *(name for name in corpora if is_own_world(name))]
    _begin_where_needed(worlds, chosen)
    _choose_world(corpora, worlds)
    _edit()
    _try_out()
    _keep(corpora)


def _begin_where_needed(worlds: list[str], chosen: str) -> None:
    """Open the chosen corpus for editing if it is a world and nothing else is unsaved."""
    of = world_draft.edited_world()
    if of and world_draft.is_changed():
        if of not in worlds:  # somebody deleted it, or a newer version replaced it
            world_draft.detach()
        return
    wanted = next(one for one in (chosen, of, "world") if one in worlds)
    if wanted != of:
        world_draft.begin(wanted, service().home)


def _choose_world(corpora: Mapping[str, CorpusInfo], worlds: list[str]) -> None:
    of = world_draft.edited_world()
    if len(worlds) == 1:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown("**Made from**")
        st.text(corpora[of].title)
        if world_draft.is_changed():
            st.button("Throw my changes away", on_click=_begin, args=(of,))
        else:
            st.markdown("Choose another world by its card above.")


def _begin(name: str) -> None:
    world_draft.begin(name, service().home)


@st.fragment
@guarded
def _edit() -> None:
    """Show the editor of one table. It is a fragment, so that an edit redraws nothing else."""
    tables = {table.name: table for table in default_world().tables}
    name = st.segmented_control(
        "Table",
        list(tables),
        format_func=lambda one: tables[one].title,
        default=next(iter(tables)),
        required=True,
        key=keys.WORLD_TABLE,
    )
    key = world_draft.editor_key(name)
    grid = world_draft.shown(name)
    questions = {one.id.partition(".")[2]: one.question for one in tables[name].relations}
    st.data_editor(
        [dict(zip(grid.head, row, strict=True)) for row in grid.rows],
        key=key,
        num_rows="dynamic",
        height=360,
        on_change=world_draft.take_edits,
        args=(name,),
        column_config={
            column: st.column_config.TextColumn(
                column, help=questions.get(column, HELP.get(column, "")), pinned=column == "name"
            )
            for column in grid.head
        },
        alt=f"Table {tables[name].title}, to be edited",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Undo",
            icon="↩️",
            disabled=not world_draft.can_undo(name),
            on_click=world_draft.undo,
            args=(name,),
        )
        st.button(
            "Reset this table",
            disabled=world_draft.grid(name) == original_tables()[name],
            on_click=world_draft.to_original,
            args=(name,),
            help="To how the made world has it; this can be undone",
        )
        st.markdown(f"Beside the made world: {in_words(changes_of(world_draft.grids()))}.")
    if refused := world_draft.refused(name):
        problem(refused)
    try:
        check_table(name, world_draft.grid(name))
    except TinylmError as error:
        problem(error)


HELP = {
    "name": "How it stands in worksheets",
    "article": "Empty for a or an, none for neither, the for names with an article",
    "plural": "Only where it is irregular",
}


@guarded
def _try_out() -> None:
    """Show documents generated from these tables, other ones at every press of the button."""
    if not st.button("Generate documents from these tables"):
        return
    world = check_world(world_draft.grids())
    pressed = st.session_state.get(keys.WORLD_TRIED, 0) + 1
    st.session_state[keys.WORLD_TRIED] = pressed
    changed = _changed()
    found = _documents(world, changed, pressed)
    st.markdown(
        f"**{world.num_facts:,} facts** about {world.num_entities:,} things. "
        + ("Documents that tell of what you changed:" if changed else "Some documents:")
    )
    for document in found:
        st.code(document.text, language=None, wrap_lines=True)
    if not found:
        said = f"None of the first {LOOKED_THROUGH:,} documents tells of it: press again."
        st.info(said, icon="ℹ️")


def _documents(world: World, changed: Sequence[Changed], seed: int) -> list[Document]:
    """The first documents that mention a change, or just the first ones if nothing was changed."""
    writer = Writer(world)
    found: list[Document] = []
    for number in range(LOOKED_THROUGH):
        document = writer.document(seed, "train", number)
        if not changed or any(_tells_of(document.text, *one) for one in changed):
            found.append(document)
        if len(found) == SHOWN:
            break
    return found


def _tells_of(text: str, name: str, cells: Collection[str]) -> bool:
    return name in text and (not cells or any(cell in text for cell in cells))


def _changed() -> list[Changed]:
    """The new rows, with no cells, and the changed rows, with the cells that were changed."""
    found: list[Changed] = []
    for table, grid in world_draft.grids().items():
        before = {row[0]: row for row in original_tables()[table].rows if row}
        for row in (row for row in grid.rows if row[0].strip() and row != before.get(row[0])):
            old = before.get(row[0], row)
            cells = [now.strip() for was, now in zip(old, row, strict=True) if was != now]
            found.append((row[0].strip(), [cell for cell in cells if cell]))
    return found


@guarded
def _keep(corpora: Mapping[str, CorpusInfo]) -> None:
    of = world_draft.edited_world()
    own = is_own_world(of)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input(
            "Its name",
            value=corpora[of].title if own else TITLE,
            max_chars=60,
            key=f"{keys.WORLD_TITLE}-{of}",
            width=320,
        )
        save = st.button("Save as a world of its own", type="primary", key="save-world")
        if own and service().may_delete(of) and st.button("Delete this world", key="delete-world"):
            _delete(of, corpora[of].title)
    if save:
        known = {name: one.title for name, one in corpora.items()}
        kept = service().keep_world(title, world_draft.grids(), edited=of)
        world_draft.begin(kept.name, service().home)
        state.use_corpus(kept.name)
        state.notice(
            "A world with these very tables was here already: it is chosen."
            if kept.name in known and kept.title == known[kept.name] != title.strip()
            else "Your world is made and chosen: train on it."
        )
        draw_anew()


@guarded
def _remove(name: str) -> None:
    with suppress(NotFound):  # it was a second click, or somebody else deleted it
        service().delete_corpus(name)
    world_draft.begin("world", service().home)
    state.use_corpus("world")
    state.notice("The world is deleted.")


@st.dialog("Delete this world?")
@guarded
def _delete(name: str, title: str) -> None:
    try:
        earlier = service().versions_deleted(name)
    except NotFound:  # the world is gone, so this dialog should close
        draw_anew()
    st.text(title)
    trained = service().num_readers(name)
    st.markdown(
        "Its tables go for good"
        + (", with those of its earlier versions that no run read." if earlier else ".")
    )
    if trained:
        many = "One run" if trained == 1 else f"{trained:,} runs"
        st.markdown(f"{many} read it: what was trained stays, but its tasks can't be asked then.")
    with st.container(horizontal=True):
        if st.button("Delete for good", type="primary", on_click=_remove, args=(name,)):
            draw_anew()
        if st.button("Keep it"):
            draw_anew()
