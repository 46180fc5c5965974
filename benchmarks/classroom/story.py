"""The learners of a class, and what the plans of docs/teaching.md ask of them."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from benchmarks.pages.session import Missing, Session, session
from tinylm.learners import new_code

TRAINED = "✅"  # stands before a run's state once it is done
LONGEST = 1800.0  # seconds that a learner waits for a run, with a whole class before it
ARRIVING = 0.4  # seconds between two arrivals
THREES, FIVES = 3, 5  # learners who do together what would take a class too long
PREDICTIONS = ("press rise", "press the one from the base")
STARTS = ("press Start training", "press Fine-tune")
RUN_ID = re.compile(rb"[a-z0-9]{1,24}(?:-[a-z0-9]{1,24}){0,2}-[a-z2-7]{6,24}")


@dataclass
class Learned:
    """One learner, what it did that has to be kept, and what was told to it."""

    number: int
    code: str
    problems: list[str] = field(default_factory=list)
    told: set[bytes] = field(default_factory=set)  # all that looked like the id of a run
    leaked: set[int] = field(default_factory=set)  # whose secret words stood on a page here
    begun: int = 0  # runs
    bet_once: bool = False
    explained: bool = False

    @property
    def secret(self) -> str:
        return f"secret{self.number:03d}words"

    @property
    def explanation(self) -> str:
        return f"{self.secret}: a model learns to predict the next token of a text."

    def read(self, frame: bytes) -> None:
        """Note whose things stand in a message."""
        self.told.update(RUN_ID.findall(frame))
        self.leaked.update(int(n) for n in re.findall(rb"secret(\d{3})words", frame))


@dataclass
class Learner(Learned):
    """A learner whose browser is a websocket client."""

    tab: Session = field(kw_only=True)
    pace: float = field(kw_only=True)
    chance: random.Random = field(kw_only=True)
    seconds: dict[str, float] = field(default_factory=dict)  # of each step, thinking included
    machine: dict[str, float] = field(default_factory=dict)  # of it, without the thinking
    thought: float = 0.0  # seconds in all
    run: str = ""

    async def think(self, least: float, most: float) -> None:
        began = time.perf_counter()
        await asyncio.sleep(self.pace * self.chance.uniform(least, most))
        self.thought += time.perf_counter() - began

    def note_run(self) -> None:
        """Keep the run that the address names, which was just started."""
        self.run = parse_qs(self.tab.query)["run"][0]


async def enter(opened: AsyncExitStack, address: str, learners: int, pace: float) -> list[Learner]:
    """So many learners, each with a session of its own; `opened` ends the sessions."""
    found = []
    for number in range(learners):
        code = new_code()
        tab = await opened.enter_async_context(session(address, code))
        one = Learner(number, code, tab=tab, pace=pace, chance=random.Random(number))
        tab.on_message = one.read
        found.append(one)
    return found


# The story ----------------------------------------------------------------------------------


async def start(one: Learner) -> None:
    """The first page: a live answer, and another number of examples."""
    await one.tab.open("start")
    await one.think(60, 120)
    await one.tab.choose("Examples before the line", "none")
    await one.think(30, 60)


async def begin(one: Learner) -> None:
    """Start a training of 20 seconds; it goes on while the next steps are done."""
    await one.tab.open("pretrain")
    await one.think(60, 90)
    await one.tab.choose("How much time", "20 seconds")
    await one.think(5, 10)
    await one.tab.press("Start training")
    one.note_run()
    await one.think(20, 40)


async def bet(one: Learner) -> None:
    """Be the model: bet on the next word, three times."""
    await one.tab.open("bet")
    await one.think(30, 60)
    for _ in range(3):
        await one.tab.slide("Chips on “", 5)
        await one.think(15, 30)
        await one.tab.press("Uncover the word")
        await one.think(20, 40)


async def corpus(one: Learner) -> None:
    """Read the text, and look for a word in it."""
    await one.tab.open("corpus")
    await one.think(60, 90)
    await one.tab.type("Look for", "capital")
    await one.think(30, 60)


async def watch(one: Learner) -> None:
    """Come back to the training, wait for its end, and look at what it wrote."""
    await one.tab.open("pretrain", run=one.run)
    await one.tab.until(lambda text: TRAINED in text, LONGEST, "the end of the training")
    await one.think(90, 150)


async def inside(one: Learner) -> None:
    """Ask the trained model for the odds after a text of one's own."""
    await one.tab.open("inside", run=one.run)
    await one.think(60, 90)
    await one.tab.type("Your text", "The capital of Spain is")
    await one.think(30, 60)


async def prompts(one: Learner) -> None:
    """Put questions with examples, and predict what more of them do."""
    await one.tab.open("prompts", run=one.run)
    await one.think(60, 90)
    for _ in range(3):
        await one.tab.press("Another question")
        await one.think(20, 40)
    await one.tab.press("rise")
    await one.think(60, 90)


async def tune(one: Learner) -> None:
    """Fine-tune the base and a model from scratch on the same labels; both go on meanwhile."""
    await one.tab.open("finetune", run=one.run)
    await one.think(60, 90)
    await one.tab.press("the one from the base")
    await one.think(5, 10)
    await one.tab.press("Fine-tune")
    await one.think(10, 20)


async def why(one: Learner) -> None:
    """Read what the next word asks of a model."""
    await one.tab.open("why", run=one.run)
    await one.think(120, 180)


async def tuned(one: Learner) -> None:
    """Come back to the fine-tuning, and wait for its end."""
    await one.tab.open("finetune", run=one.run)
    await one.tab.until(
        lambda text: text.count(TRAINED) >= 2, LONGEST, "the end of the fine-tuning"
    )
    await one.think(60, 90)


async def explain(one: Learner) -> None:
    """Say in own words what pre-training is."""
    await one.tab.open("explain")
    await one.think(180, 240)
    await one.tab.type("Your answer", one.explanation)
    await one.tab.press("Check my answer")
    await one.think(60, 90)


async def tokens(one: Learner) -> None:
    """See how a vocabulary is learned."""
    await one.tab.open("tokens")
    await one.think(120, 180)


async def fewshot(one: Learner) -> None:
    """In fives, measure all questions with 0 to 8 examples, with controls: 18 measurements."""
    await one.tab.open("prompts", run=one.run)
    await one.think(30, 60)
    if one.number % FIVES:
        return
    await one.tab.press("Run the experiment")
    await one.tab.until(
        lambda text: " of 18 measured" not in text, LONGEST, "the end of the measurements"
    )
    await one.think(120, 180)


async def metrics(one: Learner) -> None:
    """Four metrics and how each misleads: read, predict."""
    await one.tab.open("metrics", run=one.run)
    await one.think(120, 180)
    await one.tab.press("rise")
    await one.think(240, 300)


async def limits(one: Learner) -> None:
    """What it makes up, and what it knows by heart."""
    await one.tab.open("limits", run=one.run)
    await one.think(300, 420)


async def longer(one: Learner) -> None:
    """In threes, train the one-minute preset; this goes on meanwhile."""
    await one.tab.open("pretrain")
    if one.number % THREES:
        return
    await one.tab.press("Train another")
    await one.think(20, 40)
    await one.tab.choose("How much time", "1 minute")
    await one.think(10, 20)
    await one.tab.press("Start training")
    one.note_run()
    await one.think(20, 40)


async def real(one: Learner) -> None:
    """Beside real models."""
    await one.tab.open("real", run=one.run)
    await one.think(300, 420)


Step = Callable[[Learner], Awaitable[None]]
# The plans of docs/teaching.md, by their minutes, and the beginning of all of them
PLANS: dict[str, tuple[Step, ...]] = {
    "20": (start, begin, bet, corpus, watch),
    "45": (start, begin, bet, corpus, watch, inside, prompts, tune, why, tuned, explain),
    "180": (
        *(start, begin, bet, corpus, tokens, watch, inside, why),
        *(longer, prompts, metrics, watch, fewshot, tune, limits, tuned, real, explain),
    ),
}


def name_of_step(step: Step) -> str:
    """What tables call a step."""
    return str(getattr(step, "__name__", ""))


async def go(one: Learner, step: Step) -> None:
    """One step of one learner; what goes wrong is kept, and the learner goes on."""
    began, thought = time.perf_counter(), one.thought
    name = name_of_step(step)
    try:
        await step(one)
    except Missing as missing:
        one.problems.append(f"{name}: {missing}")
    seconds = time.perf_counter() - began
    one.seconds[name] = one.seconds.get(name, 0.0) + seconds
    one.machine[name] = one.machine.get(name, 0.0) + seconds - (one.thought - thought)


async def free(one: Learner, plan: Sequence[Step]) -> None:
    """The whole story at the learner's own pace."""
    await asyncio.sleep(one.number * ARRIVING)
    for step in plan:
        await go(one, step)


async def together(learners: Sequence[Learner], plan: Sequence[Step]) -> dict[str, float]:
    """The whole story, led by a teacher; returns the seconds until the last has ended each step."""
    lasted: dict[str, float] = {}
    for step in plan:
        began = time.perf_counter()
        await asyncio.gather(*(go(one, step) for one in learners))
        name = name_of_step(step)
        lasted[name] = lasted.get(name, 0.0) + time.perf_counter() - began
    return lasted
