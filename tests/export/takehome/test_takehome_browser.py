"""The files that people take home, opened from a disk in Chromium without a network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.elsewhere.table import random_strings
from tests import tiny
from tests.browser import running_browser
from tests.test_accessible import serious
from tinylm.config import RunConfig
from tinylm.corpora import load
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.scoring import Question, greedy
from tinylm.evaluation.tasks import taught_by
from tinylm.evaluation.tasks.base import spread
from tinylm.events import CurvePoint, EvalDone, RunStarted, Sampled
from tinylm.export.base import ExportedRun
from tinylm.export.page import model_page
from tinylm.export.report import FORMAT as REPORT
from tinylm.export.takehome.menu import QUESTIONS, SEED
from tinylm.model.generate import generate, next_token_odds
from tinylm.model.gpt import GPT
from tinylm.model.words import Unit, next_whole
from tinylm.predictions import Prediction
from tinylm.presets import preset_config
from tinylm.questions.exports import Result
from tinylm.text.tokenizer import Tokenizer, train_tokenizer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

EVIL = "<script>document.title = 'evil'</script>"
PROMPTS = (
    "The capital of",
    "Ghana -> Accra\nPeru ->",
    "Zoë naïve 日本 🗺️ e\u0301te\u0301",
    "  two\n\n\t lines ’s, it's 1234",
    "घर में \u0085\ufeffx\u2028 y",
)
TOKENS = 100


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> ExportedRun:
    """A run of the made world that somebody gave an evil title."""
    config = preset_config("tiny")
    return ExportedRun(
        folder=tmp_path_factory.mktemp("home") / "runs" / "world-tiny-abc",
        step=20,
        curve=[CurvePoint(n, 256 * n, 7 - n / 10, 0.1, 1, 9) for n in range(1, 21)],
        evals=[EvalDone(n, 256 * n, 7 - n / 10, 900 - n, 3.5, 90) for n in (0, 10, 20)],
        started=RunStarted(0, 20, 256, 30_000, 512, 9_000, 900, 3_000, 1, "fp32", "cpu"),
        title=EVIL,
        results=[Result("facts", k, 50, k / 10, 0.1, 0.9, 0.05) for k in (0, 4)],
        config=config,
        samples=[Sampled(n, "The", f" text {n} {EVIL}", 1, 0.8) for n in range(9)],
        predictions=[Prediction(f"Loss {EVIL}?", EVIL, "It **fell**.", "right")],
        explanation=f"It guesses.\n{EVIL}",
    )


@pytest.fixture(scope="module")
def loaded(trained: ExportedRun) -> tuple[GPT, Tokenizer, RunConfig]:
    tokenizer = train_tokenizer((one.text for one in load("world", 500).train), 512)
    model = tiny.awake(vocab_size=512, block_size=64)
    return model, tokenizer, trained.config


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as opened:
        yield opened


def opened(browser: Any, file: Path, data: bytes, width: int = 1280) -> Any:
    """The file in a window without a network, which notes what is asked for."""
    file.write_bytes(data)
    context = browser.new_context(viewport={"width": width, "height": 844})
    context.set_offline(True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.noted = []
    page.on("request", lambda request: page.noted.append(request.url))
    page.on("console", lambda message: page.noted.append(message.text))
    page.on("pageerror", lambda error: page.noted.append(str(error)))
    page.goto(file.as_uri())
    return page


@pytest.fixture(scope="module")
def page(
    browser: Any, trained: ExportedRun, loaded: tuple[Any, ...], tmp_path_factory: Any
) -> Iterator[Any]:
    file = tmp_path_factory.mktemp("files") / "page.html"
    window = opened(browser, file, model_page(trained, *loaded))
    window.get_by_role("button", name="Write on").wait_for()
    assert window.noted == [file.as_uri()]  # nothing else was asked for, nothing was complained of
    yield window
    window.context.close()


def fits_a_phone(page: Any) -> bool:
    page.set_viewport_size({"width": 390, "height": 844})
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= 390")
    page.set_viewport_size({"width": 1280, "height": 844})
    return wide


def in_both_schemes(page: Any) -> list[Any]:
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += serious(page)
    return found


def test_the_model_writes_there_what_it_writes_here(page: Any, loaded: tuple[Any, ...]) -> None:
    model, tokenizer, _ = loaded
    theirs = page.evaluate(
        "async (texts) => { const made = await ready;"
        " return texts.map((text) => [made.ids(text), made.greedy(text, 100)]); }",
        list(PROMPTS),
    )
    for text, (ids, written) in zip(PROMPTS, theirs, strict=True):
        assert ids == prompt_ids(tokenizer, text)
        assert written == generate(model, ids, TOKENS, temperature=0)


def test_a_model_of_another_shape_computes_the_same(
    browser: Any, trained: ExportedRun, loaded: tuple[Any, ...], tmp_path: Path
) -> None:
    _, tokenizer, config = loaded
    vocab = tokenizer.vocab_size
    model = tiny.awake(n_layer=3, n_head=4, n_embd=64, block_size=48, vocab_size=vocab)
    window = opened(browser, tmp_path / "p.html", model_page(trained, model, tokenizer, config))
    theirs = window.evaluate(
        "async (texts) => { const made = await ready;"
        " return texts.map((text) => made.greedy(text, 100)); }",
        list(PROMPTS[:3]),
    )
    ours = [generate(model, prompt_ids(tokenizer, one), TOKENS, temperature=0) for one in PROMPTS]
    assert theirs == ours[:3]
    window.context.close()


def test_any_text_has_the_same_tokens_there(page: Any, loaded: tuple[Any, ...]) -> None:
    tokenizer = loaded[1]
    texts = [one for one in random_strings(300) if "\0" not in one]
    code = "async (texts) => { const made = await ready; return texts.map((t) => made.ids(t)); }"
    assert page.evaluate(code, texts) == [prompt_ids(tokenizer, one) for one in texts]


def test_its_questions_are_answered_as_they_are_measured(
    page: Any, loaded: tuple[Any, ...], trained: ExportedRun
) -> None:
    model, tokenizer, config = loaded
    context = Context(tokenizer, model.config.block_size)
    asked = []
    for task in taught_by(config.corpus, trained.home):
        for item in spread(task.test, QUESTIONS) if task.decide == "greedy" else ():
            for k in (0, 2):
                prompt = context.few_shot_prompt(task, item, k, SEED)
                asked.append(Question(prompt.text, prompt.choices, task.after))
    answers = greedy(model, tokenizer, asked)
    found = page.evaluate(
        """async () => {
            const made = (await ready).part();
            return about.tasks.flatMap((task) => task.questions.flatMap((one) => [0, 2].map((k) => {
                const text = one.examples.slice(0, k).join("") + one.query;
                return [text, answered(made, made.ids(text), task.end, one.longest)];
            })));
        }"""
    )
    assert found == [[one.prompt, said] for one, said in zip(asked, answers, strict=True)]
    assert len(found) > 50


def test_whole_words_have_the_odds_there_that_they_have_here(
    page: Any, loaded: tuple[Any, ...]
) -> None:
    model, tokenizer, config = loaded
    texts = [one.text[: 12 + 3 * i] for i, one in enumerate(load(config.corpus, 1).val[:14])]
    texts = [*texts, *PROMPTS, ""]
    assert len(texts) == 20
    units: tuple[Unit, ...] = ("word", "answer")
    theirs = page.evaluate(
        """async ([texts, units]) => {
            const { part, ids } = await ready;
            return Promise.all(texts.flatMap((text) => units.map(async (unit) => {
                const { words } = part();
                const found = await breathing(nextWhole(words, ids(text), 6, unit), () => true);
                return [found.likely, found.rest];
            })));
        }""",
        [texts, units],
    )
    ours = [
        next_whole(model, tokenizer, prompt_ids(tokenizer, text), 6, unit)
        for text in texts
        for unit in units
    ]
    for found, (likely, rest) in zip(ours, theirs, strict=True):
        assert [chance for _, chance in likely] == pytest.approx(
            [chance for _, chance in found.likely], abs=1e-4
        )
        assert rest == pytest.approx(found.rest, abs=6e-4)
        clear = [i for i, (a, b) in enumerate(pairwise(found.likely)) if a[1] - b[1] > 2e-4]
        for i in clear:  # the first i + 1 ones are the same
            assert {one for one, _ in likely[: i + 1]} == {one for one, _ in found.likely[: i + 1]}


def test_a_learner_writes_asks_and_sees_the_odds(page: Any, loaded: tuple[Any, ...]) -> None:
    model, tokenizer, _ = loaded
    page.get_by_label("Your text").fill("The capital")
    ids = prompt_ids(tokenizer, "The capital")
    ((word, _), *_) = next_whole(model, tokenizer, ids, 6).likely
    page.get_by_text(f"The likeliest word is “{word.strip()}”").wait_for()
    page.get_by_text("The same in tokens").click()
    ((token, chance), *_) = next_token_odds(model, ids, 1)
    shown = page.locator("#tokens li").first.inner_text().split("\n")
    assert shown[0] == tokenizer.token_text(token).replace(" ", "␣").replace("\n", "⏎")
    assert abs(float(shown[-1].rstrip(" %").lstrip("< ")) / 100 - chance) < 0.006
    assert page.locator("#tokens li").count() == 9  # eight, and all others
    page.locator("#next button").first.click()
    assert page.get_by_label("Your text").input_value() == "The capital" + word
    page.get_by_role("button", name="Write on").click()
    page.get_by_text("a second on this device").wait_for()
    assert page.locator("#written").inner_text().startswith("The capital")
    page.get_by_label("Task").select_option(index=1)
    page.get_by_role("button", name="Ask it").click()
    page.get_by_text("The likeliest answer is").or_(page.get_by_text("No answer stands")).wait_for()
    assert page.locator("#answers-list li").count() >= 1
    for text, said in (
        (" ", "The box is empty"),
        ("word " * 90, "The model sees only the last 60"),
        ("ქართული", "hardly read some of these characters"),
    ):
        page.get_by_label("Your text").fill(text)
        page.get_by_text(said).wait_for()
    assert EVIL in page.locator("h1").inner_text() and "evil" not in page.title().split(EVIL)
    assert not in_both_schemes(page) and fits_a_phone(page)


def test_writing_and_asking_at_once_do_not_mix(page: Any) -> None:
    """Both draw the screen in the middle of their work, and each remembers what it has read."""

    def odds() -> list[str]:
        page.get_by_text("The likeliest answer is").or_(page.get_by_text("No answer s")).wait_for()
        found: list[str] = page.locator("#answers-list li").all_inner_texts()
        return found

    page.get_by_label("Your text").fill("The capital of")
    page.get_by_role("button", name="Ask it").click()
    alone = page.locator("#answer").inner_text(), odds()
    page.locator("#shots").dispatch_event("input")  # which takes the answers away
    slow = "let now = 0; performance.now = () => (now += 2 * BREATH);"  # draws each token
    page.evaluate(f"() => {{ {slow} byId('go').click(); byId('ask').click(); }}")
    page.get_by_text("a second on this device").wait_for()
    assert (page.locator("#answer").inner_text(), odds()) == alone
    page.evaluate("() => { delete performance.now; }")
    greedy = page.evaluate(
        """async () => {
            const { greedy, tokenizer } = await ready;
            const found = greedy("The capital of", 100);
            const end = found.indexOf(SEPARATOR);
            return tokenizer.decode(end < 0 ? found : found.slice(0, end));
        }"""
    )
    assert page.locator("#written b").text_content() == greedy


def test_the_report_opens_and_shows_what_was_typed_as_text(
    browser: Any, trained: ExportedRun, tmp_path: Path
) -> None:
    ((_, data),) = REPORT.files(trained).items()
    window = opened(browser, tmp_path / "report.html", data)
    assert window.noted == [(tmp_path / "report.html").as_uri()]
    assert window.title().startswith(EVIL)
    assert window.locator("script").count() == 0
    assert window.get_by_text(EVIL).count() >= 3
    assert window.get_by_role("img").bounding_box()["height"] > 100
    levels = window.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((h) => +h.tagName[1])")
    assert levels[0] == 1 and all(b - a <= 1 for a, b in pairwise(levels))
    assert not in_both_schemes(window) and fits_a_phone(window)
    window.context.close()


def test_a_report_of_almost_nothing_opens_too(
    browser: Any, trained: ExportedRun, tmp_path: Path
) -> None:
    bare = ExportedRun(trained.folder, 0, [], [], config=trained.config)
    ((_, data),) = REPORT.files(bare).items()
    window = opened(browser, tmp_path / "report.html", data)
    assert window.get_by_text("It has no curve yet.").is_visible()
    assert window.get_by_text("Nothing was asked of this model").is_visible()
    assert not serious(window)
    window.context.close()
