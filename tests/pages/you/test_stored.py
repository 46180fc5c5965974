"""The page You names every kind of answer that the lessons keep of a learner."""

from __future__ import annotations

import re
from pathlib import Path

from pages.you.stored import Stored, told

ROOT = Path(__file__).parents[3]
KEPT = re.compile(r"state\.keep_(?:answer|once)\(\s*([^,()]+(?:\([^()]*\))?)")
DONE = "parts of the lessons you have done"
# What the sentence says of an answer, by the file that keeps it and by the key in its source.
SAID = {
    ("pages/bet/game.py", "keys.BETS"): "bet",
    ("pages/bet/page.py", "keys.BET_DONE"): DONE,
    ("pages/corpus/chosen.py", "keys.LOOKED_AT_CORPUS"): DONE,
    ("pages/corpus/documents.py", "keys.LOOKED_AT_CORPUS"): DONE,
    ("pages/corpus/mine.py", "keys.LOOKED_AT_CORPUS"): DONE,
    ("pages/corpus/own_text.py", "keys.LOOKED_AT_CORPUS"): DONE,
    ("pages/corpus/reader.py", "keys.LOOKED_AT_CORPUS"): DONE,
    ("pages/explain/judging.py", "keys.STATEMENTS_KEPT"): "judged",
    ("pages/explain/own_answer.py", "EXPLANATION"): "the explanation that you wrote",
    ("pages/explain/own_answer.py", "keys.FINISHED"): DONE,
    ("pages/explain/own_answer.py", "keys.TICKED"): "ticked",
    ("pages/explain/page.py", "keys.FINISHED"): DONE,
    ("pages/inside/page.py", "keys.LOOKED_INSIDE"): DONE,
    ("pages/mixture/own.py", "key"): "the mixtures that you measured",
    ("pages/pretrain/draw_it.py", "_name(run_id)"): "drew",
    ("pages/pretrain/page.py", "keys.SEEN_TRAINED"): DONE,
    ("pages/secret/own.py", "keys.OWN"): "the secret that you typed",
    ("pages/transfer/page.py", "keys.SEEN_SAVED"): DONE,
    ("pages/transfer/page.py", "keys.TRANSFER_OPTIONS"): "what you chose for *Transfer*",
    ("ui/predict.py", 'f"{PREDICTED}{name}"'): "predicted",
    ("ui/predict.py", 'f"{SEEN}{key}"'): DONE,
}


def test_every_kind_of_answer_that_is_kept_is_named() -> None:
    found = {
        (str(path.relative_to(ROOT)), key.strip())
        for folder in ("pages", "ui")
        for path in (ROOT / folder).rglob("*.py")
        for key in KEPT.findall(path.read_text(encoding="utf-8"))
    }
    assert found == set(SAID)
    text = told(Stored(0, 0, 0, 0, 0))
    assert not [words for words in SAID.values() if words not in text]
