"""Where everything is kept: the home folder, its subfolders, and the database's address."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tinylm.errors import StorageError

ID_LETTERS = 16  # at the end of a run's id, at random: 80 bits, so that nobody guesses one
SHOWN_LETTERS = 6  # of them, where an id only tells runs apart
# Texts, worlds, mixtures and tasks that people bring, by whose names they can be read. Older ids
# of runs that learned such a task begin with its name, without the hyphen.
_BROUGHT = re.compile(
    rf"(?<![a-z0-9])((?:upload|large|made|mix|task)-?[0-9a-f]{{{SHOWN_LETTERS}}})"
    rf"[0-9a-f]{{{12 - SHOWN_LETTERS}}}(?![a-z0-9])"
)


def home_dir() -> Path:
    """The folder where everything is kept: TINYLM_HOME, or `.tinylm` in the user's home folder.

    Raises StorageError where there is no home folder, and for a name that checkpoints cannot have.
    """
    chosen = os.environ.get("TINYLM_HOME", "").strip()
    try:
        home = Path(chosen).expanduser().absolute() if chosen else Path.home() / ".tinylm"
    except (RuntimeError, OSError):
        raise StorageError(
            "This system does not know your home folder: set TINYLM_HOME to the whole path of one."
        ) from None
    if "::" in str(home):  # fsspec, which keeps checkpoints, reads this as two addresses
        raise StorageError(f"The folder {home} has '::' in its name: set TINYLM_HOME to another.")
    return home


def database_url(home: Path) -> str:
    """The database's address: TINYLM_DATABASE, or an SQLite file in `home`.

    Its password may lie in a file of its own, which TINYLM_DATABASE_PASSWORD_FILE names. Raises
    StorageError where that cannot be read.
    """
    from sqlalchemy import URL, make_url  # here: most who ask for the home need no database
    from sqlalchemy.exc import ArgumentError

    chosen = os.environ.get("TINYLM_DATABASE", "").strip()
    file = os.environ.get("TINYLM_DATABASE_PASSWORD_FILE", "").strip()
    if chosen and file:
        try:
            password = Path(file).read_text(encoding="utf-8").strip()
            return make_url(chosen).set(password=password).render_as_string(hide_password=False)
        except (OSError, UnicodeDecodeError):
            raise StorageError(
                f"The password of the database cannot be read: check that {file} is there, or "
                "leave TINYLM_DATABASE_PASSWORD_FILE away and write it into TINYLM_DATABASE."
            ) from None
        except (ArgumentError, ValueError):
            return chosen  # whoever opens it says what is wrong
    if chosen:
        return chosen
    url = URL.create("sqlite", database=(home / "tinylm.db").as_posix())
    return url.render_as_string(hide_password=False)


def runs_dir(home: Path) -> Path:
    """The folder that holds one folder for each run."""
    return home / "runs"


def run_dir(home: Path, run_id: str) -> Path:
    """The folder of one run, with its tokenizer and checkpoints."""
    return runs_dir(home) / run_id


def exports_dir(home: Path, run_id: str) -> Path:
    """Where the files that pages offer of a run lie; they go with the run."""
    return run_dir(home, run_id) / "exports"


def logs_dir(home: Path) -> Path:
    """The folder of the workers' log files."""
    return home / "logs"


def make_home(home: Path) -> None:
    """Create `home` and its folders. Raises StorageError, which says what to do."""
    try:
        for folder in (home, runs_dir(home), logs_dir(home)):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {home} cannot be made ({error.strerror or error}): set TINYLM_HOME to a "
            "folder that you may write to."
        ) from error


def shown_id(name: str) -> str:
    """The id of a run as pages show it, e.g. `world-quick-k7f3q2`: it tells runs apart, opens none.

    The name of a text, world, mixture or task that somebody brought becomes `upload-1a2b3c`.
    """
    words, hyphen, letters = name.rpartition("-")
    short = words + hyphen + letters[:SHOWN_LETTERS] if len(letters) == ID_LETTERS else name
    return without_names(short)


def without_names(text: str) -> str:
    """A text in which no name of a thing that somebody brought is whole."""
    return _BROUGHT.sub(r"\1", text)


def forget_vocabularies(home: Path) -> None:
    """Remove the vocabularies that are kept to be used again: one may hold words of a deleted text.

    They are learned again where they are needed; each run has its own.
    """
    for path in (home / "cache").glob("tokenizer-*.json"):
        path.unlink(missing_ok=True)
