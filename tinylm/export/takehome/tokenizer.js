// From text to tokens and back: byte-pair encoding, as in tinylm/text/tokenizer.py.
//
// A token is a piece of text that stood often in the text that the model read. The first 256 are
// the single bytes. Each further one joins two earlier ones.

const SEPARATOR = 0; // the token that stands before and after each document

class Tokenizer {
  // `merges[i]` has the two tokens that token 256 + i joins. `pattern` cuts a text into words.
  constructor(merges, pattern) {
    this.bytes = Array.from({ length: 256 }, (_, byte) => [byte]);
    for (const [left, right] of merges) this.bytes.push([...this.bytes[left], ...this.bytes[right]]);
    this.ids = new Map(this.bytes.map((bytes, id) => [String(bytes), id]));
    this.words = new RegExp(forJavaScript(pattern), "gu");
  }

  encode(text) {
    const words = text.match(this.words) ?? [];
    return words.flatMap((word) => this.encodeWord([...new TextEncoder().encode(word)]));
  }

  // Begin with single bytes. Join the two neighbours that make the token learned first, as long as
  // any two make one.
  encodeWord(bytes) {
    const whole = this.ids.get(String(bytes));
    if (whole !== undefined) return [whole];
    const tokens = [...bytes];
    for (;;) {
      let [best, at] = [Infinity, -1];
      for (let i = 0; i + 1 < tokens.length; i++) {
        const joined = this.ids.get(String([...this.bytes[tokens[i]], ...this.bytes[tokens[i + 1]]]));
        if (joined < best) [best, at] = [joined, i];
      }
      if (at < 0) return tokens;
      tokens.splice(at, 2, best);
    }
  }

  // Bytes that are no whole character become the sign for that, U+FFFD.
  decode(tokens) {
    const bytes = Uint8Array.from(tokens.flatMap((token) => this.bytes[token]));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
}

// What JavaScript calls a space differs from what the tokenizer was learned with.
function forJavaScript(pattern) {
  return pattern.replaceAll("\\s", "\\p{White_Space}").replaceAll("\\S", "\\P{White_Space}");
}
