"""Functions that answer questions about what happens inside a model while it reads."""

from __future__ import annotations

from pathlib import Path

from tinylm.answers.loading import load_model, world_of_run
from tinylm.answers.prompts import checked
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest
from tinylm.evaluation.tasks import task as find_task
from tinylm.inside.examples import example_scores
from tinylm.inside.traces import induction_scores, inspect, nearest_others, plane, word_vectors
from tinylm.model.generate import draw_next
from tinylm.questions import inside as asked
from tinylm.questions.models import Likely
from tinylm.text.tokenizer import Tokenizer

WORDS_OF_A_KIND = 14
END = "(end of text)"
KINDS = ("countries", "animals", "foods", "jobs", "verbs")
MAX_DRAWN = 200  # most tokens that can be drawn after one prompt
MAX_PROMPT = 2_000  # most characters of a prompt


def look_inside(question: asked.Inspect, home: Path) -> asked.Inspection:
    """Odds, attention and logit lens of the prompt. Raises NotFound or BadRequest."""
    model, tokenizer, _ = load_model(home, question.run, question.step, elsewhere=True)
    return inspect(model, tokenizer, checked(question.prompt, MAX_PROMPT, "text"))


def copying(question: asked.Copying, home: Path) -> asked.CopyingHeads:
    """The induction scores by layer and head, at each step. Raises NotFound."""
    models = (
        (step, load_model(home, question.run, step, elsewhere=True)[0]) for step in question.steps
    )
    return asked.CopyingHeads(
        tuple(asked.HeadScores(step, induction_scores(model)) for step, model in models)
    )


def reading_examples(question: asked.Reading, home: Path) -> asked.ReadingHeads:
    """The attention to the examples in prompts of the task, at each step. Raises NotFound."""
    points = []
    for step in question.steps:
        model, tokenizer, config = load_model(home, question.run, step, elsewhere=True)
        task = find_task(config.corpus, question.task, home)
        points.append(asked.ExampleScores(step, *example_scores(model, tokenizer, task)))
    return asked.ReadingHeads(tuple(points))


def embedding_map(question: asked.MapOfWords, home: Path) -> asked.WordMap:
    """Places of words of the run's world at `step`, on the plane that fits the step `last` best."""
    world = world_of_run(home, question.run, question.last)
    last, tokenizer, _ = load_model(home, question.run, question.last)
    words = [(kind, word) for kind in KINDS for word in _words(world, kind, tokenizer)]
    names = [word for _, word in words]
    centre, directions = plane(word_vectors(last, tokenizer, names))
    model, _, _ = load_model(home, question.run, question.step)
    vectors = word_vectors(model, tokenizer, names)
    places = ((vectors - centre) @ directions).tolist()
    nearest = [words[place][0] for place in nearest_others(vectors)]
    return asked.WordMap(
        tuple(
            asked.PlacedWord(kind, word, round(x, 4), round(y, 4), near)
            for (kind, word), (x, y), near in zip(words, places, nearest, strict=True)
        )
    )


def draw(question: asked.Draw, home: Path) -> asked.Drawn:
    """Draw tokens one by one after the prompt, until the model ends its text.

    Raises NotFound, or BadRequest where more than MAX_DRAWN tokens are asked for or the prompt is
    longer than the context. Of what grows longer than that, the model reads the end.
    """
    if not 1 <= question.number <= MAX_DRAWN:
        raise BadRequest(f"Between 1 and {MAX_DRAWN} tokens can be drawn; got {question.number}.")
    model, tokenizer, _ = load_model(home, question.run, question.step, elsewhere=True)
    start = [tokenizer.separator, *tokenizer.encode(checked(question.prompt, MAX_PROMPT, "text"))]
    if len(start) > model.config.block_size:
        raise BadRequest(
            f"This text has {len(start) - 1} tokens; this model reads at most "
            f"{model.config.block_size - 1} at once: shorten it."
        )
    context, tokens = list(start), list[Likely]()
    odds: tuple[asked.ShiftedOdds, ...] = ()
    ended = False

    def text_of(token: int) -> str:
        return END if token == tokenizer.separator else tokenizer.token_text(token)

    while len(tokens) < question.number and not ended:
        found = draw_next(
            model,
            context,
            temperature=question.temperature,
            top_k=question.top_k,
            top_p=question.top_p,
            seed=question.seed,
        )
        ended = found.token == tokenizer.separator
        context.append(found.token)
        tokens.append(Likely(text_of(found.token), round(found.probability, 5)))
        odds = tuple(
            asked.ShiftedOdds(text_of(i), round(p, 5), round(after, 5))
            for (i, p), after in zip(found.before, found.after.values(), strict=True)
        )
    drawn = context[len(start) : len(context) - ended]
    return asked.Drawn(tuple(tokens), odds, tokenizer.decode(drawn), ended)


def _words(world: World, kind: str, tokenizer: Tokenizer) -> list[str]:
    """The WORDS_OF_A_KIND words with the fewest tokens: a word of one token has its own vector."""
    names = [
        entity.name for table in world.tables if table.name == kind for entity in table.entities
    ]
    return sorted(names, key=lambda name: len(tokenizer.encode(f" {name}")))[:WORDS_OF_A_KIND]
