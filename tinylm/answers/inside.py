"""What the page that looks into a model asks of a worker; answers are plain data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tinylm.config import RunConfig
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks import task as find_task
from tinylm.inside.examples import example_scores
from tinylm.inside.traces import induction_scores, inspect, plane, word_vectors
from tinylm.model.generate import draw_next
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import Tokenizer

Load = Callable[[int], tuple[GPT, Tokenizer, RunConfig]]  # by step of the checkpoint
Params = dict[str, Any]

WORDS_OF_A_KIND = 14
END = "(end of text)"
KINDS = ("countries", "animals", "foods", "jobs", "verbs")
MAX_DRAWN = 200  # tokens after one prompt
MAX_PROMPT = 2_000  # characters


def look_inside(params: Params, load: Load) -> dict[str, Any]:
    """`inspect` of params["prompt"] at params["step"]."""
    model, tokenizer, _ = load(int(params["step"]))
    return inspect(model, tokenizer, _prompt(params))


def copying(params: Params, load: Load) -> dict[str, Any]:
    """Induction scores by layer and head at each of params["steps"]."""
    points = []
    for step in params["steps"]:
        model, _, _ = load(int(step))
        points.append({"step": int(step), "scores": induction_scores(model)})
    return {"points": points}


def reading_examples(params: Params, load: Load, home: Path) -> dict[str, Any]:
    """`example_scores` on params["task"] at each of params["steps"]; `home` has own worlds."""
    points = []
    for step in params["steps"]:
        model, tokenizer, config = load(int(step))
        task = find_task(config.corpus, params["task"], home)
        scores = example_scores(model, tokenizer, task)
        points.append({"step": int(step)} | scores)
    return {"points": points}


def embedding_map(params: Params, load: Load, world: World) -> dict[str, Any]:
    """Where words of a world lie at params["step"], on the plane that fits params["last"] best."""
    last, tokenizer, _ = load(int(params["last"]))
    words = [(kind, word) for kind in KINDS for word in _words(world, kind, tokenizer)]
    names = [word for _, word in words]
    centre, directions = plane(word_vectors(last, tokenizer, names))
    model, _, _ = load(int(params["step"]))
    places = (word_vectors(model, tokenizer, names) - centre) @ directions
    return {
        "words": [
            {"kind": kind, "word": word, "x": round(x, 4), "y": round(y, 4)}
            for (kind, word), (x, y) in zip(words, places.tolist(), strict=True)
        ]
    }


def draw(params: Params, load: Load) -> dict[str, Any]:
    """Draw params["number"] tokens after the prompt and the tokens drawn before.

    Returns all tokens drawn so far with their probability, the odds of the last draw, and whether
    the model `ended` its text: nothing is drawn after that, where it never learned to go on.
    """
    model, tokenizer, _ = load(int(params["step"]))
    number = int(params["number"])
    if not 1 <= number <= MAX_DRAWN:
        raise BadRequest(f"Between 1 and {MAX_DRAWN} tokens can be drawn; got {number}.")
    context = [tokenizer.separator, *tokenizer.encode(_prompt(params))]
    tokens: list[dict[str, Any]] = []
    odds: list[dict[str, Any]] = []
    ended = False
    while len(tokens) < number and not ended:
        found = draw_next(
            model,
            context,
            temperature=float(params["temperature"]),
            top_k=int(params["top_k"]),
            top_p=float(params["top_p"]),
            seed=int(params["seed"]),
        )
        ended = found.token == tokenizer.separator
        context.append(found.token)
        text = END if ended else tokenizer.token_text(found.token)
        tokens.append({"text": text, "probability": round(found.probability, 5)})
        odds = [
            {
                "text": END if i == tokenizer.separator else tokenizer.token_text(i),
                "before": round(p, 5),
                "after": round(after, 5),
            }
            for (i, p), after in zip(found.before, found.after.values(), strict=True)
        ]
    drawn = context[len(context) - len(tokens) : len(context) - ended]
    return {"tokens": tokens, "odds": odds, "text": tokenizer.decode(drawn), "ended": ended}


def _words(world: World, kind: str, tokenizer: Tokenizer) -> list[str]:
    """The first words of a kind, those of fewest tokens first: a whole word has its own vector."""
    names = [
        entity.name for table in world.tables if table.name == kind for entity in table.entities
    ]
    return sorted(names, key=lambda name: len(tokenizer.encode(f" {name}")))[:WORDS_OF_A_KIND]


def _prompt(params: Params) -> str:
    prompt = str(params.get("prompt", ""))
    if len(prompt) > MAX_PROMPT:
        raise BadRequest(f"The text has {len(prompt):,} characters: at most {MAX_PROMPT:,}.")
    if "\0" in prompt:
        raise BadRequest("A text cannot hold the NUL character: remove it.")
    return prompt
