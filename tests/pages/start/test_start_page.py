"""The path through the lessons: all of them, in order, and how far this learner is."""

from __future__ import annotations

from typing import Any

import pytest

from pages.registry import LESSONS, next_lesson
from pages.start.film import whole
from tests.pages.test_pages import Open, open_page, shown, trained
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.recorded import Walk, minutes_of, recording, walks
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id
from ui.lesson import Progress

__all__ = ["open_page"]  # a fixture


def links(at: Any) -> list[str]:
    return [str(one.proto.label) for one in at.get("page_link")]


def test_the_path_names_every_lesson_of_the_navigation_in_its_order(open_page: Open) -> None:
    at = open_page("start")
    assert not at.exception
    first, *others = [f"**{n}. {one.title}**" for n, one in enumerate(LESSONS, start=1)]
    assert links(at) == [f"{first} · next", *others, "Go deeper: **Experiments**"]
    assert f"0 of {len(LESSONS)} lessons done" in at.get("progress")[0].proto.text  # type: ignore[union-attr]


def test_a_first_visit_says_where_each_button_leads_and_how_long_the_path_is(
    open_page: Open,
) -> None:
    at = open_page("start")
    labels = [one.label for one in at.button]
    assert labels[:2] == ["Make this yourself, one minute →", "Begin with the first lesson →"]
    text = shown(at)
    place = [one.name for one in LESSONS].index("pretrain") + 1
    assert f"skips ahead to lesson {place}" in text
    names = [one.name for one in LESSONS]
    for some in (names, ["bet", "pretrain", "prompts", "finetune"]):
        assert f"about **{sum(minutes_of(name) or 0 for name in some)} minutes**" in text


def test_what_is_done_is_said_in_words_and_counted(open_page: Open, service: Service) -> None:
    base = trained(service)
    assert "0 of" in open_page("start").get("progress")[0].proto.text  # type: ignore[union-attr]
    open_page("pretrain", run=base)
    open_page("inside", run=base)
    at = open_page("start")
    said = links(at)[:9]
    assert [label.partition(" · ")[2] for label in said if " · " in label] == [
        "done",
        "1 of 4 parts · next",
    ]
    assert f"1 of {len(LESSONS)} lessons done" in at.get("progress")[0].proto.text  # type: ignore[union-attr]
    following = [one.name for one in LESSONS].index("inside")
    assert at.button[0].label == f"{LESSONS[following].go} →"


def test_the_last_runs_can_be_looked_into(open_page: Open, service: Service) -> None:
    base = trained(service)
    found = [one for one in open_page("start").get("page_link") if "inside it" in one.proto.label]
    assert [one.proto.query_string for one in found] == [f"run={base}"]


def test_where_all_is_done_the_learners_own_figures_end_the_way_and_no_lesson_is_offered(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: "ada")
    base = service.seen_by(Viewer("ada")).start(preset_config("tiny"))
    monkeypatch.setattr("pages.progress.progress_of", lambda _: [Progress(1)] * len(LESSONS))
    at = open_page("start")
    assert not [one for one in at.button if one.label.endswith("→")]
    for page in ("start", "explain"):
        at = open_page(page)
        assert not at.exception and not at.error
        text = shown(at)
        assert "You have gone the whole way" in text
        assert shown_id(base) in text and "parameters, read" in text.replace("\\", "")
        assert [one.label for one in at.get("download_button")].count("Download the sheet") == 1
        (bar,) = at.sidebar.get("progress")
        assert f"{len(LESSONS)} of {len(LESSONS)} lessons" in bar.proto.text  # type: ignore[union-attr]


def test_every_page_shows_the_progress_beside_it(open_page: Open, service: Service) -> None:
    open_page("pretrain", run=trained(service))
    for page in ("start", "corpus", "runs"):
        (bar,) = open_page(page).sidebar.get("progress")
        assert f"1 of {len(LESSONS)} lessons done" in bar.proto.text  # type: ignore[union-attr]


def test_a_lesson_that_is_finished_by_drawing_it_gets_its_sign_at_once(
    open_page: Open, service: Service
) -> None:
    at = open_page("pretrain", run=trained(service))
    (bar,) = at.sidebar.get("progress")
    assert f"1 of {len(LESSONS)} lessons done" in bar.proto.text  # type: ignore[union-attr]


def test_the_minutes_of_a_lesson_come_from_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk("2026-01-01", "a test", {"bet": 3.2})
    monkeypatch.setattr(
        "tinylm.recorded.walks", lambda: (walk, Walk("2026-01-02", "", {"bet": 4.6}))
    )
    assert minutes_of("bet") == 4
    assert minutes_of("tokens") is None


def test_walks_name_lessons_that_there_are() -> None:
    names = {lesson.name for lesson in LESSONS}
    assert all(set(walk.minutes) <= names for walk in walks())


@pytest.mark.parametrize(
    ("done", "ahead"),
    [("0000", 0), ("1000", 1), ("1010", 3), ("1011", 1), ("0001", 0), ("1111", None)],
)
def test_the_way_goes_on_after_the_last_lesson_done_then_back_to_what_was_left_out(
    done: str, ahead: int | None
) -> None:
    assert next_lesson([one == "1" for one in done]) == ahead


def test_a_sample_of_the_film_ends_where_a_sentence_or_a_line_does() -> None:
    assert whole(" Paris. It is old. In it live") == " Paris. It is old."
    assert whole(" Lome\nPeru -> Lima\nEl Sal") == " Lome\nPeru -> Lima"
    assert whole("One. and then a long way to no end") == "One. and then a long way to no end …"
    assert whole("xqz") == "xqz …"
    assert whole("ab " * 100) == "ab " * 45 + "ab …"
    for look in recording().looks:
        text = whole(look.text)
        assert text[-1] in ".!?…" or look.text.startswith(f"{text}\n")
