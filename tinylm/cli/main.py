"""The terminal program: its commands, and what becomes of mistakes.

With `--json`, standard output has one JSON object per line: events first, the result last. Words
for people go to standard error. The exit status is 0 for success, 2 for a request that makes no
sense, and 1 for a failure; after the last two, one line says what to do. Where the reader of the
output goes away, a run goes on to its end; any other command ends, with status 1.

A new command is one file of this package, and its line in COMMANDS.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

import click
from click.shell_completion import shell_complete

from tinylm import __version__, logs
from tinylm.cli import streams
from tinylm.cli.app import app
from tinylm.cli.bench import bench
from tinylm.cli.corpora import corpora
from tinylm.cli.doctor import doctor
from tinylm.cli.experiments import experiment
from tinylm.cli.export import export
from tinylm.cli.finetune import finetune
from tinylm.cli.generate import generate
from tinylm.cli.imports import import_model
from tinylm.cli.measuring import evaluate, ladder
from tinylm.cli.runs import resume, runs
from tinylm.cli.settings import settings
from tinylm.cli.tasks import tasks
from tinylm.cli.terminal import program
from tinylm.cli.train import train
from tinylm.cli.worker import worker
from tinylm.errors import BadRequest, TinylmError
from tinylm.home import home_dir
from tinylm.openmp import share_processors
from tinylm.runs.work.explaining import explain

COMMANDS = (  # in the order in which --help lists them
    app,
    corpora,
    train,
    tasks,
    evaluate,
    ladder,
    finetune,
    generate,
    experiment,
    settings,
    export,
    import_model,
    runs,
    resume,
    bench,
    doctor,
    worker,
)
COMPLETE = "_TINYLM_COMPLETE"  # a shell sets it, and then wants words instead of a command


class InOrder(click.Group):
    """A group whose help lists the commands in their own order."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=InOrder,
    commands=COMMANDS,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="TINYLM_HOME sets the folder where runs live.",
)
@click.version_option(__version__, prog_name="tinylm")
def tinylm() -> None:
    """Train a tiny language model and measure what pre-training does for it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    streams.prepare()
    logs.begin(logging.WARNING)
    share_processors()
    try:
        if asked := os.environ.get(COMPLETE):
            return shell_complete(tinylm, {}, "tinylm", COMPLETE, asked)
        return _carry_out(sys.argv[1:] if argv is None else list(argv))
    except BrokenPipeError:  # the program that reads our output has ended
        streams.give_up(sys.stdout, sys.stderr)
        return 1
    finally:
        streams.finish()


def _carry_out(argv: list[str]) -> int:
    try:
        with tinylm.make_context(program(), argv) as context:
            return int(tinylm.invoke(context) or 0)
    except click.exceptions.Exit as ended:  # after --help and --version
        return ended.exit_code
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        status, said = 130, "Ended by Ctrl+C."
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else program()
        message = " ".join(error.format_message().split())  # lists of choices have several lines
        status, said = 2, f"{message} (See {command} --help.)"
    except Exception as error:
        status = 2 if isinstance(error, BadRequest) else 1
        said = str(error) if isinstance(error, TinylmError) else explain(error, home_dir(), "cli")
    print(f"tinylm: {said}", file=sys.stderr)
    return status
