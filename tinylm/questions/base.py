"""The base classes of questions and answers, and the job that answers a question."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Generic, Literal, TypeVar, get_args

import msgspec

from tinylm.codec import decode, encode
from tinylm.places import DATA, PACKAGE

# Packages that no answer depends on. All other code in tinylm belongs to the key of a question.
COMPUTES_NOTHING = ("cli", "runs", "share")
ANSWERING = (".py", ".csv", ".json", ".js", ".css", ".html")  # endings of files of code and data


class Answer(msgspec.Struct, frozen=True):
    """Base class of all answers."""


A = TypeVar("A", bound=Answer, covariant=True)


class Question(msgspec.Struct, Generic[A], frozen=True, tag_field="kind"):
    """Base class of all questions. Questions with the same fields share one answer.

    A subclass names the type of its answer, as in `class Score(Question[Measurement], ...)`, and
    as `solver` the function that computes it, `function(question, home) -> answer`, in the form
    "module:name". A question names the step of a checkpoint and never "the last", so that its
    answer stays true.
    """

    solver: ClassVar[str]
    queue: ClassVar[Literal["short", "long"]] = "short"  # long: takes seconds
    priority: ClassVar[int] = 0  # on its queue: higher goes first, e.g. if a person waits
    lasting: ClassVar[bool] = False  # a result of somebody's work, which is kept for longer

    @property
    def kind(self) -> str:
        """The name under which this type of question is stored."""
        return str(self.__struct_config__.tag)

    @property
    def about(self) -> str:
        """The id of the run that it asks about, or ""."""
        return str(getattr(self, "run", ""))

    def key(self) -> str:
        """24 hex digits that follow from the kind, the fields, and the code behind the answer.

        When the code changes, the key changes too, and the question is answered again.
        """
        text = f"{code_version()} {encode(self)}"
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:24]

    def read_answer(self, text: str) -> A:
        """Read the answer from its stored JSON. Raises BadRequest where it has another form."""
        return decode(text, self._answer_type())

    def _answer_type(self) -> type[A]:
        (base,) = type(self).__orig_bases__  # type: ignore[attr-defined]
        found: type[A] = get_args(base)[0]
        return found


@dataclass(frozen=True)
class Job(Generic[A]):
    """A question that was asked and, once it is done, its answer. Times are seconds since 1970."""

    id: str
    question: Question[A]
    status: str  # queued | running | done | failed
    answer: A | None
    error: str  # one sentence if the status is failed, else ""
    created: float
    ended: float | None

    @property
    def over(self) -> bool:
        """Whether the job is done or has failed."""
        return self.status in ("done", "failed")


@cache
def code_version() -> str:
    """A digest of all source and data files that answers depend on."""
    found = hashlib.sha256()
    for folder in (PACKAGE, DATA):
        for path in sorted(folder.rglob("*.*")):
            place = path.relative_to(folder.parent)
            if path.suffix in ANSWERING and place.parts[1] not in COMPUTES_NOTHING:
                found.update(place.as_posix().encode("utf-8"))
                found.update(path.read_bytes())
    return found.hexdigest()[:16]
