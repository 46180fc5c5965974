"""The lesson that looks into a model at any step of its training."""

from collections.abc import Mapping

from pages.inside import keys
from ui.lesson import Lesson


def views_seen(answers: Mapping[str, object]) -> list[bool]:
    """Whether each view was seen; earlier versions kept only that one of them was."""
    seen = answers.get(keys.LOOKED_INSIDE)
    names = seen if isinstance(seen, list) else [keys.VIEWS[0]] if seen else []
    return [view in names for view in keys.VIEWS]


LESSON = Lesson(
    "inside",
    "🔬",
    "Inside",
    "Any step of the training again: the odds, where it looks, what each layer knows.",
    "Look inside it",
    parts=views_seen,
)
