"""A question, its key, and the job that answers it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Generic, Literal, TypeVar, get_args

import msgspec

import tinylm
from tinylm.codec import decode, encode

ROOT = Path(tinylm.__file__).resolve().parents[1]
# What no answer follows from; all else in tinylm counts, and the pages do not.
COMPUTES_NOTHING = ("cli", "export", "runs")


class Answer(msgspec.Struct, frozen=True):
    """Base of what comes back."""


A = TypeVar("A", bound=Answer, covariant=True)


class Question(msgspec.Struct, Generic[A], frozen=True, tag_field="kind"):
    """Base of what can be asked: the same fields have the same answer, shared by all who ask.

    A subclass names its answer, `class Score(Question[Measurement], ...)`, and the function that
    finds it: `solver(question, home) -> answer`, as "module:name". Steps of checkpoints are
    explicit, so that an answer never grows old.
    """

    solver: ClassVar[str]
    queue: ClassVar[Literal["short", "long"]] = "short"  # long: seconds of work, beside the runs
    priority: ClassVar[int] = 0  # on its queue; what a person waits for goes first

    @property
    def kind(self) -> str:
        """The name under which this type travels."""
        return str(self.__struct_config__.tag)

    @property
    def about(self) -> str:
        """The run that it asks about, or ""."""
        return str(getattr(self, "run", ""))

    def key(self) -> str:
        """Of the kind, the fields, and the code that computes the answer.

        Changed code therefore answers anew.
        """
        text = f"{code_version()} {encode(self)}"
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:24]

    def read_answer(self, text: str) -> A:
        """The stored answer to this question. Raises BadRequest where it has another form."""
        return decode(text, self._answer_type())

    def _answer_type(self) -> type[A]:
        (base,) = type(self).__orig_bases__  # type: ignore[attr-defined]
        found: type[A] = get_args(base)[0]
        return found


@dataclass(frozen=True)
class Job(Generic[A]):
    """A question on its way and, once done, its answer."""

    id: str
    question: Question[A]
    status: str  # queued | running | done | failed
    answer: A | None
    error: str  # one sentence, where the status is failed
    created: float
    ended: float | None

    @property
    def over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.status in ("done", "failed")


@cache
def code_version() -> str:
    """A digest of the source and the data files that answers follow from."""
    found = hashlib.sha256()
    for folder in (ROOT / "tinylm", ROOT / "data"):
        for path in sorted(folder.rglob("*.*")):
            place = path.relative_to(ROOT)
            if path.suffix in (".py", ".csv", ".json") and place.parts[1] not in COMPUTES_NOTHING:
                found.update(place.as_posix().encode("utf-8"))
                found.update(path.read_bytes())
    return found.hexdigest()[:16]
