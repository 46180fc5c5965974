// What stands on the page: a text box, the odds of what comes next, and questions with examples.

const LENGTH = 100; // tokens that one press on "Write on" adds
const SHOWN = 8; // bars
const BREATH = 12; // milliseconds of work, after which the screen is drawn
const AROUND = /^[\p{White_Space}\x1c-\x1f]+|[\p{White_Space}\x1c-\x1f]+$/gu; // an answer, as Python strips it

const byId = (id) => document.getElementById(id);
const about = JSON.parse(byId("about").textContent);

// The model, its tokenizer and a greedy continuation, for whoever opens the browser's console:
// `(await ready).greedy("The capital of", 100)`.
const ready = open();

async function open() {
  const weights = await unpacked(byId("weights").textContent.trim(), about.sizes);
  const model = new Model(about.shape, weights);
  const tokenizer = new Tokenizer(about.merges, about.pattern);
  const ids = (text) => [SEPARATOR, ...tokenizer.encode(text.replaceAll("\0", ""))];
  const greedy = (text, number) => [...continued(model, ids(text), number)];
  return { model, tokenizer, ids, greedy };
}

ready.then(show, () => say("problem", "This browser is too old for the model. Open this file in a newer one."));

function show(found) {
  byId("parts").hidden = false;
  byId("problem").hidden = true;
  writing(found);
  if (about.tasks.length) asking(found);
}

function say(id, text) {
  byId(id).textContent = text;
  byId(id).hidden = !text;
}

// One's own text: the odds of what comes next, and a continuation --------------------------------

function writing({ model, tokenizer, ids }) {
  const [text, written, go] = [byId("text"), byId("written"), byId("go")];
  let stopping = null; // a function that ends the writing; null while nothing is written
  const next = () => {
    const scores = model.read(ids(text.value).slice(-model.block_size));
    const best = bars(byId("next"), tokenizer, scores, (token) => {
      text.value += token;
      begin();
    });
    say("next-said", `The likeliest next token is “${visible(best.text)}”, with ${best.percent}.`);
  };
  const begin = () => {
    stopping?.();
    written.textContent = "";
    byId("keep").hidden = true;
    say("speed", "");
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

function asking({ model, tokenizer, ids }) {
  const [task, question, shots] = [byId("task"), byId("question"), byId("shots")];
  const chosen = () => about.tasks[task.value].questions[question.value];
  const prompt = () => chosen().examples.slice(0, Number(shots.value)).join("") + chosen().query;
  const fill = (select, names) => select.replaceChildren(
    ...names.map((name, place) => new Option(name, place)));
  const draw = () => {
    shots.max = chosen().examples.length;
    byId("shots-said").textContent = shots.value;
    byId("prompt").textContent = prompt();
    byId("answer").hidden = byId("answer-next").hidden = true;
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
    byId("answer-next").hidden = false;
    bars(byId("answer-next"), tokenizer, model.read(read));
    const said = answered({ model, tokenizer }, read, about.tasks[task.value].end, chosen().longest);
    const right = said === chosen().answer;
    const wrong = `✗ It says “${said}”. The right answer is “${chosen().answer}”.`;
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

// Bars ----------------------------------------------------------------------------------------------

// Draw the odds of the likeliest tokens and of all others together; returns the first one.
function bars(list, tokenizer, scores, take) {
  const odds = softmax(scores.slice());
  const best = [...odds.keys()].sort((a, b) => odds[b] - odds[a]).slice(0, SHOWN);
  const rest = 1 - best.reduce((sum, token) => sum + odds[token], 0);
  const longest = Math.max(odds[best[0]], rest);
  list.replaceChildren(
    ...best.map((token) => bar(tokenText(tokenizer, token), odds[token], longest, take)),
    bar(null, Math.max(0, rest), longest),
  );
  return { text: tokenText(tokenizer, best[0]), percent: percent(odds[best[0]]) };
}

function tokenText(tokenizer, token) {
  return token === SEPARATOR ? "" : tokenizer.decode([token]);
}

function bar(text, chance, longest, take) {
  const [line, field, fill, figure] = ["li", "span", "span", "output"].map((name) => document.createElement(name));
  const name = document.createElement(text !== null && take ? "button" : "span");
  name.textContent = text === null ? "anything else" : visible(text);
  if (text === null || !take) name.className = "rest";
  if (take && text !== null) name.addEventListener("click", () => take(text));
  field.className = "bar";
  fill.style.width = `${(chance / longest) * 100}%`;
  if (text === null) fill.className = "pale";
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
