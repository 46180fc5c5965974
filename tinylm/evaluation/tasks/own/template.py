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
    if template.between[-1:].isspace() and not template.answer_prefix:
        raise BadRequest(
            "The text before the answer ends with a space: move this space to the beginning of the "
            "answer, because the model reads it as a part of the answer's first token."
        )
    if template.answer_prefix.strip():
        raise BadRequest("Before the answer only spaces can stand: move the rest to its left.")


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
