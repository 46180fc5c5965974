"""A class on one server: what one learner has stands on no page of another one."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from streamlit.runtime.state import QueryParamsProxy
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from pages.mixture.keys import SCORE
from pages.mixture.own import Score
from pages.registry import EXPERIMENTS, LESSONS, TOOLS
from pages.you.stored import who_sees
from tests.fake_engine import FakeEngine
from tests.own_rows import review_rows
from tests.pages.test_elsewhere import foreign
from tests.pages.test_pages import click, shown
from tinylm.corpora.world.tables import original_tables
from tinylm.errors import Forbidden
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.template import Template
from tinylm.experiments.registry import experiment
from tinylm.finetuning import finetune_config
from tinylm.learners import Viewer, name_of, new_code
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id
from ui import state

__all__ = ["foreign"]  # a fixture

ROOT = Path(__file__).parents[2]
PAGES = ["start", *(one.name for one in (*LESSONS, *EXPERIMENTS)), *TOOLS]
CHANGING = ("Pause", "Stop", "Resume", "One step", "Rename", "Delete", "Make the zip file")
PRESSES = 60  # buttons that a page may have
CORPORA = ("text", "mixture", "world")
BITS = 0.123  # of a mixture of Ada's
CODE = new_code()
ADA, BOB = Viewer("ada", alone=False), Viewer(name_of(CODE), alone=False)
ROWS = review_rows()
TEXT = "\n".join(f"{asked}: {answer}." for asked, answer in ROWS).encode()
# What Ada has, by what it is: how it is called, and whose titles its address shows besides.
TITLES = {
    "run": "Zebulon first run",
    "tuned": "Zebulon pupil",
    "trial": "Zebulon trial",
    "waits": "Zebulon patience",
    "text": "Zebulon diary",
    "mixture": "Zebulon mixture",
    "world": "Zebulon dragons",
    "task": "Zebulon reviews",
    "on_text": "Zebulon reader",
    "on_mixture": "Zebulon blend",
    "on_world": "Zebulon rider",
    "on_task": "Zebulon critic",
}
SHOWS: dict[str, tuple[str, ...]] = {
    "tuned": ("run",),
    "mixture": ("text",),
    "on_text": ("text",),
    "on_mixture": ("mixture", "text"),
    "on_world": ("world",),
    "on_task": ("run", "task"),
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A home in which Ada has all kinds of things, and their names; each test gets a copy."""
    home = tmp_path_factory.mktemp("prepared")
    service = Service(
        home, url=f"sqlite:///{home / 'tinylm.db'}", engine=FakeEngine(), immediate=True
    )
    found = all_of(service.seen_by(ADA))
    service.close()
    return home, found


@pytest.fixture
def home(
    prepared: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    folder = tmp_path / "home"
    shutil.copytree(prepared[0], folder)
    monkeypatch.setenv("TINYLM_HOME", str(folder))
    return folder


@pytest.fixture
def bobs_page(service: Service, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app as Bob's browser shows it, on a server for many learners."""
    monkeypatch.setenv("TINYLM_LEARNERS", "many")
    monkeypatch.setattr("ui.viewing.code", lambda: CODE)
    return AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)


@pytest.fixture
def adas(prepared: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """Everything that Ada has, by what it is: the names and titles that nobody else may see."""
    return prepared[1]


def all_of(ada: Service) -> dict[str, str]:
    """Make everything that Ada has; returns the names by what it is."""
    plain, sheets = preset_config("tiny"), experiment("sheets")
    base = ada.start(plain, TITLES["run"])
    tables = original_tables()
    animals = tables["animals"]
    rows = [*animals.rows, ["dragon", *animals.rows[0][1:]]]
    text = ada.keep_text(TEXT, TITLES["text"]).name
    own = {
        "text": text,
        "mixture": ada.keep_mixture({text: 1, "world": 1}, {}, TITLES["mixture"]).name,
        "world": ada.keep_world(
            TITLES["world"], tables | {"animals": animals.with_rows(rows)}
        ).name,
        "task": ada.keep_task(check_rows(ROWS), "classification", Template(), TITLES["task"]).name,
    }
    configs = {
        "tuned": finetune_config(plain, base, "questions", 8, "base"),
        "trial": sheets.config(sheets.arms[0], 5),
        "on_task": finetune_config(plain, base, own["task"], 8, "base"),
        **{f"on_{one}": preset_config("tiny", corpus=own[one]) for one in CORPORA},
    }
    runs = {name: ada.start(config, TITLES[name]) for name, config in configs.items()}
    waits = ada.store.create_run(plain, TITLES["waits"], owner=ADA.name)  # for a worker
    found = {"run": base, "waits": waits, **own, **runs}
    score = Score({"prose": 0.8}, 11, BITS, 0.45, 1)
    ada.set_answer(ADA.name, f"{SCORE}1", msgspec.to_builtins(score))
    ada.set_answer(ADA.name, "explain_answer", "Zebulon words")
    ada.note_visit("start")
    ada.call_me("Zebulon name")
    return found


def drawn(at: AppTest) -> str:
    """Everything that a page sends to the browser, as text."""

    def parts(node: Any) -> Iterator[str]:
        if (proto := getattr(node, "proto", None)) is not None:
            yield str(proto)
        if isinstance(node, Block):
            for child in node.children.values():
                yield from parts(child)

    return "\n".join(part for root in at._tree.children.values() for part in parts(root))


def path_of(page: str) -> str:
    return f"../pages/{page}/page.py"


def test_no_page_shows_anything_of_somebody_else(
    bobs_page: AppTest, service: Service, adas: dict[str, str]
) -> None:
    secrets = {*map(shown_id, adas.values()), "Zebulon", ADA.name + '"'}
    bob = service.seen_by(BOB)
    at = bobs_page.run()
    for bobs_runs in (0, 1):
        for page in PAGES:
            at = at.switch_page(path_of(page)).run()
            assert not at.exception and not at.error, (page, at.error)
            text = drawn(at)
            assert at.title[0].value
            found = [one for one in secrets if one in text]
            assert not found, f"with {bobs_runs} own runs, {page} shows {found}"
        if not bobs_runs:
            bob.start(preset_config("tiny", seed=9), "Barnabas own")
    assert "Barnabas own" in drawn(at.switch_page(path_of("runs")).run())


def test_the_same_pages_show_all_of_it_to_whoever_is_alone(
    bobs_page: AppTest, adas: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_LEARNERS", "one")
    at = bobs_page.run()
    pages = {
        one: drawn(at.switch_page(path_of(one)).run()) for one in ("runs", "corpus", "own_task")
    }
    assert "Zebulon first run" in pages["runs"]
    for own in ("text", "mixture", "world"):
        assert adas[own] in pages["corpus"]
    assert "Tasks on this machine (1)" in pages["own_task"]


@pytest.mark.parametrize("page", ["pretrain", "inside", "prompts", "finetune", "metrics"])
def test_a_link_to_a_run_of_somebody_else_shows_it_and_lets_nobody_change_it(
    bobs_page: AppTest, service: Service, adas: dict[str, str], page: str
) -> None:
    bobs_page.query_params["run"] = adas["run"]
    at = bobs_page.run()
    at.query_params["run"] = adas["run"]
    at = at.switch_page(path_of(page)).run()
    assert not at.exception and not at.error
    assert "This run belongs to somebody else: you can look at it" in shown(at)
    assert "Zebulon first run" in drawn(at)
    assert not [one.label for one in at.button if one.label in CHANGING]


def everything(service: Service) -> list[object]:
    """All that Ada has, as the store tells it."""
    ada = service.seen_by(ADA)
    runs = [(one.id, one.title, one.status, one.wish) for one in ada.runs(None, 99, None)]
    trials = [(one.id, one.title, one.status) for one in ada.runs(None, 99, "sheets")]
    kept = [(name, one.title) for name, one in sorted(ada.corpora().items())]
    tasks = [(one.name, one.title) for one in ada.own_tasks()]
    return [runs, trials, kept, tasks, ada.answers(ADA.name), ada.me()]


# What an address can name (ui/state.py), and the things of Ada's that it then names.
THINGS: dict[str, tuple[str, ...]] = {
    state.RUN: ("run", "waits", "tuned", "trial", "on_text", "on_mixture", "on_world", "on_task"),
    state.BESIDE: ("run", "on_text", "on_task"),
    state.CORPUS: CORPORA,
    state.TASK: ("task",),
    state.ELSEWHERE: ("run",),  # none: it was trained here
}
ADDRESS_NAMES = {name for name, value in vars(state).items() if name.isupper() and value in THINGS}
HARMLESS = {"plan", "preset", "set"}  # settings, which name nobody's things


def names_in(tree: ast.AST) -> set[str]:
    return {
        one.id if isinstance(one, ast.Name) else one.attr
        for one in ast.walk(tree)
        if isinstance(one, ast.Name | ast.Attribute)
    }


def read_in(tree: ast.AST) -> set[str]:
    """The parameters that are read here, as in `asked = st.query_params.get(RUN, "")`.

    All else that is done with the address compares it or writes it.
    """
    given = [names_in(one.value) for one in ast.walk(tree) if isinstance(one, ast.Assign)]
    found = {name for names in given if "query_params" in names for name in names & ADDRESS_NAMES}
    return {str(getattr(state, name)) for name in found}


@cache
def functions_of_ui() -> dict[str, tuple[set[str], set[str]]]:
    """What each function of ui/ names, and which parameters it reads itself."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for file in (ROOT / "ui").rglob("*.py"):
        for one in ast.parse(file.read_text("utf-8")).body:
            if isinstance(one, ast.FunctionDef | ast.ClassDef):
                names, read = found.get(one.name, (set(), set()))
                found[one.name] = names | names_in(one), read | read_in(one)
    return found


def parameters_read(page: str) -> set[str]:
    """Which parameters a page reads, in its own folder or by functions of ui/ that it leads to."""
    trees = [ast.parse(one.read_text("utf-8")) for one in (ROOT / "pages" / page).glob("*.py")]
    found = {name for tree in trees for name in read_in(tree)}
    ahead, functions = {name for tree in trees for name in names_in(tree)}, functions_of_ui()
    known = set[str]()
    while ahead := (ahead - known) & functions.keys():
        known |= ahead
        found |= {one for name in ahead for one in functions[name][1]}
        ahead = {one for name in ahead for one in functions[name][0]}
    return found


READ = {page: parameters_read(page) for page in PAGES}


def is_as_another(page: str, what: str) -> bool:
    """Whether a run goes the same way through a page as another of Ada's that is tried there.

    A page that lays no second run beside it takes a run as a base, which one that waits is not. As
    a base, one of an experiment or on a world of Ada's own is like any on the made world, and a
    fine-tuned one stands for its base, whatever its task; a page that asks tasks may still list it.
    """
    if state.BESIDE in READ[page]:
        return False
    tasks = state.TASK in READ[page]
    return what in ("waits", "trial", "on_world") or (what in ("tuned", "on_task") and not tasks)


ADDRESSES = [
    *(
        (page, name, what)
        for page, names in READ.items()
        for name in sorted(names)
        for what in THINGS[name]
        if name != state.RUN or not is_as_another(page, what)
    ),
    # Pages that look for none, but could show a run that an address names.
    *(("limits", state.RUN, "run"), ("sheets", state.RUN, "trial")),
]


def secrets_of(name: str, what: str) -> set[str]:
    """What of Ada's an address that names this thing may not show."""
    open_to_bob = set() if name == state.ELSEWHERE else {what, *SHOWS.get(what, ())}
    titles = {title for one, title in TITLES.items() if one not in open_to_bob}
    return titles | {"Zebulon words", "Zebulon name", ADA.name + '"'}


def opened(at: AppTest, page: str, query: Mapping[str, str]) -> AppTest:
    for name, value in query.items():
        at.query_params[name] = value
    return at.switch_page(path_of(page)).run()


@pytest.mark.parametrize(("page", "name", "what"), ADDRESSES)
def test_no_button_at_an_address_of_somebody_else_changes_or_shows_more(
    bobs_page: AppTest,
    service: Service,
    adas: dict[str, str],
    request: pytest.FixtureRequest,
    page: str,
    name: str,
    what: str,
) -> None:
    """Bob opens what Ada gave him the address of, and presses all that can be pressed."""
    if name == state.ELSEWHERE:  # the page asks for one only where there is one to choose
        request.getfixturevalue("foreign")
    before, pressed = everything(service), set[str]()
    secrets = secrets_of(name, what)
    bobs = service.seen_by(BOB).start(preset_config("tiny", seed=9), "Barnabas own")
    query = {name: adas[what]} | ({state.RUN: bobs} if name == state.BESIDE else {})
    at = opened(bobs_page.run(), page, query)
    for _ in range(PRESSES):
        assert not at.exception, (pressed, at.exception)
        found = {one for one in secrets if one in drawn(at)}
        assert not found, (pressed, found)
        new = [one for one in at.button if not one.disabled and one.label not in pressed]
        if not new:
            break
        pressed.add(new[0].label)
        at = new[0].click().run()
        if any(at.query_params.get(one) != [value] for one, value in query.items()):
            at = opened(at, page, query)  # the press has led away
    else:
        pytest.fail(f"{page} has more than {PRESSES} buttons")
    assert everything(service) == before
    # A lesson on the made world may have nothing to press for a model of another text, and a page
    # for own tasks nothing before one is brought.
    assert pressed or what.startswith("on_") or page == "own_task"


def test_every_parameter_of_an_address_is_among_those_that_are_tried(
    bobs_page: AppTest,
    service: Service,
    adas: dict[str, str],
    foreign: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list above is found in the source; this watches what pages look for as they are drawn."""
    looked, ever, real = set[str](), set[str](), QueryParamsProxy.__getitem__

    def watched(self: QueryParamsProxy, key: str) -> str:
        looked.add(key)
        return real(self, key)

    monkeypatch.setattr(QueryParamsProxy, "__getitem__", watched)
    bobs = service.seen_by(BOB).start(preset_config("tiny", seed=9), "Barnabas own")
    everywhere = {name: adas[what] for name, (what, *_) in THINGS.items()} | {state.RUN: bobs}
    at = bobs_page.run()
    for page in PAGES:
        looked.clear()
        at = opened(at, page, everywhere)
        assert not at.exception
        # Whoever shows another run takes the second one out of the address, unread.
        assert looked - HARMLESS - {state.BESIDE} <= READ[page], page
        ever |= looked
    assert foreign and set(THINGS) <= ever
    assert set.union(*READ.values()) == set(THINGS)


def test_a_link_to_a_run_shows_the_text_that_it_read_and_changes_neither(
    bobs_page: AppTest, service: Service, adas: dict[str, str]
) -> None:
    before, bob, text_of = everything(service), service.seen_by(BOB), adas["on_text"]
    at = opened(bobs_page.run(), "pretrain", {state.RUN: text_of})
    assert not at.exception and not at.error
    assert "This run belongs to somebody else: you can look at it" in shown(at)
    assert TITLES["on_text"] in drawn(at)
    assert not [one.label for one in at.button if one.label in CHANGING]
    at = next(one for one in at.number_input if "n_layer" in one.label).set_value(2).run()
    at = click(at, "Train with this change")
    (again,) = bob.runs(owner=BOB.name)
    assert again.config.corpus == adas["text"] and again.config.model.n_layer == 2
    query = {state.RUN: bob.start(preset_config("tiny"), "Own"), state.BESIDE: text_of}
    assert TITLES["text"] in drawn(opened(at, "pretrain", query))
    at = opened(at, "corpus", {state.CORPUS: again.config.corpus})
    assert "This text belongs to somebody else" in shown(at)
    assert TITLES["text"] in drawn(at) and ROWS[0][0] in drawn(at)
    assert not [one for one in at.button if one.label.startswith("Delete")]
    refused: tuple[Callable[[str], object], ...] = (
        *(bob.delete, bob.pause, bob.resume),
        lambda run: bob.rename(run, "Bob's"),
    )
    for change in refused:
        with pytest.raises(Forbidden):
            change(text_of)
    with pytest.raises(Forbidden):
        bob.delete_corpus(adas["text"])
    assert everything(service) == before


def test_everybody_sees_the_figures_of_a_mixture_and_nobody_whose_it_is(
    bobs_page: AppTest, adas: dict[str, str]
) -> None:
    at = click(bobs_page.run().switch_page(path_of("mixture")).run(), "Show me without guessing")
    assert not at.exception and not at.error
    text = drawn(at)
    assert "Everybody on this server sees the parts of your mixture" in text
    assert "Of everybody here" in text and f"{BITS:.3f}" in text and "100% sentences" in text
    assert not [one for one in ("Zebulon", ADA.name + '"') if one in text]


def test_who_sees_what_is_said_before_it_is_brought_and_where_it_is_kept(
    bobs_page: AppTest,
) -> None:
    at = bobs_page.run()
    for page, what in (("corpus", "text"), ("own_task", "task")):
        at = at.switch_page(path_of(page)).run()
        assert (
            f"Only you and your teacher see this {what} and its title, until you give somebody its "
            "address, or that of a run that read it."
        ) in shown(at)
    mixtures = "everybody on this server sees its parts and its figures, without your name"
    assert mixtures in shown(at.switch_page(path_of("you")).run())
    assert mixtures not in who_sees(alone=True)


def test_a_copy_of_the_database_is_told_before_a_learner_deletes_everything(
    bobs_page: AppTest, service: Service
) -> None:
    service.seen_by(BOB).start(preset_config("tiny", seed=9), "Barnabas own")
    at = bobs_page.run().switch_page(path_of("you")).run()
    asked = shown(click(at, "Delete everything of mine"))
    assert "Nobody can bring them back." in asked and "upgrade" not in asked
    (service.home / "tinylm.db.version-4-2026-11-29").touch()
    asked = shown(click(at, "Delete everything of mine"))
    assert "Nobody can bring them back." not in asked
    assert "A copy of the database from before an upgrade of this server still holds" in asked
    assert (
        "Whoever runs the server can delete that copy." in asked and str(service.home) not in asked
    )


def test_a_wrong_setting_of_who_has_the_server_gets_one_sentence(
    bobs_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_LEARNERS", "some")
    at = bobs_page.run().switch_page(path_of("runs")).run()
    assert not at.exception
    assert at.error[0].value.startswith("TINYLM\\_LEARNERS must be one or many")


def test_a_link_to_a_text_and_to_a_task_shows_them(
    bobs_page: AppTest, service: Service, adas: dict[str, str]
) -> None:
    service.seen_by(BOB).start(preset_config("tiny"), "Barnabas own")
    at = bobs_page.run()
    at.query_params["corpus"] = adas["text"]
    at = at.switch_page(path_of("corpus")).run()
    assert "This text belongs to somebody else" in shown(at)
    assert "Zebulon diary" in drawn(at)
    assert not [one for one in at.button if one.label.startswith("Delete")]
    at.query_params["task"] = adas["task"]
    at = at.switch_page(path_of("prompts")).run()
    assert not at.exception and not at.error
    assert next(one for one in at.selectbox if one.label == "Task").value == adas["task"]


def test_the_page_of_a_learner_tells_what_is_kept_and_deletes_it(
    bobs_page: AppTest, service: Service, adas: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_KEEP_DAYS", "30")
    before, bob = everything(service), service.seen_by(BOB)
    bob.start(preset_config("tiny", seed=9), "Barnabas own")
    at = bobs_page.run().switch_page(path_of("you")).run()
    assert "**1 run**" in shown(at) and "not been here for 30 days" in shown(at)
    spoken = "-".join(CODE[n : n + 4] for n in range(0, 16, 4))
    assert spoken not in drawn(at) and CODE not in drawn(at)
    at = at.toggle[0].set_value(True).run()
    assert at.code[0].value == spoken
    at = at.text_input[0].set_value("Bob").run()
    me = bob.me()
    assert me is not None and me.shown == "Bob"
    at = next(one for one in at.button if one.label == "Delete everything of mine").click().run()
    at = next(one for one in at.button if "for good" in one.label).click().run()
    assert not at.exception and not at.error
    assert not bob.runs() and service.store.owners() == {ADA.name}
    assert everything(service) == before and len(service.seen_by(ADA).runs()) == 7
