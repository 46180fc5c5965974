// Answers the requests of llama.py with llama.cpp: one JSON object in, one out.
// { model, size, texts: [string], greedy: [{ ids, count, stops }], likely: [[id]] }
// -> { ids: [[id]] of texts, greedy: [[id]], likely: [[log-probability of each id after the first]] }
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, questions, answers] = process.argv.slice(2);
const found = createRequire(join(folder, "here.js")).resolve("node-llama-cpp");
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(found).href);
const asked = JSON.parse(readFileSync(questions, "utf8"));
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 1 });
const model = await llama.loadModel({ modelPath: asked.model });
const context = await model.createContext({
  contextSize: asked.size,
  threads: 1,
  flashAttention: false, // it rounds keys and values
  experimentalKvCacheKeyType: "F32",
  experimentalKvCacheValueType: "F32",
});
const sequence = context.getSequence();

const ids = asked.texts.map((text) => model.tokenize(text, false));
const greedy = [];
for (const { ids, count, stops } of asked.greedy) {
  await sequence.clearHistory();
  const written = [];
  let next = ids;
  while (written.length < count) {
    const last = next.length - 1;
    const out = await sequence.controlledEvaluate(
      next.map((id, i) => (i < last ? id : [id, { generateNext: { token: true, options: { temperature: 0 } } }])),
    );
    const token = out[last].next.token ?? 0; // null: the separator
    if (stops.includes(token)) break;
    written.push(token);
    next = [token];
  }
  greedy.push(written);
}
const likely = [];
for (const row of asked.likely) {
  await sequence.clearHistory();
  const out = await sequence.controlledEvaluate(
    row.slice(0, -1).map((id) => [id, { generateNext: { probabilities: true } }]),
  );
  likely.push(out.map((one, i) => Math.log(one.next.probabilities.get(row[i + 1]))));
}
writeFileSync(answers, JSON.stringify({ ids, greedy, likely }));
await llama.dispose();
