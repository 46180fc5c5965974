"""Names of compared runs are short enough for a legend."""

from __future__ import annotations

from tests.pages.test_pages import trained
from tinylm.runs.service import Service
from ui.compare import names


def test_a_legend_holds_a_short_difference_or_a_title(service: Service) -> None:
    base, seed = trained(service), trained(service, seed=3)
    many = trained(service, n_layer=2, n_embd=64, seed=4, steps=30)
    service.rename(many, "A larger one")
    runs = [service.run(one) for one in (base, seed, many, base)]
    first, *others = names(runs)
    assert first == runs[0].title
    assert others == ["seed 3", "A larger one", "the same settings"]
