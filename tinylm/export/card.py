"""The model card, README.md: what a model read, what it learned, what was measured, its limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tinylm.config import SETTINGS, ModelConfig, RunConfig
from tinylm.evaluation.tasks.base import spread
from tinylm.export.base import ExportedRun
from tinylm.home import shown_id

CURVE_LINES = 12  # a card shows a curve as a small table
WITHOUT = ("corpus", "preset", "kind", "init", "method", "parent", "task")  # the prose says these


def card(
    run: ExportedRun,
    config: RunConfig,
    shape: ModelConfig,
    num_parameters: int,
    use: str,
    front: str = "pipeline_tag: text-generation\nlibrary_name: transformers\n",
    further_limits: Sequence[str] = (),
) -> bytes:
    """README.md. `use` says in Markdown how to load the files, `front` what a model hub reads.

    `further_limits` are sentences on what the files of this format cannot do.
    """
    title = run.title or run.shown
    parts = [
        f"---\n{front}tags:\n- tinylm\n---",
        f"# {_plain(title)}",
        f"A small language model with {num_parameters:,} parameters, made with tinylm. "
        f"{_made(config)} Its run is called `{run.shown}`.",
        f"## How to load it\n\n{use.strip()}",
        f"## Settings\n\n{_table(('setting', 'value'), _settings(config, shape))}",
        _curve(run, config),
        _results(run),
        "\n- ".join((f"## Limits\n\n{_limits(shape)}", *further_limits)),
    ]
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def _made(config: RunConfig) -> str:
    corpus = _plain(shown_id(config.corpus))
    if config.kind == "pretrain":
        return f"It was pre-trained on the text *{corpus}*, and on nothing else."
    start = (
        f"It began as the run `{shown_id(config.parent)}`, which read the text *{corpus}*,"
        if config.init == "base"
        else "It began with random weights"
    )
    ways = {"lora": "low-rank adapters, merged into the weights", "reward": "rewards"}
    way = ways.get(config.method, "all weights")
    return (
        f"{start} and was then fine-tuned ({way}) on {config.num_examples:,} examples of the task "
        f"*{_plain(shown_id(config.task))}*."
    )


def _settings(config: RunConfig, shape: ModelConfig) -> list[tuple[object, ...]]:
    """The shape, and all other settings that are not as they are by default."""
    usual = RunConfig()
    shaped = RunConfig(model=shape)
    return [
        (f"{row.label} (`{name}`)", _plain(str(row.of(shaped if row.part == "model" else config))))
        for name, row in SETTINGS.items()
        if row.part == "model" or (name not in WITHOUT and row.of(config) != row.of(usual))
    ]


def _curve(run: ExportedRun, config: RunConfig) -> str:
    if not run.evals:
        return ""
    looks = spread(run.evals, CURVE_LINES - 1)
    if run.evals[-1] not in looks:
        looks.append(run.evals[-1])
    lines = [
        (one.step, f"{one.tokens_seen:,}", f"{one.loss:.4f}", f"{one.bits_per_byte:.4f}")
        for one in looks
    ]
    head = ("step", "tokens read", "val/loss (nats per token)", "val/bits_per_byte")
    text = "text" if config.kind == "pretrain" else "answers"
    return f"## Curve\n\nLosses on {text} that it did not learn from:\n\n{_table(head, lines)}"


def _results(run: ExportedRun) -> str:
    lines = [
        (
            _plain(shown_id(found.task)),
            found.num_fewshot,
            f"{found.accuracy:.3f}",
            f"{found.low:.3f} to {found.high:.3f}",
            found.n,
            f"{found.chance:.3f}",
        )
        for found in run.results
        if not found.control
    ]
    if not lines:
        return "## Results\n\nNothing was measured of this checkpoint before it was exported."
    head = ("task", "examples in the prompt", "accuracy", "95 % interval", "items", "by chance")
    return (
        "## Results\n\nOn held-out items, which stood in no training example. The interval is "
        f"Wilson's over the items of this one training.\n\n{_table(head, lines)}"
    )


def _limits(shape: ModelConfig) -> str:
    return (
        f"- It sees {shape.block_size} tokens at once. tinylm forgets the earlier half of the text "
        "when that is full; other programs go on with positions that the model was not trained "
        "on. So texts are the same up to there, and may differ after.\n"
        "- It knows its small training text and nothing else, and says wrong things as surely as "
        "right ones. It was made to learn from, and is of no use for anything that matters.\n"
        "- The character NUL separates documents and has no token of its own: leave it out."
    )


def _table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)


def _plain(text: str) -> str:
    """A text of a person in one line, in which nothing is Markdown."""
    text = " ".join(text.split())
    return "".join(f"\\{one}" if one in r"\`*_{}[]<>#|~!" else one for one in text)
