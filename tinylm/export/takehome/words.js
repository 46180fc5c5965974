// The odds of whole next words and answers, as in tinylm/model/words.py.
//
// A model gives odds to tokens, and people read words. A word here is a word with the space before
// it, a number, a mark, or the end of a line or of the text. An answer is all up to the end of its
// line. The odds of each are those of its tokens, multiplied, times the odds that the token after
// them begins something new.

const END = "(end of text)";
const LONGEST = 12; // tokens of a word, or as many as fit into the context after the prompt
const SHORTEST = 4; // tokens for which a prompt has to leave room
const BATCH = 16; // beginnings of words that are read before the best ones are chosen anew
const PASSES = 12; // so often: then all but a few percent are found even where it is unsure
const LEAST = 5e-4; // beginnings less likely than this are not followed
const ONE_LINE_END = /^[\n\r\0]/u;
const ONE_SPACE = /^[\p{White_Space}\x1c-\x1f]/u;

// Find the `top` likeliest next words (`unit` is "word") or answers ("answer") after the tokens of
// `prompt`. It yields after each token that the model has read, so that others get their turn, and
// returns { likely: [[text, chance], …], rest, scores }: `scores` are those of the next token.
function* nextWhole({ model, tokenizer }, prompt, top, unit) {
  const longest = Math.min(LONGEST, model.block_size - prompt.length);
  const found = new Map(); // a word or answer -> its odds
  let waiting = []; // unfinished beginnings, the likeliest first

  function follow(path, chance, scores) {
    const odds = softmax(scores.slice());
    const goesOn = goingOn(tokenizer, path, unit);
    if (path.length) {
      let ends = 0;
      for (let token = 0; token < odds.length; token++) if (!goesOn(token)) ends += odds[token];
      count(tokenizer.decode(path), chance * ends);
    }
    for (let token = 0; token < odds.length; token++) {
      const share = odds[token] * chance;
      if (share < LEAST || !goesOn(token)) continue;
      const longer = [...path, token];
      if (token === SEPARATOR) count(END, share);
      else if (unit === "word" && isWhole(tokenizer, longer)) count(tokenizer.decode(longer), share);
      else if (longer.length < longest) waiting.push({ path: longer, chance: share });
    }
  }
  const count = (text, chance) => found.set(text, (found.get(text) ?? 0) + chance);

  model.length = 0;
  let x;
  for (const token of prompt) {
    x = model.throughLayers(token);
    yield;
  }
  const scores = model.scores(x);
  follow([], 1, scores);
  const memory = new Map([["", []]]); // a beginning -> what attention keeps of each of its tokens
  for (let pass = 0; pass < PASSES; pass++) {
    const best = [...found.values()].sort((a, b) => b - a);
    waiting.sort((a, b) => b.chance - a.chance);
    if (!waiting.length || (best.length >= top && waiting[0].chance <= best[top - 1])) break;
    for (const { path, chance } of waiting.splice(0, BATCH)) {
      const before = memory.get(String(path.slice(0, -1)));
      before.forEach((kept, i) => model.putBack(prompt.length + i, kept));
      model.length = prompt.length + before.length;
      const after = model.step(path.at(-1));
      memory.set(String(path), [...before, model.kept(model.length - 1)]);
      follow(path, chance, after);
      yield;
    }
  }
  const likely = [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, top);
  const rest = Math.max(0, 1 - likely.reduce((sum, [, chance]) => sum + chance, 0));
  return { likely, rest, scores };
}

// Whether no token can make these longer: marks and line ends stand alone.
function isWhole(tokenizer, path) {
  const text = complete(path.flatMap((token) => tokenizer.bytes[token]));
  return text !== null && text !== " " && ["space", "line", "other"].includes(kind(lastOf(text)));
}

// A function that says which tokens go on with what `path` has begun; all where it is empty.
function goingOn(tokenizer, path, unit) {
  tokenizer.kinds ??= tokenizer.bytes.map(begins);
  const kinds = tokenizer.kinds;
  if (!path.length) return () => true;
  if (unit === "answer") return (token) => kinds[token] !== "line";
  const text = complete(path.flatMap((token) => tokenizer.bytes[token]));
  if (text === null) return (token) => kinds[token] === "rest";
  if (text === " ") return (token) => !["space", "line", "rest"].includes(kinds[token]);
  const last = kind(lastOf(text));
  return (token) => kinds[token] === last;
}

// What a token begins with; "rest" is the middle of a character's bytes.
function begins(bytes) {
  if (bytes[0] >= 0x80 && bytes[0] < 0xc0) return "rest";
  const text = wellFormed(bytes);
  return text ? kind(text) : "letter"; // of a character that is not complete, nearly all are letters
}

function kind(character) {
  if (ONE_LINE_END.test(character)) return "line";
  if (ONE_SPACE.test(character)) return "space";
  if (/^[\p{L}\p{M}]/u.test(character)) return "letter";
  return /^\p{N}/u.test(character) ? "number" : "other";
}

function lastOf(text) {
  return [...text].at(-1);
}

// The text of these bytes, or null where they end within a character.
function complete(bytes) {
  const data = Uint8Array.from(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    const within = wellFormed(bytes.slice(0, -1)) !== null;
    return within ? null : new TextDecoder("utf-8", { ignoreBOM: true }).decode(data);
  }
}

// The same where they may end within a character, which is left out; null where they are no text.
function wellFormed(bytes) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(Uint8Array.from(bytes), { stream: true });
  } catch {
    return null;
  }
}
