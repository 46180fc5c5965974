"""A page asks the store a few times, however many lessons there are: a class draws thirty."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from tests.pages.test_pages import Open, open_page, trained
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture

MOST = 40  # statements of a drawing, of which half begin a look at the store


@pytest.mark.parametrize("page", ["inside", "finetune", "why", "explain"])
def test_the_frame_of_a_page_reads_the_plan_once(
    open_page: Open, service: Service, page: str
) -> None:
    at = open_page(page, run=trained(service))
    engine, statements = service.store._db._engine, []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        at.run()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert not at.exception and not at.error
    assert sum("FROM notes" in one for one in statements) == 1
    assert len(statements) <= MOST
