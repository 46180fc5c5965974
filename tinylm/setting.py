"""A row of the table of settings: what a setting means, and which values it takes."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from tinylm.errors import BadRequest

Value = int | float | str
# What kinds of runs read a setting.
Stage = Literal["", "pretrain", "finetune", "base", "lora", "reward"]


class Setting(NamedTuple):
    """A row of the table: what one setting means, which values it takes, and where it matters."""

    label: str
    help: str
    low: float = 0  # of numbers; what a number may be at least and at most
    high: float = 100  # of a text: its most characters
    step: float | None = None  # between two numbers of an input; None: any value between
    choices: tuple[str, ...] = ()  # of a text that is one of these
    applies: Stage = ""  # "": to every run
    instead: str = ""  # how a person chooses it, where `--set` does not
    terminal: bool = False  # whether only the terminal asks for it
    page_high: float = 0  # of a number: the most that a page takes; 0: no less than the terminal
    # What follows from the field of this name:
    name: str = ""
    part: str = ""  # model, train, text, or "" for the run itself
    kind: type = str

    def of(self, config: Struct) -> Value:
        """The value of this setting in `config`."""
        value: Value = getattr(getattr(config, self.part) if self.part else config, self.name)
        return value

    @property
    def limits(self) -> str:
        """What it takes in words: `1 to 100,000`, `auto, fp32 or bf16`, `up to 200 characters`."""
        if self.choices:
            return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        if self.kind is str:
            return f"up to {self.high:,} characters"
        low, high = (f"{end:,}" if end == int(end) else f"{end:g}" for end in (self.low, self.high))
        return f"{low} to {high}"

    @property
    def on_page(self) -> Setting:
        """This setting with the limits that it has on a page."""
        return self._replace(high=self.page_high or self.high)

    def check(self, value: Value) -> None:
        """Raise BadRequest, with the limits in the sentence, for a value that is not allowed."""
        if self.choices:
            if value not in self.choices:
                known = ", ".join(self.choices)
                raise BadRequest(f"{self.name} must be one of {known}; got {value!r:.40}.")
        elif isinstance(value, str):
            if len(value) > self.high:
                raise BadRequest(
                    f"{self.name} has at most {self.high:,} characters; got {len(value):,}."
                )
        elif not self.low <= value <= self.high:  # no comparison with NaN is true
            shown = value if isinstance(value, int) else f"{value:g}"
            raise BadRequest(
                f"{self.name} must be between {self.low:g} and {self.high:g}; got {shown!s:.40}."
            )

    def parse(self, text: str) -> Value:
        """The value that a person wrote. Raises BadRequest for one that is of another kind."""
        try:
            value: Value = msgspec.convert(text, self.kind, strict=False)
        except (msgspec.ValidationError, ValueError):
            wanted = "a whole number" if self.kind is int else "a number"
            raise BadRequest(f"{self.name} takes {wanted}; got {text!r:.40}.") from None
        self.check(value)
        return value
