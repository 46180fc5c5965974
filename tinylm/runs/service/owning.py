"""The part of the service that keeps what people bring: texts, worlds, mixtures and tasks.

To one who is alone belongs all that is in the home folder. In a class, everybody's lists show what
they brought themselves and what was given to the class, under the titles that they gave it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

import msgspec

from tinylm.corpora import corpora_of, info
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.sources.base import source_of
from tinylm.corpora.sources.mixtures import Weights, save_mixture
from tinylm.corpora.sources.own_worlds import save_world, versions
from tinylm.corpora.sources.uploads import clean_title, free_title, save_upload
from tinylm.corpora.world.tables import Grids
from tinylm.errors import Forbidden, NotFound, StorageError
from tinylm.evaluation.tasks import Task, is_own, taught_by
from tinylm.evaluation.tasks.own.rows import Checked, Kind
from tinylm.evaluation.tasks.own.store import (
    Kept,
    delete_task,
    kept_task,
    kept_tasks,
    save_task,
    task_of,
)
from tinylm.evaluation.tasks.own.template import Template
from tinylm.home import forget_vocabularies
from tinylm.runs.belongings import kind_of, needed, one_after_another, read_by
from tinylm.runs.service.base import Base
from tinylm.runs.store.belongings import Belonging

MAX_TITLE = 60  # characters
OF_OTHERS = "This belongs to somebody else: only its owner and the teacher can change or delete it."


class Owning(Base):
    """Lists what the viewer brought, keeps new things, and deletes them."""

    # Corpora

    def corpora(self) -> dict[str, CorpusInfo]:
        """The corpora that the viewer can choose, by name."""
        found = corpora_of(self.home)
        if self.viewer.alone:
            return found
        always = {name: one for name, one in found.items() if not kind_of(name)}
        return always | {
            name: one
            for name, title in self._titles().items()
            if kind_of(name) != "task" and (one := self._titled(name, title)) is not None
        }

    def corpus(self, name: str) -> CorpusInfo:
        """What is known of a corpus, with the viewer's own title. Raises NotFound, StorageError."""
        found = info(name, self.home)
        title = None if self.viewer.alone or not kind_of(name) else self._titles().get(name)
        return found if title is None else replace(found, title=title)

    def keep_text(self, data: bytes, title: str) -> CorpusInfo:
        """Keep a text, as `save_upload` does, in the viewer's list. Raises BadRequest."""
        self._name()
        with one_after_another(self.home):
            made = save_upload(data, title, self.home, rename=self.viewer.alone)
            return self._kept(made, title)

    def keep_mixture(
        self, weights: Weights, titles: Mapping[str, str], title: str = ""
    ) -> CorpusInfo:
        """Keep a mixture, as `save_mixture` does, in the viewer's list. Raises BadRequest."""
        self._name()
        with one_after_another(self.home):
            made = save_mixture(weights, titles, self.home, title, rename=self.viewer.alone)
            return self._kept(made, title or made.title)

    def keep_world(self, title: str, grids: Grids, edited: str = "") -> CorpusInfo:
        """Keep a world, as `save_world` does, in the viewer's list. Raises BadRequest.

        A world of the viewer's with the same title, from which this one was made, leaves the list.
        """
        owner = self._name()
        with one_after_another(self.home):
            before = self._titles().get(edited, "")
            called = "" if self.viewer.alone else before
            made = save_world(title, grids, self.home, edited, owner, called)
            if made.name != edited and before == clean_title(title):
                self.store.let_go(edited, owner)
            return self._kept(made, title)

    def taken_in(self, found: CorpusInfo) -> CorpusInfo:
        """Put a corpus that was kept already into the viewer's list. Raises Forbidden."""
        self._name()
        with one_after_another(self.home):
            return self._kept(found, found.title)

    def delete_corpus(self, name: str) -> None:
        """Take a corpus out of the viewer's list; with its last owner, its files go for good.

        Raises NotFound, StorageError, and Forbidden for what belongs to somebody else.
        """

        def delete_files() -> None:
            source_of(name).delete(name, self.home, needed(self.home, self.store))
            if kind_of(name):
                forget_vocabularies(self.home)

        self._delete(name, delete_files)

    def versions_deleted(self, name: str) -> int:
        """How many earlier versions of a world go with it. Raises NotFound, StorageError."""
        others = self.store.owners_of(name) - {self.viewer.name}
        if others and not self.viewer.may_change_all:
            return 0
        return len(versions(name, self.home, needed(self.home, self.store))) - 1

    def may_delete(self, name: str) -> bool:
        """Whether a text, world, mixture, task or download may be deleted by the viewer."""
        if self.viewer.may_change_all:
            return True
        return bool(self.viewer.name) and self.viewer.name in self.store.owners_of(name)

    def num_readers(self, name: str) -> int:
        """How many runs, of anybody, read a text or learned a task."""
        return len(read_by(self.home, self.store).get(name, ()))

    # Tasks

    def own_tasks(self) -> list[Kept]:
        """The tasks that the viewer brought, and those given to the class, sorted by title."""
        if self.viewer.alone:
            return kept_tasks(self.home)
        titles = self._titles()
        found = [
            msgspec.structs.replace(one, title=titles[one.name])
            for one in kept_tasks(self.home)
            if one.name in titles
        ]
        return sorted(found, key=lambda one: (one.title.casefold(), one.name))

    def tasks_for(self, corpus: str, linked: str = "") -> tuple[Task, ...]:
        """The tasks that a corpus teaches, and the viewer's own ones.

        `linked` is the name of an own task that an address named: it may be somebody else's.
        """
        own = [task_of(one) for one in self.own_tasks()]
        if is_own(linked) and linked not in {one.name for one in own}:
            with suppress(NotFound, StorageError):  # where it was deleted, the list is as it is
                own.append(task_of(kept_task(linked, self.home)))
        return (*taught_by(corpus, self.home), *own)

    def keep_task(self, checked: Checked, kind: Kind, template: Template, title: str) -> Kept:
        """Keep a task, as `save_task` does, in the viewer's list. Raises BadRequest."""
        owner = self._name()
        with one_after_another(self.home):
            kept = save_task(checked, kind, template, title, self.home)
            if self.viewer.alone:
                title = kept.title
            elif kept.name in (titles := self._titles()):
                title = titles[kept.name]
            else:
                title = free_title(clean_title(title, "My task"), titles.values(), MAX_TITLE)
            self.store.belong(Belonging(owner, "task", kept.name, title))
        return msgspec.structs.replace(kept, title=title)

    def delete_task(self, name: str) -> None:
        """Take a task out of the viewer's list; with its last owner, its file goes for good.

        Raises NotFound, StorageError, and Forbidden for what belongs to somebody else.
        """
        self._delete(name, lambda: delete_task(name, self.home))

    # Inside

    def _titles(self) -> dict[str, str]:
        """What stands in the viewer's lists in a class, by name.

        An own title goes first, and what only the class has is told apart from what has the same.
        """
        found = self.store.belongings({self.viewer.name, ""})
        mine = {one.name: one.title for one in found if one.owner}
        taken = set(mine.values())
        of_class = {
            one.name: f"{one.title} (of the class)" if one.title in taken else one.title
            for one in found
            if not one.owner
        }
        return of_class | mine

    def _titled(self, name: str, title: str) -> CorpusInfo | None:
        """A corpus with this title; None where its files are gone or damaged."""
        try:
            return replace(info(name, self.home), title=title)
        except (NotFound, StorageError):
            return None

    def _kept(self, made: CorpusInfo, title: str) -> CorpusInfo:
        """Put a new corpus into the viewer's list, under a title that is free there."""
        if not self.viewer.alone:
            others = [one.title for one in self.corpora().values() if one.name != made.name]
            free = free_title(clean_title(title, made.title), others, MAX_TITLE)
            made = replace(made, title=free)
        self.store.belong(Belonging(self.viewer.name, kind_of(made.name), made.name, made.title))
        return made

    def _delete(self, name: str, delete_files: Callable[[], None]) -> None:
        """Take a thing out of the viewer's list; with its last owner, its files go as well.

        It is back in the list where its files cannot be deleted, so that it can be tried again.
        """
        with one_after_another(self.home):
            if not self.may_delete(name):
                raise Forbidden(OF_OTHERS)
            taken, left = self.store.let_go(name, self._of(name))
            if left:
                return
            try:
                delete_files()
            except StorageError:
                self.store.belong(*taken)
                raise
            self.store.forget_questions(name)

    def _of(self, name: str) -> str | None:
        """Whose list a thing leaves when the viewer deletes it; None: everybody's.

        The teacher takes what was given to the class out of the class's list, and what is in
        neither out of everybody's, as does whoever is alone.
        """
        if self.viewer.alone:
            return None
        owners = self.store.owners_of(name)
        return next((one for one in (self.viewer.name, "") if one in owners), None)
