"""Bytes of a file as text: what is said, what is assumed, what is refused."""

from __future__ import annotations

import os

import pytest

from tinylm.corpora.files.encoding import decode
from tinylm.errors import BadRequest

TEXTS = {
    "cp1252": "Die größte Überraschung: Äpfel kosten fünf Euro, während Öl für Bären bleibt.\n",
    "latin-1": "L'été dernier, la fenêtre était déjà fermée; où sont les élèves français?\n",
    "cp1250": "Zażółć gęślą jaźń, a źdźbło trawy śpi pod śniegiem.\n",
    "cp1251": "Съешь ещё этих мягких французских булок, да выпей чаю.\n",
    "cp1254": "Pijamalı hasta yağız şoföre çabucak güvendi.\n",
    "cp1256": "هذا نص عربي قصير للاختبار فقط.\n",
    "gb18030": "今天天气很好，我们一起去公园散步。\n",
    "shift_jis": "今日は天気がいいので、みんなで公園へ散歩に行きましょう。\n",
    "euc_kr": "오늘은 날씨가 좋아서 함께 공원에 산책하러 갑니다.\n",
    "utf-16-le": "The small mountain follows the river.\n",
    "utf-16-be": "Съешь ещё этих мягких булок.\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_what_other_programs_write_is_read_with_a_word_on_it(encoding: str) -> None:
    found = decode((TEXTS[encoding] * 20).encode(encoding), "a.txt")
    assert found.text == TEXTS[encoding] * 20
    assert found.encoding and found.encoding in found.notes[0] and "assumed" in found.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_what_the_file_says_is_no_assumption(encoding: str) -> None:
    found = decode("one\r\ntwo 🍎\r\n".encode(encoding), "a.txt")
    assert found.text == "one\ntwo 🍎\n" and found.notes == ()


def test_a_damaged_place_is_counted_and_the_rest_is_read() -> None:
    data = "größer ".encode() * 400 + b"\xff" + "größer ".encode() * 400 + b"\xe2\x82"
    found = decode(data, "a.txt")
    assert found.text.count("größer") == 800
    assert found.notes == ("2 places fit no character of UTF-8 and stand as \ufffd.",)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
        (b"%PDF-1.4 and so on", "a PDF"),
        (b"PK\x03\x04" + os.urandom(200), "packed file"),
        (b"\0" * 4_000, "binary"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x01\x02\x03" * 500, "binary"),
        (b"text " * 500 + b"\0", "binary"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        decode(data, "a.txt")
