"""How the items of an own task are written down: the texts around a question and its answer."""

from __future__ import annotations

import msgspec

from tinylm.errors import BadRequest

MAX_PART = 200  # characters of each text of a template


class Template(msgspec.Struct, frozen=True):
    """The four texts of a task of the same names; see `Task`."""

    before: str = ""
    between: str = " ->"
    answer_prefix: str = " "
    after: str = "\n"


# By what a list calls them.
TEMPLATES = {
    "input -> label": Template(),
    "Question and Answer": Template("Question: ", "\nAnswer:", " ", "\n\n"),
    "Input and Label": Template("Input: ", "\nLabel:", " ", "\n\n"),
    "no space before the answer": Template("", "→", "", "\n"),
}


def check_template(template: Template) -> None:
    """Raise BadRequest for a template with which a model could not be asked."""
    parts = (template.before, template.between, template.answer_prefix, template.after)
    longest = max(map(len, parts))
    if longest > MAX_PART:
        raise BadRequest(
            f"A text of the template has {longest} characters; at most {MAX_PART} can be used."
        )
    whole = "".join(parts)
    if "\0" in whole or whole != whole.encode("utf-8", "replace").decode("utf-8"):
        raise BadRequest(
            "The template holds a sign that is no text, NUL or half of a character: remove it."
        )
    if not template.between + template.answer_prefix:
        raise BadRequest(
            "Nothing stands between the input and its answer: write something there, such as ->."
        )
    if not template.after.startswith("\n"):
        raise BadRequest(
            "The text after an answer must begin with a new line, written \\n: the model stops "
            "there, and an answer is one line."
        )
    if not template.answer_prefix:
        _check_before_answer(template.between)
    if template.answer_prefix not in ("", " "):
        raise BadRequest(
            "Before the answer's first letter only one space can stand, and no new line, at which "
            "the model would stop: move the rest to the text between input and answer."
        )


def _check_before_answer(between: str) -> None:
    """Raise BadRequest for a text whose end the model reads otherwise with an answer after it.

    Tokens are made of text in pieces. One new line is always a piece of its own, but a space joins
    the word after it, and of several white spaces the last one is cut off.
    """
    rest = between.removesuffix("\n")
    if not rest[-1:].isspace():
        return
    if rest == between:
        raise BadRequest(
            "The text before the answer ends with a space: move this space to the beginning of the "
            "answer, because the model reads it as a part of the answer's first token."
        )
    raise BadRequest(
        "The text before the answer ends with a new line, written \\n, and a space or another new "
        "line before it: leave one new line, because the model reads several in another way once "
        "an answer follows."
    )


def escaped(text: str) -> str:
    """The text on one line, as people type it: a new line is \\n, a backslash \\\\."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def unescaped(text: str) -> str:
    """The text that `escaped` wrote; a backslash before another letter stays what it is."""
    found, signs = "", iter(text)
    for sign in signs:
        if sign == "\\":
            following = next(signs, "")
            sign = {"n": "\n", "t": "\t", "\\": "\\"}.get(following, sign + following)
        found += sign
    return found


def visible(text: str) -> str:
    """The text with a dot for each space and a sign for each end of a line, which stays one."""
    return text.replace(" ", "·").replace("\t", "⇥").replace("\n", "↵\n")
