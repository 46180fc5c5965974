"""The odds of whole answers as bars with their words and figures, without a chart's library.

Start is the first page that anybody sees, so it must not wait for plotly.js.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.questions.models import Likely
from ui.charts.base import MODEL_LOOKS
from ui.charts.whole import percent
from ui.element import own_element

_element = own_element(__file__, "tinylm_odds", '<ol class="tinylm-odds"></ol>')


def odds(likely: Sequence[Likely], rest: float, model: str, *, key: str) -> None:
    """Draw the most probable answers of a model, "untrained" or "base", and all others together."""
    rows = [row(one.text.strip() or "(nothing)", one.probability) for one in likely]
    rows.append(row("all others", rest))
    _element(key=key, data={"colour": MODEL_LOOKS[model][0], "rows": rows})


def row(text: str, chance: float) -> dict[str, object]:
    """A bar: its words, its length from 0 to 1, and its figure."""
    return {"text": text, "chance": chance, "shown": percent(chance)}
