"""Files that are handed on hold no whole name of a run, text or task: whoever has one opens it."""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from pages.explain.checking import check
from pages.explain.figures import Measured
from pages.explain.sheet import Sheet
from pages.runs.taken import saved_as
from tests.own_rows import review_rows
from tinylm.answers.exports import export
from tinylm.corpora.sources.mixtures import save_mixture
from tinylm.corpora.sources.uploads import save_upload
from tinylm.elsewhere import prepared
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.template import Template
from tinylm.export import format_named, formats, write_export
from tinylm.export.takehome import again, wording
from tinylm.finetuning import finetune_config
from tinylm.home import exports_dir, shown_id
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.questions.exports import Result
from tinylm.runs.adopting import names_here
from tinylm.runs.exporting import export_question, exported_run
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow, new_run_id
from tinylm.training.checkpoints import CheckpointFolder

ADA = Viewer("ada", alone=False)
SHORT = {"steps": 2, "threads": 1}
PACKED = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")  # base64, as the weights of a page


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, RunRow, RunRow]]:
    """Ada's view of the service, her run that read her text, and one that learned her task."""
    home = tmp_path_factory.mktemp("ada")
    rows = review_rows()
    text = "\n\n".join(f"{asked}: {answer}." for asked, answer in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYLM_HOME", str(home))
        made = Service(home)
        service = made.seen_by(ADA)
        mine = service.keep_text(text.encode(), "Mine")
        task = service.keep_task(check_rows(rows), "classification", Template(), "Reviews")
        called = f"{mine.name}, tiny"  # as runs without a title were called
        base = service.run_here(preset_config("tiny", corpus=mine.name, **SHORT), called)
        config = finetune_config(base.config, base.id, task.name, 8, method="lora", **SHORT)
        tuned = service.run_here(config)
    yield service, base, tuned
    made.close()


def parts(data: bytes) -> Iterator[bytes]:
    """A file and all that is packed in it: names and contents of a zip file, deflated base64."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            for name in pack.namelist():
                yield name.encode()
                yield from parts(pack.read(name))
    for found in PACKED.findall(data):
        with suppress(zlib.error, ValueError):
            yield zlib.decompress(base64.b64decode(found))


def keys_in(secrets: Mapping[str, str], *files: bytes) -> set[str]:
    """Which of these names stand somewhere in the files, with or without their first hyphen."""
    found = [part for data in files for part in parts(data)]
    return {
        what
        for what, name in secrets.items()
        for spelled in (name.encode(), name.replace("-", "", 1).encode())
        if any(spelled in part for part in found)
    }


@pytest.fixture
def secrets(ada: tuple[Service, RunRow, RunRow]) -> dict[str, str]:
    """What nobody may read in a file."""
    _, base, tuned = ada
    return {"run": tuned.id, "base": base.id, "text": base.corpus, "task": tuned.config.task}


def test_the_files_of_a_run_open_nothing(
    ada: tuple[Service, RunRow, RunRow], secrets: dict[str, str]
) -> None:
    service, base, tuned = ada
    found = {}
    for run, formats_left in ((base, {"peft"}), (tuned, set[str]())):
        for name in {one.name for one in formats()} - formats_left:
            asked = export_question(service, run.id, 2, name, learner="ada")
            scored = Result(tuned.config.task, 0, 9, 0.5, 0.4, 0.6, 0.5)
            asked = structs.replace(asked, results=(scored,))
            made = export(asked, service.home)
            data = (exports_dir(service.home, run.id) / made.name).read_bytes()
            called = saved_as(asked, made)
            assert called == f"{shown_id(run.id)}-{name}{Path(made.name).suffix}"
            found[run.kind, name] = keys_in(secrets, data, called.encode(), *_encoded(made.files))
    assert not {what: keys for what, keys in found.items() if keys}


def _encoded(names: tuple[str, ...]) -> list[bytes]:
    return [name.encode() for name in names]


def test_the_sheet_to_print_opens_nothing(
    ada: tuple[Service, RunRow, RunRow], secrets: dict[str, str]
) -> None:
    service, *runs = ada
    for run in runs:
        known = Measured(run, service.told(run.id), {}, {})
        sheet = Sheet("", check(""), [], {}, known, date(2030, 1, 2)).html()
        assert not keys_in(secrets, sheet)
        assert shown_id(run.id).encode() in sheet


def test_commands_have_words_in_place_of_names() -> None:
    names = {"upload": "FILE", "large": "FILE", "made": "WORLD", "mix": "MIXTURE"}
    for kind, word in names.items():
        config = preset_config("tiny", corpus=f"{kind}-0123456789ab")
        assert f"train --corpus {word} --preset tiny" in again.command(config)
        assert again.stands_for(config).startswith(f", and {word} is ")
    tuned = finetune_config(config, "mix-tiny-k7f3q2mxa5bnrwte", "task-0123456789ab", 8)
    assert "finetune BASE --task TASK" in again.command(tuned)
    assert "mix-tiny-k7f3q2 in short, and TASK is" in again.stands_for(tuned)
    assert not again.stands_for(preset_config("tiny"))


def test_a_mixture_says_its_parts_by_their_short_names(home: Path) -> None:
    text = save_upload("\n\n".join(map("{} sheep.".format, range(900))).encode(), "Sheep", home)
    mixed = save_mixture({"world": 1, text.name: 1}, {}, home)
    said = wording.text_of(preset_config("tiny", corpus=mixed.name), home, {})
    assert shown_id(text.name) in said.provenance
    assert not keys_in({"text": text.name}, f"{said.title} {said.provenance}".encode())


def test_an_own_task_is_not_whole_in_the_id_of_a_run() -> None:
    config = finetune_config(preset_config("tiny"), "the-base", "task-0123456789ab", 8)
    assert new_run_id(config).startswith("task012345-base-")
    before = "task0123456789ab-base-k7f3q2mxa5bnrwte"  # as earlier versions made it
    assert shown_id(before) == "task012345-base-k7f3q2"


def test_an_export_that_comes_back_finds_its_base_text_and_task(
    ada: tuple[Service, RunRow, RunRow], tmp_path: Path
) -> None:
    service, base, tuned = ada
    write_export(format_named("hf"), exported_run(service, tuned.id, 2), tmp_path / "hf")
    for known, back in (
        (names_here(service.home, service.store), tuned.config),
        (
            (),
            structs.replace(
                tuned.config,
                corpus=shown_id(base.corpus),
                parent=shown_id(base.id),
                task=shown_id(tuned.config.task),
            ),
        ),
    ):
        with prepared(tmp_path / "hf", service.home, known) as made:
            assert made.config == back
            kept = CheckpointFolder(str(made.folder / "checkpoints")).load(2)
            assert kept.config == back
