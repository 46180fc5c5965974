"""The part of the service that keeps what learners predicted, answered and did."""

from __future__ import annotations

from tinylm.errors import Forbidden
from tinylm.runs.service.base import Base
from tinylm.runs.store.people import LearnerRow

MOST_NAME, MOST_PLACE = 40, 40  # characters
# The beginnings of keys whose answers a lesson shows to everybody: the scores of mixtures.
OF_ALL = ("mixture-score ",)


class Answering(Base):
    """Learners' answers."""

    def set_answer(self, owner: str, key: str, value: object) -> None:
        """Keep a learner's answer; a later one under the same key replaces it.

        Nothing is kept of a browser without cookies. Raises Forbidden for somebody else's answers.
        """
        if not owner and not self.viewer.alone:
            return
        self._check_owner(owner)
        self.store.set_answer(owner, key, value)

    def class_answers(self, prefix: str) -> list[object]:
        """The answers of all learners whose keys begin with `prefix`, without whose they are.

        Raises Forbidden for those that no lesson shows to a class.
        """
        if prefix not in OF_ALL and not self.viewer.may_change_all:
            raise Forbidden("What others answered here is shown to them and to the teacher.")
        return self.store.class_answers(prefix)

    def answers(self, owner: str) -> dict[str, object]:
        """All answers of one learner, by key. Raises Forbidden for those of somebody else."""
        if not owner and not self.viewer.alone:
            return {}
        self._check_owner(owner)
        return self.store.answers(owner)

    def me(self) -> LearnerRow | None:
        """What is known of the viewer; None where the browser keeps no cookies."""
        return self.store.learner(self.viewer.name) if self.viewer.name else None

    def note_visit(self, place: str) -> None:
        """Note that the viewer is here now, on the page of this path."""
        if self.viewer.name:
            self.store.meet(self.viewer.name, place[:MOST_PLACE])

    def call_me(self, shown: str) -> None:
        """Note how the viewer wants to be called; "" for not at all."""
        if self.viewer.name:
            self.note_visit("you")
            clean = "".join(c if c.isprintable() else " " for c in shown)
            self.store.call(self.viewer.name, " ".join(clean.split())[:MOST_NAME])

    # Inside

    def _check_owner(self, owner: str) -> None:
        if not self.viewer.may_change_all and not self.is_mine(owner):
            raise Forbidden("What somebody predicted and did is shown to them and to the teacher.")
