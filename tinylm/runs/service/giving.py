"""The part of the service that gives what a teacher made to the whole class, and takes it back."""

from __future__ import annotations

from tinylm.corpora.sources.mixtures import is_mixture, mixture_weights
from tinylm.errors import Forbidden
from tinylm.runs.belongings import one_after_another
from tinylm.runs.service.base import Base

OF_CLASS = ""  # the owner of what belongs to the whole class


class Giving(Base):
    """Moves runs, texts, worlds, mixtures and tasks between a teacher's lists and the class's.

    What belongs to the class stands in everybody's lists, and only a teacher changes it. Raises
    Forbidden for everybody else, and for what belongs to a learner.
    """

    def may_give(self) -> bool:
        """Whether the viewer is a teacher with a class."""
        return self.viewer.teacher and not self.viewer.alone and bool(self.viewer.name)

    def is_given(self, name: str) -> bool | None:
        """Whether a text, world, mixture or task belongs to the class; None: to neither."""
        owners = self.store.owners_of(name)
        return True if OF_CLASS in owners else False if self.viewer.name in owners else None

    def give_run(self, run_id: str, *, back: bool = False) -> None:
        """Give a run to the class, or take it back. Raises NotFound."""
        owner, heir = self._way(back)
        self.store.run(run_id)  # raises NotFound
        if not self.store.hand_run(run_id, owner, heir):
            raise Forbidden(_NOT_THE_CLASSES if back else _NOT_YOURS)

    def give_thing(self, name: str, *, back: bool = False) -> None:
        """Give a text, world, mixture or task to the class, or take it back.

        With a mixture go those of its parts that are in the same list: nobody could read it
        otherwise once they are deleted. Raises Forbidden where the thing itself is not in it.
        """
        owner, heir = self._way(back)
        parts = mixture_weights(name, self.home) if is_mixture(name) else ()
        with one_after_another(self.home):
            if not self.store.hand(name, owner, heir, parts):
                raise Forbidden(_NOT_THE_CLASSES if back else _NOT_YOURS)

    def _way(self, back: bool) -> tuple[str, str]:
        """Whose it is, and whose it becomes."""
        if not self.may_give():
            raise Forbidden("Only a teacher can give something to the class, or take it back.")
        return (OF_CLASS, self.viewer.name) if back else (self.viewer.name, OF_CLASS)


_NOT_YOURS = "Only what is in your own list can be given to the class."
_NOT_THE_CLASSES = "It does not belong to the class any more: load the page again."
