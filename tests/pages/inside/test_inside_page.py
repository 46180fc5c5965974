"""The Inside page: shaded tokens, few enough heads, inputs that stay, links from everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import plotly.graph_objects as go
import pytest
from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from pages.inside import charts as inside_charts
from pages.inside import keys
from pages.inside import surprise as surprise_text
from pages.inside.charts import MOST_HEADS, all_heads, columns_of, heads_at_once
from pages.inside.invented import about
from pages.inside.surprise import describe, shades
from pages.inside.views import appears, keenest, kinds_apart
from pages.inside.word_map import legible, word_map
from pages.inside.writing import unlikely
from tests.fake_engine import ANSWERS, INSIDE
from tests.pages.test_pages import IMAGE, Open, click, open_page, shown, trained, tuned
from tinylm.corpora.world.world import default_world
from tinylm.errors import NotFound
from tinylm.inside.source import ROOT, VIEWS, sources
from tinylm.predictions import Verdict, predictions
from tinylm.questions.inside import (
    Copying,
    CopyingHeads,
    Draw,
    Drawn,
    ExampleScores,
    HeadScores,
    Inspect,
    MapOfWords,
    PlacedWord,
    ShiftedOdds,
    WordMap,
)
from tinylm.questions.models import Likely, Score
from tinylm.questions.words import NextWhole, WholeOdds
from tinylm.runs.service import Service
from ui.charts.base import Figure
from ui.plot import unpacked
from ui.spans import by_span, each_token, each_word, most_surprising, surprise_of, worse_than_blind

__all__ = ["open_page"]  # a fixture

HOSTILE = ("", "<b>x</b>", " <script>", IMAGE)


def test_the_surprise_of_a_token_is_the_logarithm_of_its_odds() -> None:
    found = surprise_of(("", " a", "b", "c"), (0.5, 0.125, 0.0, None))
    assert [token for token, _ in found] == [" a", "b", "c"]
    assert [bits for _, bits in found] == pytest.approx([1.0, 3.0, 19.93], abs=0.01)
    assert surprise_of(("",), (None,)) == []


def test_more_surprise_is_deeper_up_to_a_limit_and_stands_in_figures_too() -> None:
    drawn = shades([("a", 0.0), ("b", 5.0), ("c", 10.0), ("d", 19.0)])
    assert [depth for _, _, depth in drawn] == [0.0, 0.3, 0.6, 0.6]
    assert [bits for _, bits, _ in drawn] == ["0.0", "5.0", "10.0", "19.0"]
    assert describe([(" a", 1.25)]) == "Surprise in bits at each token: ␣a 1.2"


def test_markup_in_a_text_is_only_ever_text() -> None:
    found = surprise_of(HOSTILE, (0.5, 0.5, 0.5, None))
    assert len(found) == 3
    script = Path(surprise_text.__file__).with_suffix(".js").read_text(encoding="utf-8")
    for word in ("innerHTML", "insertAdjacentHTML", "document.write", "outerHTML"):
        assert word not in script
    assert script.count("textContent") == 2
    assert "`" not in most_surprising([("`x`", 1.0)]).strip("`").split("`")[0]
    assert most_surprising([(" a", 1.0), (" b", 3.0)]).startswith("`b`: 3.0 bits")


def test_the_odds_of_the_greatest_surprise_fit_its_bits() -> None:
    """Before: 58.4 bits, "because odds of less than 1 in 1,048,576", which are 20 bits."""
    assert "about 1 in a number of 18 digits" in most_surprising([(" a", 58.4)])
    assert "about 1 in 3,100 " in most_surprising([(" a", 11.6)])


def test_a_surprise_greater_than_that_of_blind_guessing_is_called_so() -> None:
    spans = each_token(("", " a", " b"))
    said = worse_than_blind(spans, [(" a", 2.0), (" b", 11.6)], 2048)
    assert (
        "worse than blind guessing" in said and "all 2,048 tokens" in said and "11.0 bits" in said
    )
    assert worse_than_blind(spans, [(" a", 2.0), (" b", 11.0)], 2048) == ""
    assert worse_than_blind(each_word(("", " a", "b")), [(" ab", 21.0)], 2048) == ""


@pytest.mark.parametrize("layers", [1, 3, 4, 12])
@pytest.mark.parametrize("heads", [1, 2, 4, 5, 12, 16])
def test_a_picture_has_few_heads_and_all_are_in_some_picture(layers: int, heads: int) -> None:
    pictures = heads_at_once(layers, heads)
    assert all(0 < len(several) <= MOST_HEADS for several in pictures)
    assert [pair for several in pictures for pair in several] == [
        (layer, head) for layer in range(layers) for head in range(heads)
    ]
    row = [[1.0, 0.0], [0.5, 0.5]]
    figure = all_heads([[row] * heads] * layers, pictures[-1])
    go.Figure(figure)
    assert len(figure["data"]) == len(figure["layout"]["annotations"]) == len(pictures[-1])
    grid = figure["layout"]["grid"]
    assert grid["columns"] <= min(4, heads)
    assert grid["rows"] * grid["columns"] >= len(pictures[-1])
    assert columns_of(2) == 2


def test_many_heads_are_shown_some_at_a_time(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = replace(INSIDE, attention=((INSIDE.attention[0][0],) * 16,) * 3)
    monkeypatch.setitem(ANSWERS, Inspect, lambda asked: many)
    at = open_page("inside", run=trained(service))
    at = at.button_group[0].set_value("attention").run()
    assert not at.exception
    assert "12 of 48 at a time" in [one.label for one in at.select_slider]


def test_both_scores_of_copying_stand_beside_the_accuracy(
    open_page: Open, service: Service
) -> None:
    at = open_page("inside", run=trained(service))
    at = advanced(at, "copying")
    assert not any("induction" in label for label in plots(at))  # nothing before the prediction
    at = click(at, "both together")
    assert not at.exception
    assert "At step 0 the best head gives **10.0%** of its attention" in shown(at)
    assert "**50.0%**. Attending evenly gives 12.5%" in shown(at)
    at = click(at, "Measure the few-shot accuracy beside it")
    assert not at.exception
    assert "half of its rise at step 20" in shown(at)


def test_a_run_without_facts_is_asked_nothing_about_them(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a text of one's own there is no few-shot accuracy that could judge a prediction."""
    monkeypatch.setattr("pages.inside.copying_heads._facts", lambda run: None)
    at = advanced(open_page("inside", run=trained(service)), "copying")
    assert not at.exception
    assert "Which comes first in training?" not in shown(at)
    assert any("induction" in label for label in plots(at))


@pytest.mark.parametrize("copies", [0.01, 0.5], ids=["no head copies", "a head copies"])
def test_an_accuracy_that_never_rises_did_not_come_first(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch, copies: float
) -> None:
    score, heads = ANSWERS[Score], HeadScores
    monkeypatch.setitem(ANSWERS, Score, lambda asked: score(replace(asked, step=0)))
    monkeypatch.setitem(
        ANSWERS,
        Copying,
        lambda asked: CopyingHeads(tuple(heads(s, ((copies * (s > 0),),)) for s in asked.steps)),
    )
    monkeypatch.setattr("ui.state.learner", lambda: "ada")
    at = advanced(open_page("inside", run=trained(service)), "copying")
    at = click(at, "few-shot accuracy")
    at = click(at, "Measure the few-shot accuracy beside it")
    assert not at.exception
    assert "does not clearly rise: it goes from 2% to 2% (n = 160)" in shown(at)
    (kept,) = predictions(service.answers("ada"))
    assert kept.verdict == Verdict.UNDECIDED


def test_the_two_scores_and_the_accuracy_are_told_apart_without_colour() -> None:
    points = [HeadScores(s, ((0.1,), (0.2,))) for s in (0, 10)]
    reading = [ExampleScores(s, ((0.1,), (s / 20,)), ((0.1,), (0.1,)), 0.1, 48) for s in (0, 10)]
    figure = inside_charts.copying_curves(points, {0: 0.1}, reading)
    go.Figure(figure)
    symbols = [trace["marker"]["symbol"] for trace in figure["data"]]
    assert len(set(symbols)) == len(symbols) == 4
    assert figure["data"][2]["y"] == [0.1, 0.5]


def inputs(at: object) -> dict[str, object]:
    return {one.label: one.value for one in at.number_input}  # type: ignore[attr-defined]


def test_an_unlikely_draw_is_explained() -> None:
    """Before, the default seed wrote "The capital of France is France" without a word."""
    odds = (ShiftedOdds(" P", 0.95, 0.97), ShiftedOdds(" F", 0.045, 0.02))
    said = unlikely(Drawn((Likely(" F", 0.045),), odds, " F", False))
    assert "The likeliest was **␣P**, with 95 %" in said and "about 1 in 22 times" in said
    for token in (" P", " F"):
        assert unlikely(Drawn((Likely(token, 0.4),), odds, token, False)) == ""


def drawn(number: int, *, ended: bool = False) -> Drawn:
    """The answer where so many tokens were drawn."""
    odds = (ShiftedOdds(" a", 0.5, 0.6),)
    return Drawn((Likely(" a", 0.5),) * number, odds, " a" * number, ended)


def test_where_the_model_ends_its_text_one_goes_back_from_there(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def draw(question: Draw) -> Drawn:
        asked.append(question.number)
        return drawn(min(asked[-1], 4), ended=asked[-1] >= 4)

    monkeypatch.setitem(ANSWERS, Draw, draw)
    at = open_page("inside", run=trained(service))
    at = click(at.button_group[0].set_value("write").run(), "Ten more")
    assert "Token 4:" in shown(at) and "ended its text here" in shown(at)
    at = click(at, "One back")
    assert asked[-1] == 3
    assert "Token 3:" in shown(at) and "ended its text here" not in shown(at)


def test_inputs_are_kept_over_a_visit_to_another_page(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, Draw, lambda question: drawn(question.number))
    at = open_page("inside", run=trained(service))
    at = at.button_group[0].set_value("write").run()
    changed = {"Temperature": 1.5, "top_k (0: all)": 40, "top_p": 0.5, "Seed": 7}
    for number in at.number_input:
        number.set_value(changed[number.label])
    at = click(at.run(), "Ten more")
    assert not at.exception
    at = at.switch_page("../pages/start/page.py").run().switch_page("../pages/inside/page.py").run()
    assert inputs(at) == changed
    assert "Token 10:" in shown(at)


@pytest.mark.parametrize("page", ["pretrain", "prompts", "finetune", "transfer", "metrics"])
@pytest.mark.parametrize("kind", ["pretrain", "finetune"])
def test_every_page_that_shows_a_run_leads_inside_it(
    open_page: Open, service: Service, page: str, kind: str
) -> None:
    base = trained(service)
    run = base if kind == "pretrain" else tuned(service, base, "base")
    trained(service)
    at = open_page(page, run=run)
    links = [one.proto for one in at.get("page_link")]  # type: ignore[union-attr]
    (found,) = [link for link in links if "inside it" in link.label]
    assert found.query_string == f"run={base}"


def test_the_list_of_runs_leads_inside(open_page: Open, service: Service) -> None:
    base = trained(service)
    at = click(open_page("runs", run=base), "Look inside")
    assert not at.exception
    assert at.title[0].value == "Inside"
    assert base in at.query_params["run"]


def open_map(open_page: Open, run: str) -> AppTest:
    return open_page("inside", run=run).button_group[0].set_value("map").run()


def plots(at: AppTest) -> dict[str, Figure]:
    """The plots of a page, by what they say of themselves."""
    sent = [json.loads(one.proto.json) for one in at.get("bidi_component")]
    return {one["label"]: unpacked(one["packed"]) for one in sent if "packed" in one}


def test_the_map_shows_each_word_where_it_was_at_the_step(
    open_page: Open, service: Service
) -> None:
    run = trained(service)
    at = open_map(open_page, run)
    assert not at.exception and not at.error
    last = service.checkpoints(run)[-1]
    (label,) = plots(at)
    assert label == f"Map of 3 words at step {last}, by kind."
    countries, animals = plots(at)[label]["data"]
    assert (countries["name"], countries["text"]) == ("countries", ["Ghana", "Peru"])
    assert (animals["name"], animals["x"], animals["y"]) == ("animals", [2.0], [-2.0])
    at.session_state["inside-map-table"] = True
    table = at.run().dataframe[0].value
    assert list(table.columns) == ["kind", "word", "x", "y", "nearest"] and len(table) == 3
    at = at.select_slider[0].set_value(0).run()
    (label,) = plots(at)
    assert label == "Map of 3 words at step 0, by kind."
    figure = plots(at)[label]
    assert figure["data"][1]["x"] == [0.2]  # before training all lie close together
    assert figure["layout"]["xaxis"]["range"][1] > 2  # on the axes of the last step


def test_the_map_of_a_plain_text_says_what_to_choose(open_page: Open, service: Service) -> None:
    at = open_map(open_page, trained(service, corpus="names"))
    assert not at.exception and not at.error
    assert "words of the made world: choose a run that read it" in at.info[0].value
    assert not plots(at)


def test_a_map_that_fails_says_why_and_another_view_goes_on(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: MapOfWords) -> WordMap:
        raise NotFound("The world that this run read was deleted: choose another run.")

    monkeypatch.setitem(ANSWERS, MapOfWords, gone)
    at = open_map(open_page, trained(service))
    assert not at.exception and not plots(at)
    assert "was deleted" in at.error[0].value and len(at.error) == 1
    at = at.button_group[0].set_value("attention").run()
    assert not at.error and plots(at)


def test_a_map_is_what_plotly_reads_and_one_word_has_room_around_it() -> None:
    word = PlacedWord("countries", "<b>Ghana</b>", 1.0, 1.0, "foods")
    figure = word_map((word,))
    assert figure["layout"]["xaxis"]["range"] == [0.9, 1.1]
    assert "<" not in json.dumps(figure["data"][0]["text"])
    for one in (figure, word_map(())):
        go.Figure(one)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_leads_to_the_lines_that_compute_it(
    open_page: Open, service: Service, view: str
) -> None:
    at = open_page("inside", run=trained(service))
    wanted = sources(view)
    texts = [one.text for one in wanted]
    assert not set(texts) & {one.value for one in at.code}  # folded at first
    if view in ADVANCED:
        at = advanced(at, view)
    else:
        at = advanced(at.button_group[0].set_value(view).run(), "lines")
    assert not at.exception
    assert [one.value for one in at.code if one.language == "python"] == texts
    for one in wanted:
        assert f"`{one.path}:{one.first}-{one.last}`" in shown(at)
        lines = (ROOT / one.path).read_text(encoding="utf-8").splitlines()
        assert one.text == dedent("\n".join(lines[one.first - 1 : one.last]))


ADVANCED = ("lens", "copying", "patch")


def advanced(at: AppTest, view: str) -> AppTest:
    """The page with its advanced part open, as by a click, at one of its views."""
    at.session_state[keys.INSIDE_ADVANCED] = True
    at = at.run()
    closer = next(one for one in at.button_group if one.label == "Look closer")
    return closer.set_value(view).run()


# Words and tokens ----------------------------------------------------------------------------


def test_tokens_make_words_and_a_word_is_as_surprising_as_its_tokens_together() -> None:
    tokens = ("", "The", " cap", "ital", " of", " 1", "2", ".", "\n", "X")
    words = each_word(tokens)
    assert [one.text for one in words] == ["The", " capital", " of", " 12", ".", "\n", "X"]
    assert [(one.first, one.last) for one in words][1] == (2, 3)
    bits = [(token, 1.0) for token in tokens[1:]]
    assert by_span(words, bits)[1] == (" capital", 2.0)
    assert [one.text for one in each_token(tokens)] == list(tokens[1:])
    assert each_word(("",)) == []


def test_odds_are_of_words_until_tokens_are_asked_for_on_any_page(
    open_page: Open, service: Service
) -> None:
    at = open_page("inside", run=trained(service))
    assert "The likeliest word is **Accra**, with **60 %**; then comes Lima" in shown(at)
    assert any(label.startswith("The likeliest words: Accra 60 %") for label in plots(at))
    switch = next(one for one in at.button_group if "tokens" in one.options)
    at = switch.set_value("tokens").run()
    assert any(label.startswith("Most probable tokens after") for label in plots(at))
    at = at.switch_page("../pages/prompts/page.py").run()
    switch = next(one for one in at.button_group if "tokens" in one.options)
    assert switch.value == "tokens"


def test_an_invented_answer_is_called_one() -> None:
    world = default_world()
    asia = Likely(" Asia", 0.75)
    said = about("Atlantis lies in", asia, world)
    assert "No country *Atlantis*" in said and "**Asia** at 75 %" in said and "halluc" in said
    assert "wrong" in about("Well. France lies in", asia, world)
    assert "has learned" in about("France lies in ", Likely(" Europe", 0.9), world)
    assert "learned" in about("The capital of the Netherlands is", Likely(" Amsterdam", 1), world)
    assert about("The cow eats", asia, world) == ""
    for real in ("Turkey lies in", "Russia lies in", "The capital of South Africa is"):
        assert "leave this open" in about(real, asia, world)
    assert "leave this open" in about("Kazakhstan lies in", Likely(" Europe", 0.6), world)
    assert "has learned" in about("Kazakhstan lies in", asia, world)
    hostile = about("The capital of <b>x</b> is", asia, world)
    assert "<b>" not in hostile


def test_where_no_word_has_odds_to_show_the_page_says_so(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, NextWhole, lambda asked: WholeOdds((), 1.0))
    at = open_page("inside", run=trained(service))
    assert not at.exception and not at.error
    assert "No word stands out" in shown(at)


def test_what_to_look_for_is_said_with_a_figure() -> None:
    weights = ((1.0, 0.0, 0.0, 0.0), (0.5, 0.5, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0))
    sharp = (*weights, (0.1, 0.7, 0.1, 0.1))
    flat = (*weights, (0.7, 0.1, 0.1, 0.1))
    found = replace(INSIDE, tokens=("", "a", " b", " c"), attention=((flat, flat), (flat, sharp)))
    assert keenest(found) == (2, 2, 1)
    assert keenest(replace(found, tokens=("", "a"))) is None
    lens = ((Likely(" x", 0.2),), (Likely(" Paris", 0.3),), (Likely(" Paris", 0.9),))
    assert "from layer 1 on" in appears(replace(found, lens=lens))
    assert "with 30% there and 90% at the end" in appears(replace(found, lens=lens))


def test_no_name_on_the_map_lies_on_another_one() -> None:
    kinds = {"countries": 0.0, "foods": 0.5, "jobs": 0.52}
    words = [
        PlacedWord(kind, f"{kind}{i}", at + 0.02 * i, at + 0.01 * i, kind)
        for kind, at in kinds.items()
        for i in range(6)
    ]
    written = legible(words, (-0.1, 0.8), (-0.1, 0.8))
    assert "countries" in {word.kind for word in written}
    assert len(written) < len(words)
    apart = [PlacedWord("jobs", f"j{i}", 0.2 * i, 0.2 * i, "jobs") for i in range(5)]
    assert set(legible(apart, (-0.1, 0.9), (-0.1, 0.9))) == set(apart)


def test_what_comes_apart_is_said_with_its_figures() -> None:
    near = {"countries": ["countries"] * 4, "foods": ["foods", "jobs", "jobs", "foods"]}
    words = [PlacedWord(kind, "w", 0, 0, one) for kind, ones in near.items() for one in ones]
    said = kinds_apart(words)
    assert "**4 of 4** for countries, **2 of 4** for foods" in said
    assert "By chance it would be 43%, here it is 75%" in said
    assert "countries come apart best, and foods least" in said
    assert "best" not in kinds_apart(words[:4])


def test_the_head_that_the_text_names_is_the_one_that_is_shown(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = ((1.0, 0.0, 0.0), (0.5, 0.5, 0.0))
    sharp, flat = (*weights, (0.1, 0.8, 0.1)), (*weights, (0.8, 0.1, 0.1))
    found = replace(INSIDE, tokens=("", "a", " b"), attention=((flat, sharp), (flat, flat)))
    monkeypatch.setitem(ANSWERS, Inspect, lambda asked: found)
    at = open_page("inside", run=trained(service))
    at = at.button_group[0].set_value("attention").run()
    assert "head 2 of layer 1 looks hardest" in shown(at)
    assert inputs(at) == {"Layer": 1, "Head": 2}
    assert not at.warning
    at = at.number_input[1].set_value(1).run()
    at = click(at, "Back to head 2 of layer 1")
    assert inputs(at) == {"Layer": 1, "Head": 2} and not at.warning
