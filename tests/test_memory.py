"""Memory: what a run needs, what is free, and the sentence that stands between the two."""

from __future__ import annotations

import re
from pathlib import Path

import psutil
import pytest

from tests import tiny
from tinylm import memory
from tinylm.errors import BadRequest
from tinylm.memory import GB, Memory, check_memory, memory_here, memory_needed, num_parameters
from tinylm.presets import PRESETS, preset_config
from tinylm.runs.service import Service

HUGE = {"n_layer": 12, "n_head": 16, "n_embd": 512, "block_size": 512, "batch_size": 256}


@pytest.mark.parametrize("changes", [{}, {"n_layer": 3}, {"n_embd": 64}, {"n_head": 1}])
def test_the_weights_are_counted_as_the_model_has_them(changes: dict[str, int]) -> None:
    model = tiny.model(**changes)
    assert num_parameters(model.config) == model.num_parameters


def test_a_preset_needs_little_and_the_largest_settings_need_more_than_a_school_has() -> None:
    assert all(memory_needed(preset_config(name)) < 1 * GB for name in PRESETS)
    assert memory_needed(preset_config("quick", **HUGE)) > 100 * GB


@pytest.mark.parametrize(
    "changes", [{"batch_size": 64}, {"block_size": 512}, {"n_layer": 6}, {"n_embd": 512}]
)
def test_more_of_anything_needs_more(changes: dict[str, int]) -> None:
    plain, more = preset_config("quick"), preset_config("quick", **changes)
    assert memory_needed(plain) < memory_needed(more)


def test_half_the_precision_needs_less() -> None:
    whole, half = (preset_config("quick", **HUGE, precision=one) for one in ("fp32", "bf16"))
    assert memory_needed(half) < 0.6 * memory_needed(whole)


def test_a_run_that_does_not_fit_is_refused_with_the_numbers(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "memory_here", lambda: Memory(8 * GB, 4 * GB))
    config = preset_config("quick", **HUGE)
    words = re.compile(r"about \d+\.\d GB of memory, .* 4\.0 GB free of 8\.0 GB: choose a smaller")
    run = service.store.create_run(config)
    service.pause(run)
    for action in (
        lambda: service.start(config),
        lambda: service.start_pair(preset_config("tiny"), config, ("a", "b")),
        lambda: service.run_here(config),
        lambda: service.resume(run),
        lambda: service.resume_here(run),
    ):
        with pytest.raises(BadRequest, match=words):
            action()
    assert [row.id for row in service.runs()] == [run]
    check_memory(preset_config("quick", **HUGE, device="cuda"))


def test_workers_elsewhere_have_memory_of_their_own(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "memory_here", lambda: Memory(8 * GB, 0.1 * GB))
    with pytest.raises(BadRequest):
        service.check_memory(preset_config("tiny"))
    monkeypatch.setenv("TINYLM_WORKERS", "external")
    service.check_memory(preset_config("tiny"))


def group(folder: Path, names: tuple[str, str, str], limit: str, used: int, cached: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\n{names[2]} {cached}\n")


@pytest.mark.parametrize(
    ("version", "folder", "line"),
    [
        (0, "", "0::/"),
        (0, "school.slice/tinylm", "0::/school.slice/tinylm"),
        (1, "memory", "0::/"),
        (1, "memory/docker/a", "4:memory:/docker/a"),
    ],
)
def test_the_limit_of_a_container_counts(
    tmp_path: Path, version: int, folder: str, line: str
) -> None:
    own = tmp_path / "own"
    own.write_text(f"1:name=systemd:/\n{line}\n")
    group(tmp_path / folder, memory.NAMES[version], "100000", 60000, 20000)
    assert memory_here(tmp_path, own) == Memory(100000, 60000)
    group(tmp_path / folder, memory.NAMES[version], "max", 60000, 20000)
    assert memory_here(tmp_path, own).total == psutil.virtual_memory().total


def test_without_control_groups_it_is_the_machine(tmp_path: Path) -> None:
    found = memory_here(tmp_path / "none", tmp_path / "none")
    assert found.total == psutil.virtual_memory().total
    assert 0 < found.free < found.total
