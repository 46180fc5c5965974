"""Each view of the Inside page names the lines that compute it, and they hold the key operation."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tinylm.inside.source import ROOT, VIEWS, sources

KEY_OPERATIONS = {
    "odds": (["model.logits(model.norm(x))"], [".softmax(dim=-1)"]),
    "attention": (["@ k.transpose", ".masked_fill(unseen, -torch.inf).softmax(dim=-1)", "@ v"],),
    "lens": (["x + self.mlp(self.mlp_norm(x))"], ["model.norm(x)"]),
    "map": (["F.normalize("], ["torch.linalg.svd("]),
    "copying": (["seen.attention", "rows, columns"],),
    "patch": (["patch.head.layer == layer", "self.model.hidden_states(ids)"], ["= patch.value"]),
    "write": (["/ temperature", ".topk(top_k)", ".softmax(dim=-1)"], ["torch.rand("]),
}


@pytest.mark.parametrize("view", VIEWS)
def test_the_lines_of_a_view_hold_its_key_operations(view: str) -> None:
    for source, operations in zip(sources(view), KEY_OPERATIONS[view], strict=True):
        assert source.text.startswith("def ")
        for operation in operations:
            assert operation in source.text


@pytest.mark.parametrize("view", VIEWS)
def test_the_lines_are_those_of_the_file(view: str) -> None:
    for source in sources(view):
        lines = (ROOT / source.path).read_text(encoding="utf-8").splitlines()
        shown = source.text.splitlines()
        assert len(shown) == source.last - source.first + 1 < 60
        for there, here in zip(lines[source.first - 1 : source.last], shown, strict=True):
            assert there.strip() == here.strip()


def test_every_view_has_its_lines_without_torch() -> None:
    code = "import sys; from tinylm.inside.source import *; [sources(v) for v in VIEWS]"
    check = f"{code}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True, timeout=60)
