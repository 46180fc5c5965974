"""The recipe of a corpus: made ones keep their preset, and a file is measured on a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinylm.corpora import load
from tinylm.corpora.recipes import recipe_for
from tinylm.corpora.sizes import SAMPLE, characters_per_token, size_of_file
from tinylm.corpora.sources.base import source_of
from tinylm.corpora.sources.mixtures import save_mixture
from tinylm.corpora.sources.uploads import save_upload
from tinylm.presets import preset_config
from tinylm.recipe import TextSize

SENTENCES = {
    "latin": "The {0} birds of day {1} sang {2} songs, and nobody counted the other {0}. ",
    "chinese": "第{0}天有{1}只鸟在唱歌，没有人数其他的{2}只。",
    "arabic": "في اليوم {0} غنت {1} طيور ولم يعد أحد الباقي {2}. ",
}


def text_of(language: str, characters: int) -> str:
    sentence, parts, number = SENTENCES[language], [], 0
    while sum(map(len, parts)) < characters:
        number += 1
        parts.append(sentence.format(number * 7 % 1000, number, number * number % 977))
        if not number % 9:
            parts.append("\n\n")
    return "".join(parts)


def test_made_text_keeps_the_preset(tmp_path: Path) -> None:
    mixture = save_mixture({"world": 1, "names": 1}, {}, tmp_path).name
    for name in ("world", mixture):
        found = recipe_for(name, "quick", tmp_path)
        assert found.config == preset_config("quick", corpus=name) and not found.reasons


@pytest.mark.parametrize("language", SENTENCES)
def test_the_size_of_a_file_is_known_without_reading_it_all(language: str, tmp_path: Path) -> None:
    text = text_of(language, 6 * SAMPLE)
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    size = size_of_file(path, None, 0.9)
    assert size.characters == pytest.approx(0.9 * len(text), rel=0.02)
    whole = TextSize(size.characters, characters_per_token(text))
    for vocabulary in (256, 512, 1024):
        assert size.tokens(vocabulary) == pytest.approx(whole.tokens(vocabulary), rel=0.2)


def test_the_recipe_of_an_upload_counts_what_is_read(tmp_path: Path) -> None:
    name = save_upload(text_of("latin", 20_000).encode(), "mine", tmp_path).name
    found = recipe_for(name, "quick", tmp_path)
    read = sum(len(one.text) for one in load(name, home=tmp_path).train)
    said = int(found.reasons[0].split(" ")[0].replace(",", ""))
    assert said == pytest.approx(read, rel=0.05)
    assert found.config.corpus == name and found.config.preset == "quick"


def test_a_mixture_of_texts_is_fitted_to_all_of_them_together(tmp_path: Path) -> None:
    """Its documents are as many as are asked for, but they are the same again and again."""
    names = [
        save_upload(text_of(one, 20_000).encode(), one, tmp_path).name
        for one in ("latin", "arabic")
    ]
    mixture = save_mixture(dict.fromkeys(names, 1.0), {}, tmp_path).name
    found = recipe_for(mixture, "quick", tmp_path)
    assert found.fits_the_text and found.reasons and found.config.train.patience
    both, *alone = (
        one.train.steps * one.tokens_per_step
        for one in (recipe_for(name, "quick", tmp_path).config for name in (mixture, *names))
    )
    assert max(alone) < both < sum(alone)
    size, parts = (
        [source_of(one).size(one, tmp_path) for one in group] for group in ([mixture], names)
    )
    assert size[0] is not None
    assert size[0].characters == sum(one.characters for one in parts if one)
    assert size[0].tokens(512) == pytest.approx(sum(one.tokens(512) for one in parts if one), 0.01)


def test_a_text_that_comes_with_python_has_a_recipe_too(tmp_path: Path) -> None:
    assert recipe_for("python", "full", tmp_path).reasons
