"""llama.cpp, asked for ids, greedy texts and log-probabilities of a GGUF file.

It is the prebuilt one of the npm package node-llama-cpp. Install it in any folder, with
`npm install --ignore-scripts node-llama-cpp@3.21.1`, and name that folder in TINYLM_LLAMA.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tinylm.errors import BadRequest

FOLDER = "TINYLM_LLAMA"
SCRIPT = Path(__file__).with_name("llama.mjs")


@dataclass(frozen=True)
class Greedy:
    """A prompt to continue with the most probable tokens, up to `count` or before a stop."""

    ids: list[int]
    count: int
    stops: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Answers:
    """What llama.cpp says, in the order of the requests."""

    ids: list[list[int]]
    greedy: list[list[int]]
    likely: list[list[float]]  # of each id after the first, in nats


def there() -> bool:
    """Whether llama.cpp can be asked here."""
    folder = os.environ.get(FOLDER, "")
    return bool(shutil.which("node") and folder and Path(folder, "node_modules").is_dir())


def ask(
    model: Path,
    size: int,
    *,
    texts: Sequence[str] = (),
    greedy: Sequence[Greedy] = (),
    likely: Sequence[Sequence[int]] = (),
) -> Answers:
    """Load the file once, with a context of `size` tokens, and answer all requests.

    Raises BadRequest where llama.cpp is missing or refuses the file.
    """
    if not there():
        raise BadRequest(
            "llama.cpp is missing: run `npm install --ignore-scripts node-llama-cpp@3.21.1` in a "
            f"folder, and name that folder in {FOLDER}."
        )
    with tempfile.TemporaryDirectory() as folder:
        questions, answers = Path(folder, "questions.json"), Path(folder, "answers.json")
        asked = {"model": str(model), "size": size, "texts": list(texts)}
        asked |= {"greedy": [asdict(one) for one in greedy], "likely": [list(o) for o in likely]}
        questions.write_text(json.dumps(asked))
        command = ["node", str(SCRIPT), os.environ[FOLDER], str(questions), str(answers)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode or not answers.exists():
            raise BadRequest(f"llama.cpp refuses {model.name}: {done.stderr.strip()[-300:]}")
        return Answers(**json.loads(answers.read_text()))
