"""The part of the service that asks questions and downloads texts."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from tinylm.corpora.sources.downloads import source
from tinylm.errors import Forbidden, NotFound
from tinylm.evaluation.tasks import is_own
from tinylm.questions.base import A, Job, Question
from tinylm.questions.corpora import Download, Downloaded
from tinylm.questions.exports import Export
from tinylm.runs.service.base import Base
from tinylm.runs.work.downloading import CANCEL, RECEIVED

K = TypeVar("K")
Q = TypeVar("Q", bound=Question[Any])

# Seconds until the first look for an answer, how much longer each next pause is, and the longest:
# thirty who look every 0.02 s keep a server busy.
SHORTEST, LONGER, LONGEST = 0.02, 1.5, 0.1


class Asking(Base):
    """Asks questions, which workers answer; the same question has one answer for all who ask."""

    _askers: dict[str, set[str]]  # who waits for a job, as far as this process knows

    def ask(self, question: Question[A], *, retry: bool = False) -> Job[A]:
        """The job of one question, with its answer once it is done: see `ask_all`."""
        return self.ask_all({"": question}, retry=retry)[""]

    def ask_all(
        self,
        questions: Mapping[K, Question[A]],
        *,
        ahead: Iterable[Question[Any]] = (),
        wait: float = 0.0,
        retry: bool = False,
    ) -> dict[K, Job[A]]:
        """The jobs of these questions, in the same order; those not asked before are queued.

        The same question has one answer, which all who ask it share. Known answers cost one
        database read and no write; all missing ones together cost one write. Those `ahead` are
        asked with them, behind them, and not waited for. `wait` waits up to that many seconds for
        the answers. `retry` asks failed questions again at once; those that failed more than a
        minute ago are asked again in any case. Raises NotFound where a job is removed at this
        moment.
        """
        asked = [*questions.values(), *ahead]
        for question in asked:
            if isinstance(question, Export):
                self._check_export(question)
        keys = {label: question.key() for label, question in questions.items()}
        jobs = self.store.jobs(asked)
        new = [
            question
            for question in asked
            if (job := jobs.get(question.key())) is None or self.store.is_stale(job, retry)
        ]
        deadline, pause = time.monotonic() + wait, SHORTEST
        self._join(jobs.values())
        if new:
            self.announce()
            for question in self.store.request(new, self.viewer.name, retry=retry):
                self.hand_over(question.key())
            jobs |= self.store.jobs(new)
        for key, job in jobs.items():
            if job.over:
                self._askers.pop(key, None)
            else:
                self._askers.setdefault(key, set()).add(self.viewer.name)
        mine = set(keys.values())
        while waiting := {
            key: job.question for key, job in jobs.items() if key in mine and not job.over
        }:
            if (left := deadline - time.monotonic()) <= 0:
                break
            threading.Event().wait(min(pause, left))
            pause = min(pause * LONGER, LONGEST)
            if self.num_over(waiting):
                jobs |= self.store.jobs(waiting.values())
        try:
            return {label: jobs[key] for label, key in keys.items()}
        except KeyError:  # it was removed at this moment, together with its run
            raise NotFound("This question is no longer kept: ask it again.") from None

    def ask_anew(self, question: Question[A]) -> None:
        """Have a question answered again: of an export, the file may be gone.

        Raises Forbidden and NotFound as `ask_all` does.
        """
        if isinstance(question, Export):
            self._check_export(question)
        self.announce()
        for asked in self.store.request([question], self.viewer.name, anew=True):
            self.hand_over(asked.key())

    def known(self, question: Question[A]) -> Job[A] | None:
        """The job of this question if it was asked before, else None; this does not ask it."""
        return self.known_all({"": question}).get("")

    def known_all(self, questions: Mapping[K, Question[A]]) -> dict[K, Job[A]]:
        """The jobs of those questions that were asked before, in one query; this asks none."""
        jobs = self.store.jobs(questions.values())
        keys = {label: question.key() for label, question in questions.items()}
        return {label: jobs[key] for label, key in keys.items() if key in jobs}

    def asked(self, kind: type[Q], run_id: str) -> list[Q]:
        """The questions of one kind that were answered about a run, by this version or another.

        Those with tasks that others brought are left out.
        """
        found = self.store.asked(kind, run_id)
        if self.viewer.alone or not any(is_own(getattr(one, "task", "")) for one in found):
            return found
        mine = {one.name for one in self.store.belongings({self.viewer.name, ""})}
        return [
            one for one in found if (task := getattr(one, "task", "")) in mine or not is_own(task)
        ]

    def num_over(self, job_ids: Collection[str]) -> int:
        """How many of these jobs are done, have failed, or were removed."""
        return self.store.num_over(job_ids)

    def take_back(self, job_ids: Iterable[str]) -> int:
        """Forget those jobs that still wait; returns their number. They can be asked for again.

        Jobs that somebody else asked first, or who waits for them on this server, are kept.
        """
        if self.viewer.alone:
            return self.store.cancel_jobs(job_ids)
        name, mine = self.viewer.name, []
        for key in job_ids:
            if others := self._askers.pop(key, set()) - {name}:
                self._askers[key] = others
                self.store.leave_jobs([key], name, max(others))  # "" only where all have no name
            else:
                mine.append(key)
        return self.store.cancel_jobs(mine, name)

    # Downloads

    def download(self, corpus: str) -> None:
        """Ask a worker to download a text, unless one does already. Raises NotFound."""
        question = Download(source(corpus).info.name)
        for asked in self.store.request([question], self.viewer.name, anew=True):
            self.store.set_note(_asked_by(corpus), self.viewer.name or None)
            for name in (RECEIVED, CANCEL):
                self.store.turn(asked.key(), name, 0)
            self.hand_over(asked.key())

    def cancel_download(self, corpus: str) -> None:
        """Cancel a download, whether or not it has begun; nothing of it is kept.

        Raises Forbidden where somebody else asked for it.
        """
        if not self.may_cancel_download(corpus):
            raise Forbidden(
                "Somebody else asked for this download: only they and the teacher can cancel it."
            )
        key = Download(corpus).key()
        if not self.store.cancel_jobs([key]):
            self.store.turn(key, CANCEL, 1)

    def may_cancel_download(self, corpus: str) -> bool:
        """Whether the viewer asked for this download, or may change what belongs to others."""
        if self.viewer.may_change_all:
            return True
        return self.is_mine(str(self.store.note(_asked_by(corpus)) or ""))

    def downloading(self, corpus: str) -> tuple[Job[Downloaded], int] | None:
        """The last download of a text and the bytes received so far; None where nobody asked."""
        job = self.known(Download(corpus))
        return None if job is None else (job, int(self.store.dial(job.id, RECEIVED)))

    # Inside

    def _join(self, found: Iterable[Job[Any]]) -> None:
        """Ask along, once, what others asked and what waits: it goes with whoever comes sooner."""
        if self.viewer.alone:
            return
        name = self.viewer.name
        waiting = [job.id for job in found if job.status == "queued"]
        if also := [key for key in waiting if name not in self._askers.get(key, ())]:
            self.store.join(also, name)

    def _check_export(self, question: Export) -> None:
        """Raise Forbidden where the viewer may not write a run to files, and NotFound."""
        run = self.store.run(question.run)
        if run.owner and not self.may_change(run):
            raise Forbidden(
                "This run belongs to somebody else: only its owner and the teacher can export it."
            )


def _asked_by(corpus: str) -> str:
    """The key of the note that says who asked last for a download."""
    return f"download/{corpus}"[:40]
