"""`tinylm generate`: lets a run continue a text."""

from __future__ import annotations

from typing import Any

import click
from msgspec import to_builtins

from tinylm.cli.options import SEEDS, json_option, number_option, run_argument, step_option, text
from tinylm.cli.terminal import answer_here, print_json, saved_step
from tinylm.config import SETTINGS
from tinylm.home import home_dir
from tinylm.questions.models import Sample
from tinylm.runs.service import Service


@click.command()
@run_argument("The run that writes.")
@click.option("--prompt", type=text, required=True, metavar="TEXT", help="How the text begins.")
@number_option(
    "--num-tokens",
    1,
    100_000,
    default="100",
    show_default=True,
    metavar="N",
    help="How many tokens it writes.",
)
@number_option(
    "--temperature",
    0,
    100,
    float,
    default="0.8",
    show_default=True,
    metavar="X",
    help="Higher is more random; 0 takes the most probable token.",
)
@number_option(
    "--top-k",
    0,
    SETTINGS["vocab_size"].high,
    default="0",
    show_default=True,
    metavar="N",
    help="Draw from so many of the most probable tokens; 0 is all.",
)
@number_option(
    "--top-p",
    0,
    1,
    float,
    default="1",
    show_default=True,
    metavar="X",
    help="Draw from the fewest tokens that have this probability together; 1 is all.",
)
@number_option(
    "--seed",
    0,
    SEEDS,
    default="1",
    show_default=True,
    metavar="N",
    help="The same seed gives the same text.",
)
@step_option
@json_option
def generate(run: str, step: int, as_json: bool, **how: Any) -> None:
    """Let a run continue a text."""
    service = Service(home_dir())
    row = service.run(run)
    question = Sample(row.id, saved_step(service, row, step), **how)
    answer = answer_here(service, question)
    if as_json:
        print_json({"type": "result"} | to_builtins(question) | to_builtins(answer))
    else:
        print(question.prompt + answer.text)
