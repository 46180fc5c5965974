"""Ten written answers, and the points of the checklist that each of them mentions."""

from __future__ import annotations

from typing import NamedTuple

ALL = frozenset(
    (
        *("next-token", "self-supervision", "loss", "data", "tokens", "gradient", "scale"),
        *("knowledge", "few-shot", "same-weights", "fine-tuning", "perplexity", "scores"),
        *("limits", "afterwards"),
    )
)


class Answer(NamedTuple):
    """A text, and which points stand in it."""

    text: str
    points: frozenset[str]


def but(*holes: str) -> frozenset[str]:
    """All points apart from these."""
    assert ALL.issuperset(holes)
    return ALL - frozenset(holes)


GOOD = {
    "by a pupil": Answer(
        """Pre-training has one goal: the model must guess the next word, or really the next
token, because text is first split into tokens. Nobody has to write down the right answers,
since the next word is already in the text. That is why one can use billions of words from books
and the web.

At every step the model gives odds for each token. The loss is high if the real one was a
surprise. Then gradient descent moves all the weights a tiny bit. Large models have billions of
parameters and train for months on thousands of chips.

To guess well it has to learn grammar, what words mean and many facts. These are in its weights.
If I write a few examples in the prompt, it sees what I want, although the weights stay the
same. If I fine-tune it I need fewer labels than somebody who starts from zero.

We measure perplexity on text it has not read, and accuracy or F1 on tasks. But it also makes up
things and repeats prejudice. To get a chat assistant, people train it afterwards on
instructions and on what people prefer.""",
        ALL,
    ),
    "by a student": Answer(
        """Objective. A language model is pre-trained by self-supervised learning: it minimises
the cross-entropy between its prediction and the next token of a large corpus. Process. The
corpus is tokenised with byte-pair encoding, and the parameters are updated by backpropagation
and AdamW over many batches. Scaling laws describe how the loss falls with more parameters, data
and compute.

Outcomes. The weights acquire syntax, semantics and factual knowledge. Therefore the model can
do new tasks zero-shot or few-shot, by in-context learning, without any update of the weights.
It also transfers: fine-tuning on a downstream task takes fewer labelled examples.

Evaluation. Intrinsically by perplexity on held-out text, extrinsically by accuracy, F1 and
BLEU. Limits are hallucination, bias and memorisation. Instruction tuning and reinforcement
learning from human feedback follow.""",
        ALL,
    ),
    "with own figures": Answer(
        """My model read 1.8 million tokens and did nothing but bet on which token comes next.
No teacher was needed: the text is its own answer key. Before the first step its perplexity on
the held-out text was 2,048, at the end 9. The loss, which is minus the logarithm of the
probability of the right token, fell from 7.6 to 2.2. Each of the 900 steps changed all 0.7
million weights.

What came out of it? It got all pairs about grammar and most about meaning right, and it knows
facts. Without examples it had 10 % of 200 questions right, with eight examples in the prompt 86
%, and no weight was changed for that. After fine-tuning, 128 labels were enough, from scratch
512 were not.

More text and a bigger model make the loss lower, but that costs computing time and energy. It
invents a capital for countries that do not exist. A real assistant is trained with human
ratings afterwards.""",
        but("tokens"),
    ),
    "as a letter": Answer(
        """Dear grandmother, you asked how such a chatbot is made. First it reads an enormous
amount of text. The text is cut into pieces, called tokens. It covers the next piece, predicts
it, and looks. There is no teacher, because the text itself holds the answer. If the piece that
really came had a low probability, the error is large, and all the numbers inside, the weights,
are adjusted a little.

In this way it picks up grammar and facts, simply because they help with the guesses. Afterwards
you can put two examples into the prompt, and it goes on in the same way. Its weights are not
changed by that. With fine-tuning it learns a new job from few examples.

To test it, one takes new text that it has not seen and measures the perplexity. For jobs one
counts the share of questions that were answered right. Beware: it sounds sure even when it is
wrong. Those that you chat with have had further training, on instructions and people's
preferences. And they are huge: hundreds of billions of parameters.""",
        ALL,
    ),
    "in short sentences": Answer(
        """The model predicts the next token. It needs no labels. The text is the answer.
Its loss is the surprise in bits, and training makes it smaller.
It reads a lot of data: millions of sentences.
A tokenizer makes tokens of the text.
The gradient says how to change the weights.
Scaling helps: bigger models are better.
Meaning and facts are learned on the way.
Few-shot means that examples are in the prompt.
The parameters stay fixed then.
Fine-tuning saves labels.
Perplexity is taken on validation text.
There is also accuracy, and BLEU for translation.
It may memorize private text, and it has biases.
Then RLHF turns it into an assistant.""",
        ALL,
    ),
}

HOLES = {
    "only the objective": Answer(
        """Pre-training means to predict the next word. The model is shown a lot of text and
tries to guess which word comes next. That is all it does, again and again.""",
        frozenset({"next-token", "data"}),
    ),
    "no evaluation, no limits": Answer(
        """A language model is trained on a huge corpus to predict the next token. No labels are
needed, because the text is its own answer. The cross-entropy loss is made smaller with gradient
descent on the weights. A tokenizer splits the text first. Large models need thousands of GPUs.
The model learns grammar and facts, and can be fine-tuned for a task with little data and few
labels. With examples in the prompt it can do tasks at once.""",
        but("same-weights", "perplexity", "scores", "limits", "afterwards"),
    ),
    "everything denied": Answer(
        """Pre-training does not predict the next word. It never learns grammar or facts. It
does not use gradient descent. It doesn't hallucinate, and it has no bias. Perplexity is not
measured on held-out text. The model was never fine-tuned to save labels.""",
        frozenset(),
    ),
    "a row of words": Answer(
        """predict next token self-supervised loss cross-entropy corpus billions tokens
tokenizer gradient weights scaling grammar facts zero-shot few-shot fine-tuning labels
perplexity held-out accuracy F1 BLEU hallucination bias RLHF instructions""",
        frozenset(),
    ),
    "told by people": Answer(
        """People write questions and the right answers, and the model learns these answers by
heart from a big database. When you put examples into the prompt, its weights are updated, so it
learns your task. How good it is can be seen from its accuracy. It looks the facts up, so it is
never wrong.""",
        # By heart is a limit, and updated weights are a step: rules see words and not truth.
        frozenset({"few-shot", "scores", "limits", "gradient"}),
    ),
}

# None of the field's words, and all that they stand for.
PLAIN = """A language model starts with random numbers inside and knows nothing. Then a huge pile of
writing is chopped into small chunks (whole words or bits of words). Its only job is to say how
likely each possible next piece of a word is. Nobody has to write the solutions, because the text
already shows what really came. You look how surprised it was by the real piece, and all its numbers
are nudged a tiny bit. GPT-3, which also has 175 billion numbers instead of 664 thousand, read
hundreds of billions of chunks and needed enormous computing power.

To guess well it must pick up how sentences are built and what words mean. Put a few solved cases
before your question and it does better, yet none of its numbers is altered. You can also train it a
bit more on a small set of questions with answers: mine got 52%, while one that began with random
numbers got 7%.

How good it is you see from perplexity, i.e. among how many equally likely pieces it hesitates,
measured on text that it has not read. You can also count how many questions it gets right. It says
false things in a sure voice. To chat with it, people train it afterwards to follow orders."""
