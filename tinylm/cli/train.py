"""`tinylm train`: pre-trains a model on a corpus."""

from __future__ import annotations

import sys
from functools import partial

import click
from click.shell_completion import CompletionItem

from tinylm.cli.corpora import corpus_name
from tinylm.cli.options import given_settings, json_option, settings_options
from tinylm.cli.terminal import carry_out_run, take_part
from tinylm.cli.trackers import Logging, MakeTracker, log_to_option
from tinylm.config import check_applies, with_changes
from tinylm.corpora.recipes import recipe_for
from tinylm.home import home_dir
from tinylm.presets import LARGE, PRESETS, preset_config
from tinylm.runs.service import Service
from tinylm.setting import Value
from tinylm.torchrun import place


def _presets(
    _context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    known = (PRESETS | LARGE).values()
    return [CompletionItem(one.name, help=one.title) for one in known if one.name.startswith(begun)]


@click.command()
@click.option(
    "--corpus",
    default="world",
    show_default=True,
    metavar="NAME|FILE",
    help="A corpus that `corpora` lists, or a file of yours.",
)
@click.option(
    "--column", default="", metavar="NAME", help="Of a table: the column that holds the text."
)
@click.option(
    "--preset",
    default="quick",
    show_default=True,
    metavar="NAME",
    shell_complete=_presets,
    help=f"Settings chosen for a time ({', '.join(PRESETS)}) or for a size ({', '.join(LARGE)}).",
)
@click.option(
    "--recipe", is_flag=True, help="Fit the settings of the preset to the text, and say why."
)
@settings_options
@log_to_option
@json_option
def train(
    corpus: str,
    column: str,
    preset: str,
    recipe: bool,
    settings: tuple[str, ...],
    steps: Value | None,
    seed: Value | None,
    as_json: bool,
    log_to: MakeTracker | None,
) -> int:
    """Pre-train a model on a corpus."""
    if place().helps:
        return take_part()
    service = Service(home_dir())
    changes = given_settings(settings, seed=seed, steps=steps)
    config = preset_config(preset, **changes)
    check_applies(config, changes)
    name = corpus_name(corpus, service.home, column)
    config = with_changes(config, {"corpus": name})
    if recipe:
        fitted = recipe_for(name, preset, service.home)
        none = f"{name} has as much text as is asked for: the settings of the preset stay."
        print("\n".join(fitted.reasons or (none,)), file=sys.stderr)
        config = with_changes(fitted.config, changes)
    with Logging(log_to) as log:
        return carry_out_run(service, partial(service.run_here, config), as_json, log.show)
