"""Exercises that the text never showed: what makes a model answer them from examples.

    python -m benchmarks.learning.unseen [IDEA ...] [--updates 500 | --full] [--seeds 1]

Worksheets show every other relation only; prose and info-boxes tell the facts of all. Each idea
adds something to the text or to its worksheets and takes the same share of it; the control adds
nothing. Then held-out facts are asked as lines of a worksheet: of the relations that worksheets
show (*seen*), and of those that they never show (*unseen*), with 0 and 4 examples; *others* leaves
out the relation whose subjects have no other one, which needs no examples. Beside it stands
how many of the unseen relations' facts the model completes as a sentence of the text (*in
sentences*): it cannot answer more than it knows. Results are added to a JSON file (`--results`).

No idea shows a line with nothing but a subject and its answer in an unseen relation. What those
marked * show comes close to it: rows of tables in which facts of unseen relations stand one below
the other without the relation's name.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.learning.bare import Bare, train_bare, world_tokenizer
from benchmarks.learning.faster import FAST
from benchmarks.learning.unseen_ideas import IDEAS, Halves, Idea, headed, sheet
from tinylm.corpora.sources.world import WORLD_SEED
from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.wording import fill
from tinylm.corpora.world.world import Relation, World, default_world
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.scoring import Question, score
from tinylm.evaluation.tasks import Item, task
from tinylm.knobs import TextConfig
from tinylm.presets import preset_config

UPDATES = 500  # of 8 rows
SHOTS = (0, 4)
TOKENS_OF_DOCUMENT = 40  # at least, so that no text is read twice


def texts(idea: Idea, count: int) -> list[str]:
    """The documents of a text with this idea, which takes its part of the share of worksheets."""
    halves, usual = Halves(default_world()), TextConfig()
    others = Writer(halves.world, TextConfig(worksheets=0.0)).documents(WORLD_SEED, "train")
    share = usual.worksheets / (
        usual.prose + usual.info_boxes + usual.worksheets + usual.parallel + usual.reviews
    )
    written = []
    for number in range(count):
        chooser = Chooser(number)
        if not chooser.flag(share):
            written.append(next(others).text)
        elif idea.besides and chooser.flag(1 / 3):
            written.append(chooser.pick(idea.besides)(halves, chooser))
        elif idea.instead and chooser.flag(1 / 2):
            written.append(idea.instead(halves, chooser))
        else:
            written.append(sheet(halves, chooser))
    return written


def in_sentences(bare: Bare, relations: Sequence[Relation], world: World) -> tuple[int, int]:
    """How many facts of these relations it completes as a sentence, of how many asked."""
    questions, answers = [], []
    for relation in relations:
        pattern = next((p for p in relation.patterns if p.endswith(("{o}", "{p}", "{a o}"))), "")
        if not pattern:
            continue
        for subject in sorted(world.asked_about(relation), key=lambda one: one.name):
            begin = fill(pattern[: pattern.rindex("{")].rstrip(), subject.blanks)
            whole = relation.fill(pattern, subject)
            questions.append(Question(begin[:1].upper() + begin[1:], (whole[len(begin) :],), "."))
            answers.append(whole[len(begin) :].strip())
    scores = score(bare.model, bare.tokenizer, questions, ranked=False)
    return sum(s.greedy == a for s, a in zip(scores, answers, strict=True)), len(answers)


def trained(name: str, updates: int | None, seed: int) -> dict[str, Any]:
    """Train with one idea and ask all: its row of the results. None: the full preset's budget."""
    idea, halves = IDEAS[name], Halves(default_world())
    if updates is None:
        config = preset_config("full", **idea.settings, seed=seed)
        updates = config.train.steps
    else:
        config = preset_config("quick", **FAST | idea.settings | {"steps": updates, "seed": seed})
    written = texts(idea, updates * config.tokens_per_step // TOKENS_OF_DOCUMENT)
    bare = train_bare(written, config, world_tokenizer(config.model.vocab_size))
    facts = task("world", "facts")

    def items(relations: Sequence[Relation]) -> list[Item]:
        ids = {relation.id for relation in relations}
        return [item for item in facts.test if item.group in ids]

    asked = {"seen": items(halves.seen), "unseen": items(halves.unseen)}
    found = {
        f"{which} k={k}": bare.answers(facts, k, asked[which])
        for which, k in (("seen", 4), *(("unseen", k) for k in SHOTS))
    }
    if idea.close:
        found["unseen k=4, bars"] = bare.answers(replace(facts, between=" |"), 4, asked["unseen"])
    right, number = in_sentences(bare, halves.unseen, halves.world)
    row = {"idea": name, "seed": seed, "updates": updates, "rows": config.train.batch_size}
    row |= {"seconds": round(bare.seconds, 1)}
    row |= {what: round(one.accuracy, 4) for what, one in found.items()}
    row |= {
        f"by relation, {what}": {group: share.correct for group, share in one.groups.items()}
        for what, one in found.items()
        if what.startswith("unseen k=4")
    }
    apart = [s for g, s in found["unseen k=4"].groups.items() if g not in halves.guessable]
    row["unseen k=4, others"] = round(sum(s.correct for s in apart) / sum(s.n for s in apart), 4)
    row |= {"n seen": len(asked["seen"]), "n unseen": len(asked["unseen"])}
    if idea.instead is headed:
        row["unseen k=4, below a heading"] = round(below_heading(bare, asked["unseen"]), 4)
    return row | {"in sentences": round(right / number, 4), "n in sentences": number}


def below_heading(bare: Bare, items: Sequence[Item]) -> float:
    """The accuracy at k = 4 where each prompt begins with its relation's name, as in `headed`."""
    labels = {relation.id: relation.label for relation in default_world().relations}
    facts = task("world", "facts")
    prompts = [few_shot_prompt(facts, item, 4, 1) for item in items]
    questions = [
        Question(f"{labels[item.group]}\n{prompt.text}", prompt.choices)
        for item, prompt in zip(items, prompts, strict=True)
    ]
    scores = score(bare.model, bare.tokenizer, questions, ranked=False)
    return sum(s.greedy == i.answer for s, i in zip(scores, items, strict=True)) / len(items)


def main() -> None:
    """One training for each idea and seed, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ideas", nargs="*", choices=(*IDEAS, []), metavar="IDEA")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--updates", type=int, default=UPDATES)
    budget.add_argument("--full", action="store_true", help="train as the full preset does")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--results", type=Path, default=Path("unseen.json"))
    options = parser.parse_args()
    kept = json.loads(options.results.read_text()) if options.results.exists() else []
    for seed in map(int, options.seeds.split(",")):
        for name in options.ideas or IDEAS:
            kept.append(trained(name, None if options.full else options.updates, seed))
            options.results.write_text(json.dumps(kept, indent=1))
            print(kept[-1], flush=True)


if __name__ == "__main__":
    main()
