// What stands on the page: a text box, the odds of what comes next, and questions with examples.

const LENGTH = 100; // tokens that one press on "Write on" adds
const SHOWN = 8; // bars of tokens
const WORDS = 6; // bars of words, as in the app
const ANSWERS = 5; // bars of answers, as in the app
const BREATH = 12; // milliseconds of work, after which the screen is drawn
const AROUND = /^[\p{White_Space}\x1c-\x1f]+|[\p{White_Space}\x1c-\x1f]+$/gu; // an answer, as Python strips it

const byId = (id) => document.getElementById(id);
const about = JSON.parse(byId("about").textContent);

// The model, its tokenizer and a greedy continuation, for whoever opens the browser's console:
// `(await ready).greedy("The capital of", 100)`.
const ready = open();

async function open() {
  const weights = await unpacked(byId("weights").textContent.trim(), about.sizes);
  const tokenizer = new Tokenizer(about.merges, about.pattern);
  const ids = (text) => [SEPARATOR, ...tokenizer.encode(text.replaceAll("\0", ""))];
  // What draws the screen in the middle of its work has a model of its own, which remembers what it
  // has read, or two parts of the page would mix what they read. The weights are those of all.
  const reader = () => new Model(about.shape, weights);
  const part = () => ({ model: reader(), tokenizer, ids, words: { model: reader(), tokenizer } });
  const greedy = (text, number) => [...continued(reader(), ids(text), number)];
  return { tokenizer, ids, greedy, part };
}

ready.then(show, () => say("problem", "This browser is too old for the model. Open this file in a newer one."));

function show(found) {
  byId("parts").hidden = false;
  byId("problem").hidden = true;
  writing(found.part());
  if (about.tasks.length) asking(found.part());
}

function say(id, text) {
  byId(id).textContent = text;
  byId(id).hidden = !text;
}

// One's own text: the odds of what comes next, and a continuation --------------------------------

function writing({ model, tokenizer, ids, words }) {
  const [text, written, go] = [byId("text"), byId("written"), byId("go")];
  let stopping = null; // a function that ends the writing; null while nothing is written
  const take = (added) => {
    text.value += added;
    begin();
  };
  const next = latest(async (isLatest) => {
    const read = ids(text.value).slice(SHORTEST - model.block_size);
    const found = await breathing(nextWhole(words, read, WORDS, "word"), isLatest);
    if (!found) return;
    say("next-said", likeliestSaid(found, "word"));
    wholeBars(byId("next"), found, take);
    byId("next-press").hidden = !found.likely.length;
    const best = tokenBars(byId("tokens"), tokenizer, found.scores, take);
    say("tokens-said", `The likeliest next token is “${visible(best.text)}”, with ${best.percent}.`);
  });
  const begin = () => {
    stopping?.();
    written.textContent = "";
    byId("keep").hidden = true;
    say("speed", "");
    say("seen", warning(text.value, ids(text.value), model.block_size));
    next();
  };
  text.addEventListener("input", begin);
  byId("temperature").addEventListener("input", (event) => {
    byId("temperature-said").textContent = event.target.value;
    byId("by-chance").checked = true;
  });
  byId("keep").addEventListener("click", () => {
    text.value += written.querySelector("b").textContent;
    begin();
  });
  go.addEventListener("click", async () => {
    if (stopping) return stopping();
    let stopped = false;
    stopping = () => { stopped = true; };
    go.textContent = "Stop";
    const temperature = Number(byId("temperature").value);
    const choose = byId("by-chance").checked ? (scores) => drawn(scores, temperature) : likeliest;
    const added = document.createElement("b");
    written.replaceChildren(text.value, added);
    const [tokens, began] = [[], performance.now()];
    let [drawnAt, ended] = [began, false];
    for (const token of continued(model, ids(text.value), LENGTH, choose)) {
      if ((ended = token === SEPARATOR)) break;
      tokens.push(token);
      if (performance.now() - drawnAt > BREATH) {
        added.textContent = tokenizer.decode(tokens);
        await new Promise((later) => setTimeout(later));
        if (stopped) break;
        drawnAt = performance.now();
      }
    }
    stopping = null;
    go.textContent = "Write on";
    if (!written.contains(added)) return; // the text was changed meanwhile
    added.textContent = tokenizer.decode(tokens);
    byId("keep").hidden = !tokens.length;
    const seconds = (performance.now() - began) / 1000;
    const rate = Math.round(tokens.length / seconds).toLocaleString("en");
    say("speed", `${tokens.length} tokens in ${seconds.toFixed(2)} seconds: ${rate} a second on this device.`
      + (ended ? " Here the model ended the text." : ""));
  });
  begin();
}

// Questions with examples -------------------------------------------------------------------------

function asking({ model, tokenizer, ids, words }) {
  const [task, question, shots] = [byId("task"), byId("question"), byId("shots")];
  const chosen = () => about.tasks[task.value].questions[question.value];
  const prompt = () => chosen().examples.slice(0, Number(shots.value)).join("") + chosen().query;
  const fill = (select, names) => select.replaceChildren(
    ...names.map((name, place) => new Option(name, place)));
  const asked = latest(async (isLatest) => {
    const read = ids(prompt()).slice(SHORTEST - model.block_size);
    const found = await breathing(nextWhole(words, read, ANSWERS, "answer"), isLatest);
    if (!found) return;
    byId("answers").hidden = false;
    say("answers-said", likeliestSaid(found, "answer"));
    wholeBars(byId("answers-list"), found);
  });
  const draw = () => {
    shots.max = chosen().examples.length;
    byId("shots-said").textContent = shots.value;
    byId("prompt").textContent = prompt();
    byId("answer").hidden = byId("answers").hidden = true;
    asked.end();
  };
  const choose = () => {
    fill(question, about.tasks[task.value].questions.map((one) => one.title));
    draw();
  };
  fill(task, about.tasks.map((one) => one.title));
  task.addEventListener("change", choose);
  question.addEventListener("change", draw);
  shots.addEventListener("input", draw);
  byId("ask").addEventListener("click", () => {
    const read = ids(prompt());
    const said = answered({ model, tokenizer }, read, about.tasks[task.value].end, chosen().longest);
    const right = said === chosen().answer;
    const wrong = `✗ It says “${said}”. The right answer is “${chosen().answer}”.`;
    asked();
    say("answer", right ? `✓ Right: it says “${said}”.` : wrong);
  });
  choose();
}

// The likeliest answer, up to the end of its line, as tinylm measures it.
function answered({ model, tokenizer }, read, end, longest) {
  const stops = [SEPARATOR, tokenizer.encode(end)[0]];
  const tokens = [];
  const room = model.block_size - read.length + 1; // the last token of an answer is never read
  for (const token of continued(model, read, Math.min(longest, room))) {
    if (stops.includes(token)) break;
    tokens.push(token);
  }
  return tokenizer.decode(tokens).replace(AROUND, "");
}

// Long work ---------------------------------------------------------------------------------------

// A function whose calls end the work of those before; so does `end`.
function latest(work) {
  let newest = 0;
  const call = () => {
    const mine = ++newest;
    return work(() => mine === newest);
  };
  call.end = () => { newest++; };
  return call;
}

// Do work that yields, and draw the screen between; what it returns, or null where `goOn` ended it.
async function breathing(work, goOn) {
  let drawnAt = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - drawnAt > BREATH) {
      await new Promise((later) => setTimeout(later));
      if (!goOn()) return null;
      drawnAt = performance.now();
    }
  }
}

// What to know of a text before one trusts what follows; "" where there is nothing to say.
function warning(text, read, most) {
  if (!text.trim()) return "The box is empty, so the model begins a text of its own.";
  if (read.length > most - SHORTEST) {
    return `Your text has ${read.length} tokens. The model sees only the last ${most - SHORTEST} of them.`;
  }
  // A single byte of a character beyond ASCII: no longer piece has it.
  if (read.some((token) => token >= 0x80 && token < 0x100)) {
    return "The model has hardly read some of these characters, so it may write nonsense.";
  }
  return "";
}

// Bars ----------------------------------------------------------------------------------------------

// Draw the odds of whole words or answers, and of all others together.
function wholeBars(list, { likely, rest }, take) {
  const longest = Math.max(...likely.map(([, chance]) => chance), rest);
  list.replaceChildren(
    ...likely.map(([text, chance]) => bar(wordLabel(text), chance, longest, text !== END && take && (() => take(text)))),
    bar(null, rest, longest),
  );
}

function likeliestSaid({ likely }, what) {
  if (!likely.length) return `No ${what} stands out: the odds are spread over very many of them.`;
  return `The likeliest ${what} is “${wordLabel(likely[0][0])}”, with ${percent(likely[0][1])}.`;
}

// A word or answer as people write it: without the space before it.
function wordLabel(text) {
  return text.replaceAll("\n", " ⏎ ").replaceAll(/[\p{White_Space}\x1c-\x1f]+/gu, " ").trim() || "(nothing)";
}

// Draw the odds of the likeliest tokens and of all others together; returns the first one.
function tokenBars(list, tokenizer, scores, take) {
  const odds = softmax(scores.slice());
  const best = [...odds.keys()].sort((a, b) => odds[b] - odds[a]).slice(0, SHOWN);
  const rest = 1 - best.reduce((sum, token) => sum + odds[token], 0);
  const longest = Math.max(odds[best[0]], rest);
  const named = (token) => tokenText(tokenizer, token);
  list.replaceChildren(
    ...best.map((token) => bar(visible(named(token)), odds[token], longest, token !== SEPARATOR && (() => take(named(token))))),
    bar(null, Math.max(0, rest), longest),
  );
  return { text: named(best[0]), percent: percent(odds[best[0]]) };
}

function tokenText(tokenizer, token) {
  return token === SEPARATOR ? "" : tokenizer.decode([token]);
}

// `label` is null for all others together; a bar with `press` is a button.
function bar(label, chance, longest, press) {
  const [line, field, fill, figure] = ["li", "span", "span", "output"].map((name) => document.createElement(name));
  const name = document.createElement(press ? "button" : "span");
  name.textContent = label ?? "anything else";
  if (press) name.addEventListener("click", press);
  else name.className = "rest";
  field.className = "bar";
  fill.style.width = `${(chance / longest) * 100}%`;
  if (label === null) fill.className = "pale";
  field.append(fill);
  figure.textContent = percent(chance);
  line.append(name, field, figure);
  return line;
}

// A token as people can see it: ␣ is a space, ⏎ the end of a line.
function visible(text) {
  return text === "" ? "end of text" : text.replaceAll(" ", "␣").replaceAll("\n", "⏎").replaceAll("\t", "⇥");
}

// Never "nothing" and never "certain": to a model everything is possible.
function percent(chance) {
  if (chance < 0.001) return "< 0.1 %";
  if (chance > 0.999) return "> 99.9 %";
  return `${(chance * 100).toFixed(chance < 0.1 || chance > 0.99 ? 1 : 0)} %`;
}
