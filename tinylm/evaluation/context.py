"""What a model can read at once: a prompt is read whole, or with fewer examples, or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.errors import BadRequest
from tinylm.evaluation.prompts import Prompt, few_shot_prompt
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.questions.models import TaskFits
from tinylm.text.tokenizer import Tokenizer


class Context:
    """The context of a model, in tokens: it has to hold a prompt and the answer after it."""

    def __init__(self, tokenizer: Tokenizer, size: int) -> None:
        """`size` is the model's block_size."""
        self.tokenizer, self.size = tokenizer, size
        self._longest: dict[tuple[tuple[str, ...], str], int] = {}

    def few_shot_prompt(
        self, task: Task, item: Item, num_fewshot: int, seed: int, control: str = ""
    ) -> Prompt:
        """The prompt with as many of the `num_fewshot` examples as fit, the first ones of them.

        The examples for k are the first of those for k + 1, so this is the whole prompt of a
        smaller k; `len(prompt.examples)` says of which. After the examples of another task an
        answer of their kind has to fit as well. Raises BadRequest where the question does not fit
        even without an example, so that no measurement leaves out a part of it.
        """
        for k in range(num_fewshot, -1, -1):
            prompt = few_shot_prompt(task, item, k, seed, control)
            choices = prompt.choices
            if control == "other":
                kinds = dict.fromkeys(example.choices for example in prompt.examples)
                choices += tuple(task.answer_prefix + one for kind in kinds for one in kind)
            needed = self.tokens_needed(prompt.text, choices, task.after)
            if needed <= self.size:
                return prompt
        raise BadRequest(
            f"Task {task.title!r} does not fit into this model's context: a question and its "
            f"answer take {needed} tokens, and the model reads at most {self.size} at once. "
            "Train a model with a longer context (block_size) or more tokens (vocab_size)."
        )

    def check(self, task: Task, items: Sequence[Item], seed: int) -> None:
        """Raise BadRequest if one of `items` does not fit even without an example."""
        for item in items:
            self.few_shot_prompt(task, item, 0, seed)

    def tokens_needed(self, prompt: str, choices: tuple[str, ...], end: str) -> int:
        """Tokens of the prompt, after a separator, and of the longest choice with its end."""
        return len(prompt_ids(self.tokenizer, prompt)) + self.longest_answer(choices, end)

    def longest_answer(self, choices: tuple[str, ...], end: str) -> int:
        """Tokens of the longest of the choices, each with its end."""
        key = choices, end
        if key not in self._longest:
            lengths = [len(self.tokenizer.encode(choice + end)) for choice in choices]
            self._longest[key] = max(1, *lengths)
        return self._longest[key]


LOOKED_AT = 50  # held-out items for which the examples that fit are counted
SEED = 1  # of these examples


def how_it_fits(task: Task, context: Context) -> TaskFits:
    """Which items of a task fit into a context, and with how many examples."""
    needed: dict[str, int] = {}
    for item in (*task.train, *task.test):
        alone = few_shot_prompt(task, item, 0, SEED)
        tokens = context.tokens_needed(alone.text, alone.choices, task.after)
        needed[item.context] = max(needed.get(item.context, 0), tokens)  # of several answers
    fitting = [item for item in task.test if needed[item.context] <= context.size][:LOOKED_AT]
    prompts = [context.few_shot_prompt(task, item, task.max_fewshot, SEED) for item in fitting]
    shown: list[str] = []
    if fitting:
        prompt = context.few_shot_prompt(task, fitting[0], min(1, task.max_fewshot), SEED)
        shown = [context.tokenizer.token_text(one) for one in context.tokenizer.encode(prompt.text)]
    return TaskFits(
        block_size=context.size,
        longest=max(needed.values()),
        too_long=tuple(asked for asked, tokens in needed.items() if tokens > context.size),
        asked=task.max_fewshot,
        examples=sum(len(prompt.examples) for prompt in prompts) / max(1, len(prompts)),
        prompt=tuple(shown),
    )


def prompt_ids(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """A prompt as the model reads documents: after a separator."""
    if "\0" in prompt:
        raise BadRequest("A prompt cannot hold the NUL character: remove it.")
    return [tokenizer.separator, *tokenizer.encode(prompt)]
