"""A run on a text without a world ends with a verdict, and its copies are coloured."""

from __future__ import annotations

import math

import pytest

from pages.pretrain.happened import REPEATS, beginning, copied_in_words, own_parts, verdict
from tests.fake_engine import ANSWERS
from tests.pages.pretrain.test_fitting import finished
from tests.pages.test_pages import Open, open_page, shown, trained
from tests.runs_fakes import started
from tinylm.corpora.sources.mixtures import delete_mixture, save_mixture
from tinylm.corpora.sources.uploads import save_upload
from tinylm.evaluation.memorising import Copying, losses
from tinylm.evaluation.memorising import copying as copying_of
from tinylm.events import CheckpointSaved, CurvePoint, EvalDone, Event, RunEnded, Sampled, StepDone
from tinylm.presets import preset_config
from tinylm.questions.corpora import Copied, Copies, Copy
from tinylm.questions.models import Continuation, Sample
from tinylm.runs.service import Service
from ui.copies import CONCLUSIONS

__all__ = ["open_page"]  # a fixture
WRITTEN = "Speak, speak.\nWe are accounted poor citizens, the patricians good."


def read(service: Service, corpus: str, *perplexities: float, over: bool) -> str:
    """A run on a corpus with these perplexities on new text, and hardly any doubt on its own."""
    config = preset_config("tiny", corpus=corpus)
    run_id = service.store.create_run(config)
    claim = service.store.claim_run(run_id, "there:1:1")
    assert claim is not None
    told: list[Event] = [started(0, config)]
    for place, one in enumerate(perplexities):
        step = 20 * place
        told.append(EvalDone(step, 64 * step, math.log(one), one, 1.0, 900))
        told.append(Sampled(step, "", WRITTEN, 1, 0.8))
        told += [StepDone(step + n, 64 * step, 0.1, 0.01, 1.0, 9000.0) for n in range(1, 20)]
    service.store.add_events(run_id, told, claim)
    if over:
        saved = CheckpointSaved(60, "step-000060")
        service.store.add_events(run_id, [saved, RunEnded(60, "done", 2.0)], claim)
        service.store.finish_run(claim, "done")
    return run_id


@pytest.fixture
def copying(monkeypatch: pytest.MonkeyPatch) -> None:
    def search(asked: Copied) -> Copies:
        if not asked.text.startswith("Speak"):  # the held-out text
            return Copies((), 300, 0, 5000)
        texts = asked.text.count("Speak")
        end = len("Speak, speak.\nWe are accounted poor citizens")
        return Copies((Copy(0, end, 19, 0, 1),), 20 * texts, 19 * texts, 5000)

    monkeypatch.setitem(ANSWERS, Copied, search)
    monkeypatch.setitem(ANSWERS, Sample, lambda asked: Continuation(WRITTEN, 30))


def test_a_text_known_by_heart_is_called_so_with_its_figures(
    open_page: Open, service: Service, copying: None
) -> None:
    run = read(service, "python", 2000, 510, 290_000, over=True)
    at = open_page("pretrain", run=run)
    assert not at.exception
    said = shown(at)
    assert "It has learned its text by heart" in said
    assert "**1.1** pieces of words" in said and "**290,000**" in said
    assert "at its best, at step 20, it was 510" in said
    assert (
        "Of the 80 words and marks of 4 texts that it writes now, **76** (95%) stand word" in said
    )
    assert "**repeats what it read**" in said
    assert ":blue-background[Speak\\, speak\\.]" in said
    assert CONCLUSIONS[Copying.TEXTS] in said  # as Limits says it
    assert "helps most" not in said and "settings that fit the text" in said
    assert "We are accounted poor citizens" in at.code[0].value


def test_while_it_trains_it_is_said_too(open_page: Open, service: Service, copying: None) -> None:
    said = shown(open_page("pretrain", run=read(service, "python", 2000, 4000, over=False)))
    assert "So far it **learns its text by heart**" in said
    assert "among **4,000** pieces of words, no fewer than before its first step (2,000)" in said
    assert "**19 of 20**" in said


def test_copies_are_not_looked_for_in_a_made_world(open_page: Open, service: Service) -> None:
    said = shown(open_page("pretrain", run=read(service, "world", 2000, 1500, over=True)))
    assert "learned its text by heart" in said and "stand word for word" not in said


def test_a_text_of_a_few_words_is_no_witness_that_nothing_is_copied() -> None:
    """The shortest texts have tokens of a letter or two: 60 of them are 2 to 12 words."""
    evals = [EvalDone(s, s, x, math.exp(x), 1.0, 900) for s, x in ((0, 5.5), (50, 2.4))]
    found = losses([CurvePoint(50, 50, 2.3, 0.01, 1.0, 9000.0)], evals)
    assert found is not None
    few, unread = Copies((), 9, 0, 400), Copies((), 70, 0, 400)
    assert copied_in_words(few) == ""
    assert "word for word" not in verdict(found, few, unread)
    assert copying_of(few, unread) is copying_of(Copies((), 300, 0, 400), few) is None
    assert "9 of 9" in copied_in_words(Copies((Copy(0, 30, 9, 0, 1),), 9, 9, 400))


def test_a_learned_text_is_called_learned() -> None:
    evals = [EvalDone(s, s, x, math.exp(x), 1.0, 900) for s, x in ((0, 7.6), (50, 2.4))]
    found = losses([CurvePoint(50, 50, 2.3, 0.01, 1.0, 9000.0)], evals)
    assert found is not None
    said = verdict(found, Copies((), 40, 0, 5000), Copies((), 300, 0, 5000))
    assert "It has learned from its text, and not by heart" in said
    assert (
        "98% of what it gained" in said
        and "Each halving of such a number" in said
        and CONCLUSIONS[Copying.USUAL] in said
    )
    assert "would help" not in said and "helps most" not in said
    assert "Nothing in it is a copy" in copied_in_words(Copies((), 40, 0, 5000))
    # In a text made from patterns, Limits finds phrases that are repeated.
    made = verdict(found, patterns=True)
    assert "not by heart" not in made and "98% of what it gained" in made and REPEATS in made


def test_a_mixture_also_writes_in_the_words_of_the_own_text(
    open_page: Open, service: Service, copying: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n\n".join(f"The sea of {n} was calm, and {n} ships came home." for n in range(90))
    own = save_upload(text.encode(), "Sea", service.home)
    made = save_mixture({own.name: 1, "world": 1}, {}, service.home)
    monkeypatch.setitem(ANSWERS, Sample, lambda asked: Continuation(WRITTEN, 8))
    at = open_page("pretrain", run=trained(service, corpus=made.name))
    assert not at.exception
    said = shown(at)
    assert "In the words of your text" in said and "After “The sea of" in said
    assert "**19 of 20**" in said
    assert any(link.label == "**Prompt it**" for link in at.get("page_link"))
    delete_mixture(made.name, service.home)
    assert own_parts(made.name) == [] == own_parts("world")


def test_a_beginning_ends_with_a_word() -> None:
    assert beginning("Call me Ishmael.\nSome years ago") == "Call me Ishmael."
    assert beginning("a" * 60) == "a" * 20
    assert beginning("It was the best of times, it was the worst of times") == (
        "It was the best of times, it was the"
    )


def test_copies_of_each_own_text_in_a_mixture_are_looked_for_at_the_last_step(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [
        save_upload("\n\n".join(f"The {word} of {n}." for n in range(200)).encode(), word, home)
        for word, home in (("sea", service.home), ("sky", service.home))
    ]
    searched: set[str] = set()
    steps: set[int] = set()

    def write(asked: Sample) -> Continuation:
        steps.add(asked.step)
        return Continuation(WRITTEN, 8)

    def search(asked: Copied) -> Copies:
        searched.add(asked.corpus)
        return Copies((), 9, 0, 5000)

    monkeypatch.setitem(ANSWERS, Sample, write)
    monkeypatch.setitem(ANSWERS, Copied, search)
    made = save_mixture({one.name: 1 for one in own} | {"world": 1}, {}, service.home)
    run = finished(service, 4.0, 3.0, 3.5, 3.9, steps=80, corpus=made.name)
    said = shown(open_page("pretrain", run=run))
    assert "In the words of “sea”" in said and "In the words of “sky”" in said
    assert searched == {one.name for one in own} and steps == {80}
    assert "Nothing in it is a copy" not in said  # so few words tell nothing
