"""Writes the tasks of a run for lm-evaluation-harness: YAML, JSON lines, and how to call it.

Each item has its whole prompt, with the examples that stand in ours: the harness cannot draw the
same ones. Items are those that fit into the run's context, as in our own measurements.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tinylm.corpora import load as load_corpus
from tinylm.errors import BadRequest
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.prompts import Prompt, few_shot_prompt
from tinylm.evaluation.tasks import Task
from tinylm.export.base import ExportedRun, Format
from tinylm.export.tasks_of import tasks_of
from tinylm.home import shown_id, without_names
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.checkpoints import CheckpointFolder

SHOTS = (0, 1, 4, 8)
SEED = 1  # of the examples, as `tinylm eval` draws them by default
DOCUMENTS = 500  # validation texts of the task `loss`
GROUP = "tinylm"
# The functions that the YAML files name; the harness reads them from the folder of the YAML files.
READING = '''\
"""Reads the items beside this file, whatever folder the harness was started in."""

from pathlib import Path

import datasets


def items(file, **_):
    lines = datasets.load_dataset("json", data_files=str(Path(__file__).parent / file))
    return {"test": lines["train"]}


def bits_per_byte(doc, results):
    ((log_likelihood, _),) = results
    return {"bits_per_byte": (log_likelihood, len(doc["text"].encode("utf-8")))}
'''
README = """\
# Tasks of a tinylm run for lm-evaluation-harness

Export the model as well, then let the harness (version 0.4.13) ask it:

```
python -m tinylm export RUN --format hf --out MODEL
lm_eval --model hf --model_args pretrained=MODEL,dtype=float32 \\
    --include_path FOLDER --tasks {group} --device cpu --batch_size 16
```

`RUN` is the id of the run, `{run}` and the letters that are left away here: `python -m tinylm
runs` lists it. `FOLDER` is this folder. `--tasks tinylm_facts_k4` asks one task alone; *k* is the
number of examples in a prompt. Each prompt stands whole in the JSON lines, with the examples that
tinylm chose for that item, so `--num_fewshot` stays away. The tokenizer puts the separator of
documents in front by itself.

- Tasks with `exact_match` let the model write its answer, as `python -m tinylm eval RUN` does.
- Tasks with `acc` take the most probable of the given answers.
- `tinylm_loss` has {documents} validation texts, those of the first {limit} that fit into the
  context of {size} tokens. Its bits per byte leave out the separator after a text, which tinylm's
  own figure counts as a token more.

{left_out}"""


def harness_files(
    tasks: tuple[Task, ...], texts: list[str], tokenizer: Tokenizer, size: int, run: str
) -> dict[str, bytes]:
    """All files. `size` is the model's context in tokens. Raises BadRequest without anything."""
    context = Context(tokenizer, size)
    files: dict[str, bytes] = {}
    names, left_out = [], []
    for task in tasks:
        try:
            asked = list(_numbers_of_examples(context, task))
        except BadRequest as why:
            left_out.append(f"- Left out: {without_names(str(why))}\n")
            continue
        for k, prompts in asked:
            name = f"{shown_id(task.name)}_k{k}"
            files |= _pair(name, _setting(task, context), _items(task, prompts))
            names.append(f"{GROUP}_{name}")
    fitting = [text for text in texts if len(prompt_ids(tokenizer, text)) <= size]
    if fitting:
        files |= _pair("loss", _loss_setting(), [{"prompt": "", "text": one} for one in fitting])
        names.append(f"{GROUP}_loss")
    if not names:
        raise BadRequest("This run has neither tasks nor texts that fit into its context.")
    group = {"group": GROUP, "task": names}
    readme = README.format(
        run=run,
        group=GROUP,
        documents=len(fitting),
        limit=len(texts),
        size=size,
        left_out="".join(left_out),
    )
    return files | {
        f"{GROUP}.yaml": _yaml(group),
        "reading.py": READING.encode(),
        "README.md": readme.strip().encode() + b"\n",
    }


def _numbers_of_examples(context: Context, task: Task) -> Iterator[tuple[int, list[Prompt]]]:
    """Each number of examples that the task has, with the prompts of all items."""
    for k in SHOTS:
        try:
            for item in task.test:
                few_shot_prompt(task, item, k, SEED)
        except BadRequest:  # more than there are
            return
        yield k, [context.few_shot_prompt(task, item, k, SEED) for item in task.test]


def _items(task: Task, prompts: list[Prompt]) -> list[dict[str, Any]]:
    return [
        {
            "prompt": prompt.text,
            "answer": prompt.answer,
            "choices": [choice + task.after for choice in prompt.choices],
            "gold": item.gold,
            "examples": len(prompt.examples),
        }
        for prompt, item in zip(prompts, task.test, strict=True)
    ]


def _setting(task: Task, context: Context) -> dict[str, Any]:
    common = {"doc_to_text": "prompt", "description": "", "target_delimiter": ""}
    if task.decide == "ranked":
        return common | {
            "output_type": "multiple_choice",
            "doc_to_choice": "choices",
            "doc_to_target": "gold",
            "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
        }
    choices = tuple({task.answer_prefix + one for i in task.test for one in i.choices})
    return common | {
        "output_type": "generate_until",
        "doc_to_target": "answer",
        "generation_kwargs": {
            "until": [task.after],
            "do_sample": False,
            # The whole of the longest answer, and no more: the harness cuts prompts to make room.
            "max_gen_toks": context.longest_answer(choices, task.after),
        },
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
    }


def _loss_setting() -> dict[str, Any]:
    return {
        "output_type": "loglikelihood",
        "doc_to_text": "prompt",
        "doc_to_target": "text",
        "target_delimiter": "",
        "process_results": "!function reading.bits_per_byte",
        "metric_list": [
            {
                "metric": "bits_per_byte",
                "aggregation": "bits_per_byte",
                "higher_is_better": False,
            }
        ],
    }


def _pair(name: str, setting: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, bytes]:
    """A task's YAML file and the file with its items."""
    lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    whole = {
        "task": f"{GROUP}_{name}",
        "custom_dataset": "!function reading.items",
        "dataset_kwargs": {"file": f"{name}.jsonl"},
        "test_split": "test",
        "num_fewshot": 0,
        **setting,
        "metadata": {"version": 1.0},
    }
    return {f"{name}.yaml": _yaml(whole), f"{name}.jsonl": lines.encode()}


def _yaml(data: dict[str, Any]) -> bytes:
    """YAML, a line for each entry. JSON is YAML as well, apart from names of functions."""
    lines = (
        f"{key}: {value if str(value).startswith('!function') else json.dumps(value)}\n"
        for key, value in data.items()
    )
    return "".join(lines).encode()


def _files(run: ExportedRun) -> dict[str, bytes]:
    """All files by name. Raises NotFound where there is no such checkpoint, and BadRequest."""
    checkpoint = CheckpointFolder(str(run.folder / "checkpoints")).load(run.step)
    config = checkpoint.config
    return harness_files(
        tasks_of(run, config.corpus),
        # The validation split is the same for any number of training documents.
        [document.text for document in load_corpus(config.corpus, 1, run.home).val[:DOCUMENTS]],
        Tokenizer.load(run.folder / "tokenizer.json"),
        checkpoint.model_config.block_size,
        run.shown,
    )


FORMAT = Format(order=16, name="lm-eval", title="its tasks for lm-evaluation-harness", files=_files)
