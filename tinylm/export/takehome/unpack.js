// The weights as they lie in this file: each is a number of 24 bits, in three parts of 8 bits. All
// first parts come first, because those are much alike, so they can be packed well.

async function unpacked(base64, shapes) {
  const packed = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const parts = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = parts.length / 3;
  const bits = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    bits[i] = (parts[i] << 24) | (parts[count + i] << 16) | (parts[2 * count + i] << 8);
  }
  const numbers = new Float32Array(bits.buffer);
  const weights = {};
  let start = 0;
  for (const [name, size] of shapes) {
    weights[name] = numbers.subarray(start, start + size);
    start += size;
  }
  return weights;
}
