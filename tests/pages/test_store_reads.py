"""A page asks the store a few times, however many lessons there are: a class draws thirty."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from pages.registry import LESSONS
from tests.pages.test_pages import Open, open_page, trained
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture


@pytest.mark.parametrize("page", ["inside", "prompts", "finetune", "why", "explain"])
def test_the_second_drawing_of_a_page_costs_a_handful_of_queries(
    open_page: Open, service: Service, page: str
) -> None:
    at = open_page(page, run=trained(service))
    engine, queries = service.store._db._engine, []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        queries.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        at.run()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    plans = [one for one in queries if "notes" in one]
    assert len(plans) <= 1 < len(LESSONS)
