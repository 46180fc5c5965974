// The language model itself: from a token to the odds of the next one.
//
// This is the same computation as tinylm/model/gpt.py, for one token at a time. A token is a piece
// of text with a number. Each layer first reads from the tokens before (attention), then works on
// each token by itself (the MLP). What attention read of earlier tokens is kept in `keys` and
// `values`, so that no token is computed twice.

const NORM_EPS = 1e-6;
const ROPE_THETA = 10000;

class Model {
  // `shape` has n_layer, n_head, n_embd, block_size and vocab_size; `weights` has one Float32Array
  // for each name, as in the checkpoint: "embedding.weight", "blocks.0.attention.wq.weight", …
  constructor(shape, weights) {
    Object.assign(this, shape);
    this.weights = weights;
    this.headSize = this.n_embd / this.n_head;
    this.hidden = weights["blocks.0.mlp.up.weight"].length / this.n_embd;
    this.keys = this.perLayer();
    this.values = this.perLayer();
    this.length = 0; // how many tokens were read so far
    this.rotary = rotaryTables(this.block_size, this.headSize);
  }

  perLayer() {
    const size = this.block_size * this.n_embd;
    return Array.from({ length: this.n_layer }, () => new Float32Array(size));
  }

  // Forget everything, read these tokens, and return a score (logit) for each possible next one.
  read(tokens) {
    this.length = 0;
    let x;
    for (const token of tokens) x = this.throughLayers(token);
    return this.scores(x);
  }

  // Read one more token, and return a score for each possible next one.
  step(token) {
    return this.scores(this.throughLayers(token));
  }

  // The numbers that stand for a token, after all layers.
  throughLayers(token) {
    const width = this.n_embd;
    const x = this.weights["embedding.weight"].slice(token * width, (token + 1) * width);
    for (let layer = 0; layer < this.n_layer; layer++) {
      const of = (name) => this.weights[`blocks.${layer}.${name}.weight`];
      add(x, this.attention(layer, normalised(x, of("attention_norm")), of));
      add(x, this.mlp(normalised(x, of("mlp_norm")), of));
    }
    this.length++;
    return x;
  }

  scores(x) {
    return times(this.weights["embedding.weight"], normalised(x, this.weights["norm.weight"]));
  }

  // What attention keeps of the token at `place`; `putBack` lays it there again.
  kept(place) {
    const width = this.n_embd;
    const part = (one) => one.slice(place * width, (place + 1) * width);
    return { keys: this.keys.map(part), values: this.values.map(part) };
  }

  putBack(place, { keys, values }) {
    keys.forEach((one, layer) => this.keys[layer].set(one, place * this.n_embd));
    values.forEach((one, layer) => this.values[layer].set(one, place * this.n_embd));
  }

  // What this token reads from itself and from those before it.
  attention(layer, x, of) {
    const { n_head, headSize, n_embd, length } = this;
    const queries = times(of("attention.wq"), x);
    const keys = times(of("attention.wk"), x);
    for (let head = 0; head < n_head; head++) {
      const part = [head * headSize, (head + 1) * headSize];
      this.turn(queries.subarray(...part), of("attention.q_norm"));
      this.turn(keys.subarray(...part), of("attention.k_norm"));
    }
    this.keys[layer].set(keys, length * n_embd);
    this.values[layer].set(times(of("attention.wv"), x), length * n_embd);
    const mixed = new Float32Array(n_embd);
    for (let head = 0; head < n_head; head++) this.readHead(layer, head, queries, mixed);
    return times(of("attention.wo"), mixed);
  }

  // Turn the numbers of a head by an angle that says where its token stands (rotary positions).
  turn(head, weight) {
    const half = this.headSize / 2;
    const at = this.length * half;
    const { cos, sin } = this.rotary;
    const x = normalised(head, weight);
    for (let i = 0; i < half; i++) {
      head[i] = x[i] * cos[at + i] - x[i + half] * sin[at + i];
      head[i + half] = x[i + half] * cos[at + i] + x[i] * sin[at + i];
    }
  }

  readHead(layer, head, queries, mixed) {
    const { headSize, n_embd, length } = this;
    const [keys, values, start] = [this.keys[layer], this.values[layer], head * headSize];
    const attention = new Float32Array(length + 1);
    for (let place = 0; place <= length; place++) {
      let sum = 0;
      for (let i = 0; i < headSize; i++) {
        sum += queries[start + i] * keys[place * n_embd + start + i];
      }
      attention[place] = sum / Math.sqrt(headSize);
    }
    softmax(attention); // now they add up to 1
    for (let place = 0; place <= length; place++) {
      for (let i = 0; i < headSize; i++) {
        mixed[start + i] += attention[place] * values[place * n_embd + start + i];
      }
    }
  }

  mlp(x, of) {
    const gate = times(of("mlp.gate"), x);
    const up = times(of("mlp.up"), x);
    for (let i = 0; i < gate.length; i++) gate[i] = (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
    return times(of("mlp.down"), gate);
  }
}

// A matrix, row by row, times a list of numbers.
function times(matrix, x) {
  const width = x.length;
  const out = new Float32Array(matrix.length / width);
  for (let row = 0, at = 0; row < out.length; row++, at += width) {
    let [a, b, c, d] = [0, 0, 0, 0]; // four sums, which a processor adds up side by side
    for (let i = 0; i < width; i += 4) {
      a += matrix[at + i] * x[i];
      b += matrix[at + i + 1] * x[i + 1];
      c += matrix[at + i + 2] * x[i + 2];
      d += matrix[at + i + 3] * x[i + 3];
    }
    out[row] = a + b + (c + d);
  }
  return out;
}

// Numbers whose mean square is 1, times a weight for each (RMSNorm).
function normalised(x, weight) {
  let squares = 0;
  for (const one of x) squares += one * one;
  const scale = 1 / Math.sqrt(squares / x.length + NORM_EPS);
  return weight.map((one, i) => x[i] * scale * one);
}

function add(x, more) {
  for (let i = 0; i < x.length; i++) x[i] += more[i];
}

// Turn scores into odds: positive numbers that add up to 1.
function softmax(scores) {
  const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += scores[i] = Math.exp(scores[i] - largest);
  for (let i = 0; i < scores.length; i++) scores[i] /= sum;
  return scores;
}

function rotaryTables(length, headSize) {
  const half = headSize / 2;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  for (let place = 0; place < length; place++) {
    for (let i = 0; i < half; i++) {
      const frequency = Math.fround(Math.pow(ROPE_THETA, -(2 * i) / headSize));
      const angle = Math.fround(place * frequency);
      cos[place * half + i] = Math.cos(angle);
      sin[place * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

function likeliest(scores) {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
  return best;
}

// Draw a token by chance. A higher temperature makes unlikely ones less unlikely.
function drawn(scores, temperature) {
  const odds = softmax(scores.map((one) => one / temperature));
  let place = Math.random();
  for (let i = 0; i < odds.length; i++) if ((place -= odds[i]) < 0) return i;
  return likeliest(scores);
}

// Yield up to `number` tokens that continue `prompt`, chosen one after the other. When the context
// is full, the model forgets the earlier half of it and reads the later half again.
function* continued(model, prompt, number, choose = likeliest) {
  let context = prompt.slice(-model.block_size);
  let scores = model.read(context);
  for (let i = 0; i < number; i++) {
    const token = choose(scores);
    yield token;
    context.push(token);
    if (context.length > model.block_size) {
      context = context.slice(Math.floor(model.block_size / 2));
      scores = model.read(context);
    } else {
      scores = model.step(token);
    }
  }
}
