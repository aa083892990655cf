import type { JsonObject } from "../packages/core/src/schema/json.ts";

/** Word salad from a fixed seed, about 480 bytes as JSON: system, user and assistant turns, one in twenty with an e-mail address. */
export function* chatRecords(rows: number, seed: number): Generator<JsonObject> {
  const vocabulary =
    "the quick brown fox jumps over a lazy dog while planning code review and writes function tests to explain how python class works in detail today because every team needs a clear schedule before the next release of their product".split(
      " ",
    );
  let state = seed;
  const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
  const text = (length: number): string => {
    let words = "";
    while (words.length < length) words += `${vocabulary[Math.floor(random() * vocabulary.length)] ?? ""} `;
    return `${words.trimEnd()}.`;
  };
  for (let i = 0; i < rows; i++) {
    const question = `${text(60 + random() * 60)} ${seed}-${i}${i % 20 === 0 ? " write to ana@example.org" : ""}`;
    yield {
      messages: [
        { role: "system", content: "You are a helpful assistant." },
        { role: "user", content: question },
        { role: "assistant", content: text(120 + random() * 160) },
      ],
    };
  }
}
