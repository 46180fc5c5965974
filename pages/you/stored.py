"""What is stored of a learner, counted and told in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from tinylm.corpora.files.report import counted
from tinylm.runs.belongings import kind_of
from tinylm.runs.forgetting import keep_days
from tinylm.runs.service import Service
from ui.frame import file_size


@dataclass(frozen=True)
class Stored:
    """How much of each kind is kept of a learner."""

    runs: int
    bytes: int  # of the runs
    things: int  # texts, worlds, mixtures and tasks
    answers: int  # of all kinds that `told` names
    questions: int  # to models and texts, with what was typed

    @property
    def anything(self) -> bool:
        return bool(self.runs or self.things or self.answers or self.questions)


def stored_of(service: Service) -> Stored:
    """What is kept under the name of the viewer."""
    name = service.viewer.name
    if not name:
        return Stored(0, 0, 0, 0, 0)
    runs = service.runs(None, 1_000, None, name)
    things = [one for one in service.store.belongings((name,)) if kind_of(one.name)]
    answers = service.answers(name)
    size = sum(service.disk_usage(run.id) for run in runs)
    questions = service.store.count_questions((name,))
    return Stored(len(runs), size, len(things), len(answers), questions)


def told(found: Stored) -> str:
    """Markdown: what is stored, and what is not."""
    return (
        f"Of you, this server keeps **{counted(found.runs, 'run', 'runs')}** "
        f"({file_size(found.bytes)}), **{counted(found.things, 'text or task', 'texts and tasks')}"
        f"** and **{counted(found.answers, 'answer', 'answers')}**. Answers are what you "
        "predicted, bet, drew, judged and ticked. They are also the explanation that you wrote, "
        "the secret that you typed, the mixtures that you measured, what you chose for "
        "*Transfer*, and which parts of the lessons you have done. It keeps "
        f"**{in_words(found.questions)}**, with what you typed for them. It also keeps which page "
        "you saw last, and when. It does not keep your name, unless you type one below, and no "
        "e-mail address."
    )


def in_words(questions: int) -> str:
    """How many questions there are."""
    return counted(questions, "question to models and texts", "questions to models and texts")


def who_sees(alone: bool) -> str:
    """Who sees it, in sentences."""
    if alone:
        return (
            "This server belongs to one person, so every browser that reaches it sees and may "
            "change everything."
        )
    return (
        "You and your teacher see it. Others see one thing of yours only if you give them its "
        "address. They can read it then, with its title, and change nothing. With a run they see "
        "the text that it read. If you measured a mixture of your own, everybody on this server "
        "sees its parts and its figures, without your name."
    )


def how_long(alone: bool) -> str:
    """How long it is kept, in a sentence. Raises BadRequest for a wrong setting."""
    days = 0.0 if alone else keep_days()
    if days:
        return f"All of it is deleted once you have not been here for {days:g} days."
    return "It is kept until you delete it, or whoever runs this server does."
