"""Makes a small home with one of everything, by the tinylm in whose folder this is run.

    TINYLM_HOME=FOLDER PYTHONPATH=. python make_home.py

`home-0.1.0.tar.xz` is what the commit before version 5 of the store made so, packed by `tar`.
`reference.json` in it has the losses that the paused run would have had undisturbed, and what its
checkpoint answered.
"""

from __future__ import annotations

import json

from msgspec import to_builtins

from tests.own_rows import review_rows
from tinylm.answers.engine import answer
from tinylm.corpora.sources.mixtures import save_mixture
from tinylm.corpora.sources.own_worlds import save_world
from tinylm.corpora.sources.uploads import save_upload
from tinylm.corpora.world.rows import apply_edits
from tinylm.corpora.world.tables import original_tables
from tinylm.evaluation.tasks.own.rows import check_rows, kind_of
from tinylm.evaluation.tasks.own.store import save_task
from tinylm.evaluation.tasks.own.template import Template
from tinylm.events import Event, StepDone
from tinylm.export import format_named, write_export
from tinylm.home import home_dir
from tinylm.presets import preset_config
from tinylm.questions.models import NextToken
from tinylm.runs.exporting import exported_run
from tinylm.runs.service import Service

CODE = "0123456789abcdef01234567"  # of a learner; a store of version 4 has it in its rows
SETTINGS = {"n_layer": 1, "n_head": 1, "n_embd": 16, "block_size": 16, "vocab_size": 256}
SETTINGS |= {"steps": 8, "eval_interval": 4, "checkpoint_interval": 8, "threads": 1, "seed": 5}
SETTINGS |= {"precision": "fp32", "device": "cpu", "batch_size": 4}
TEXT = "\n\n".join(
    f"On day {n} the {('red', 'old', 'wet')[n % 3]} bird saw {n * n} {('nuts', 'flies')[n % 2]}."
    for n in range(80)
)


def main() -> None:
    home = home_dir()
    service = Service(home)
    text = save_upload(TEXT.encode(), "Birds", home)
    save_mixture({text.name: 1, "names": 1}, {text.name: "Birds", "names": "Names"}, home)
    animals = original_tables()["animals"]
    cells = ("wyvern", "", "reptile", "whelp", "roar", "cave", "gold", "scales")
    row = dict(zip(animals.head, cells, strict=True))
    tables = original_tables() | {"animals": apply_edits(animals, {"added_rows": [row]})}
    save_world("With a wyvern", tables, home, owner=CODE)
    checked = check_rows(review_rows(60))
    save_task(checked, kind_of(checked.labels), Template(), "Reviews", home)
    config = preset_config("tiny", corpus=text.name, **SETTINGS)
    losses: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, StepDone):
            losses.append(event.loss)

    whole = service.run_here(config, "The whole", CODE, note)
    undisturbed = list(losses)
    losses.clear()
    half = service.run_here(config, "A half", CODE, note, lambda: len(losses) >= 4)
    question = NextToken(half.id, 4, "On day", top=3)
    found = answer(question, home, threads=1)
    service.store.set_answer(CODE, "predicted/perplexity", "about 40")
    write_export(format_named("hf"), exported_run(service, half.id, 4), home / "exported")
    service.delete(whole.id)
    told = {"run": half.id, "losses": undisturbed, "tokens": to_builtins(found.tokens)}
    (home / "reference.json").write_text(json.dumps(told), "utf-8")
    service.close()


if __name__ == "__main__":
    main()
