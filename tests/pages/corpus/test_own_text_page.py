"""Files of one's own on the page: read aside, told what came out, added or let go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.corpus import keys, own_text
from tests.corpora.files.test_word import paragraph, word_file
from tinylm.corpora.registry import load
from tinylm.corpora.sources import downloads
from tinylm.corpora.sources.uploads import MIN_CHARACTERS, list_uploads, save_upload
from tinylm.runs.service import Service
from ui import reading

ROOT = Path(__file__).parents[3]
SENTENCES = [f"Sentence {n}, which says that {n} times {n} is {n * n}." for n in range(200)]
TABLE = "id,text\n" + "".join(f'{n},"{text}"\n' for n, text in enumerate(SENTENCES))


@pytest.fixture
def page(service: Service) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
    return at.switch_page("../pages/corpus/page.py").run()


def bring(at: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Choose files, and wait until they are read."""
    at = at.file_uploader[0].set_value([(name, data, "") for name, data in files]).run()
    if keys.READING in at.session_state:
        own_text.desk().look(at.session_state[keys.READING], 60)
        at = at.run()
    assert not at.exception
    return at


def button(at: AppTest, label: str) -> Any:
    return next((one for one in at.button if one.label == label), None)


def shown(at: AppTest) -> str:
    return "\n".join(str(one.value) for one in [*at.markdown, *at.text, *at.error, *at.code])


def test_a_table_is_read_by_the_column_that_is_chosen(page: AppTest, service: Service) -> None:
    at = bring(page, ("a.csv", TABLE.encode()))
    assert "200 of 200 rows" in shown(at) and "column “text”" in shown(at)
    column = next(box for box in at.selectbox if box.label == "Column that holds the text")
    assert column.value == "text"
    at = column.set_value("id").run()
    own_text.desk().look(at.session_state[keys.READING], 60)
    at = at.run()
    assert "column “id”" in shown(at)
    column = next(box for box in at.selectbox if box.label == "Column that holds the text")
    at = column.set_value("text").run()
    own_text.desk().look(at.session_state[keys.READING], 60)
    at = button(at.run(), "Add this text").click().run()
    assert not at.exception and not at.error
    (kept,) = list_uploads(service.home)
    assert kept.title == "a.csv"
    assert load(kept.name, home=service.home).train[0].text.startswith(SENTENCES[0])
    assert at.file_uploader and keys.READING not in at.session_state
    assert list(service.home.glob("reading/*/*/*")) == []


def test_a_person_says_that_the_first_row_is_no_header(page: AppTest) -> None:
    at = bring(page, ("a.csv", b"animal,sound\ncow,moo\nhen,cluck\n"))
    assert "2 of 2 rows" in shown(at)
    at = at.checkbox[0].uncheck().run()
    own_text.desk().look(at.session_state[keys.READING], 60)
    assert "3 of 3 rows" in shown(at.run())


def test_several_files_say_each_what_it_gave_and_the_good_ones_are_added(
    page: AppTest, service: Service
) -> None:
    at = bring(
        page,
        ("photo.txt", b"\xff\xd8" * 2000),
        ("a.docx", word_file("".join(map(paragraph, SENTENCES)))),
        ("b.txt", "Schöne Grüße\n".encode("latin-1")),
    )
    assert "a picture" in at.error[0].value and len(at.error) == 1
    assert "200 of 200 paragraphs" in shown(at) and "was assumed" in shown(at)
    at = button(at, "Add this text").click().run()
    assert not at.error
    (kept,) = list_uploads(service.home)
    text = "".join(one.text for one in load(kept.name, home=service.home).train)
    assert SENTENCES[0] in text
    assert kept.title == "a.docx"


def test_files_of_which_nothing_can_be_read_are_let_go(page: AppTest, service: Service) -> None:
    at = bring(page, ("photo.txt", b"\xff\xd8" * 2000))
    assert "a picture" in at.error[0].value and button(at, "Add this text") is None
    at = button(at, "Choose other files").click().run()
    assert at.file_uploader and not at.error
    at = bring(at, ("a.txt", b"too short"))
    at = button(at, "Add this text").click().run()
    assert "at least" in at.error[0].value
    assert button(at, "Choose other files") is not None  # what was read is still there
    assert list_uploads(service.home) == []


def test_reading_shows_how_far_it_is_and_can_be_cancelled(
    page: AppTest, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_text, "PATIENCE", 0.0)
    monkeypatch.setattr(own_text.desk(), "_begin", lambda *_: None)  # it never comes to an end
    at = page.file_uploader[0].set_value([("a.txt", b"text", "")]).run()
    assert "Waiting until other files are read" in at.get("progress")[0].text
    at = button(at, "Cancel").click().run()
    assert not at.exception and at.file_uploader
    assert keys.READING not in at.session_state


def test_files_that_are_not_held_any_more_are_said_and_chosen_again(page: AppTest) -> None:
    at = bring(page, ("a.txt", b"text"))
    own_text.desk().drop(at.session_state[keys.READING])
    at = at.run()
    assert "choose them again" in at.error[0].value and at.file_uploader


def test_too_many_files_are_refused_and_the_next_choice_begins_anew(page: AppTest) -> None:
    at = bring(page, *[(f"{n}.txt", b"text") for n in range(21)])
    assert "At most 20 files" in at.error[0].value
    assert at.run().file_uploader[0].value == [] and not at.run().error


def test_files_that_did_not_come_in_are_told(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "refused_files", lambda session: 3)
    at = bring(page, ("a.txt", b"text"))
    assert "3 files of those that you chose did not come in" in at.error[0].value


def test_a_known_download_brought_by_hand_is_recognised(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[bytes] = []

    def take_up(data: bytes, home: Path) -> object:
        found.append(data)
        return downloads.SOURCES["tinyshakespeare"].info

    monkeypatch.setattr(own_text, "take_up", take_up)
    at = page.file_uploader[0].set_value([("play.txt", b"the play", "")]).run()
    assert found == [b"the play"] and keys.READING not in at.session_state


def paste(at: AppTest, text: str) -> AppTest:
    return next(box for box in at.text_area if "Paste" in box.label).set_value(text).run()


def texts_of(service: Service) -> str:
    (kept,) = list_uploads(service.home)
    corpus = load(kept.name, home=service.home)
    return "\n\n".join(one.text for one in (*corpus.train, *corpus.val))


def test_the_length_that_is_needed_is_told_before(page: AppTest) -> None:
    assert "at least **2,000 characters**" in shown(page)
    at = paste(page, "Too short.")
    assert "**10 characters**: 1,990 more are needed" in shown(at) and not at.error
    assert "enough for a corpus" in shown(paste(at, "\n".join(SENTENCES)))


def test_a_text_that_is_called_enough_is_not_refused(page: AppTest, service: Service) -> None:
    """Before, the page counted spaces and line ends that a corpus does not count."""
    spaced = "    \n".join(SENTENCES)[:MIN_CHARACTERS]
    at = paste(page, spaced)
    assert len(spaced) == MIN_CHARACTERS and "more are needed" in shown(at)
    gap = " " * 500
    at = bring(paste(page, "My own words." + gap), ("a.txt", spaced.encode()))
    assert "more are needed" in shown(at)
    missing = int(shown(at).split(" more are needed")[0].split()[-1].replace(",", ""))
    more = "".join(chr(97 + n % 26) for n in range(missing))
    at = button(at, "Choose other files").click().run()
    at = bring(paste(at, f"My own words.{more}{gap}"), ("a.txt", spaced.encode()))
    assert f"**{MIN_CHARACTERS:,} characters**: enough" in shown(at)
    at = button(at, "Add this text").click().run()
    assert not at.error and len(list_uploads(service.home)) == 1


def test_pasted_text_and_files_become_one_corpus(page: AppTest, service: Service) -> None:
    at = bring(paste(page, "My own words."), ("a.csv", TABLE.encode()))
    assert "The text that you pasted" in shown(at) and "enough for a corpus" in shown(at)
    at = button(at, "Add this text").click().run()
    assert not at.exception and not at.error
    assert SENTENCES[0] in texts_of(service) and "My own words." in texts_of(service)
    said = shown(at)
    assert "This is what was taken in" in said and "200 of 200 rows" in said
    assert "The pasted text was taken in" in said
    assert [box.value for box in at.text_area] == [""]  # the next corpus does not get it again


def test_pasted_text_can_be_left_out_and_is_then_kept(page: AppTest, service: Service) -> None:
    at = bring(paste(page, "My own words."), ("a.csv", TABLE.encode()))
    box = next(one for one in at.checkbox if "same corpus" in one.label)
    at = button(box.uncheck().run(), "Add this text").click().run()
    assert not at.exception and not at.error
    assert "My own words." not in texts_of(service)
    assert "My own words." in [box.value for box in at.text_area]


def test_what_a_file_did_not_give_is_still_said_after_adding(
    page: AppTest, service: Service
) -> None:
    at = bring(page, ("photo.txt", b"\xff\xd8" * 2000), ("a.csv", TABLE.encode()))
    at = button(at, "Add this text").click().run()
    assert "photo.txt gave nothing" in shown(at) and "a picture" in shown(at)
    at = at.button(key="choose-world").click().run()
    assert "photo.txt" not in shown(at)  # another text is chosen


def test_a_pasted_text_is_added_and_said_in_passages(page: AppTest, service: Service) -> None:
    at = button(paste(page, "\n".join(SENTENCES)), "Add this text").click().run()
    assert not at.exception and not at.error
    assert "passages**. The model reads" in shown(at)
    assert [one.label for one in at.button].count("Train on this") == 2


def test_two_texts_do_not_share_one_name(service: Service) -> None:
    first, second = "\n".join(SENTENCES), "\n".join(reversed(SENTENCES))
    for text in (first, second, second):
        save_upload(text.encode(), "Poems", service.home)
    assert [one.title for one in list_uploads(service.home)] == ["Poems", "Poems (2)"]
