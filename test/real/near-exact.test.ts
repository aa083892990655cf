import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findNearDuplicates } from "../../packages/core/src/similarity/near.ts";
import { allPairs } from "../../packages/core/src/similarity/kernels/join.ts";
import { audit, inOrder, pairsByCounting, randomFrom } from "../../packages/core/src/similarity/test-near.ts";
import { loadByteKernels } from "../../packages/core/src/text/kernels/load.ts";
import { dataSet } from "./data-folder.ts";

const kernels = loadByteKernels();
const thresholds = [0.5, 0.7, 0.8, 0.9];

describe("precision and recall are 1 on 20,000 generated records", () => {
  judge(generated(20_000));
});

const banking = dataSet("banking77");
describe.skipIf(banking === undefined)("precision and recall are 1 on banking77 (needs TILTH_DATA)", () => {
  if (banking !== undefined) judge(["train", "test"].flatMap((name) => readFileSync(join(banking, `${name}.csv`), "utf8").split("\n")));
});

const gsm8k = dataSet("gsm8k_train");
describe.skipIf(gsm8k === undefined)("precision and recall are 1 on gsm8k (needs TILTH_DATA)", () => {
  if (gsm8k === undefined) return;
  const lines = readFileSync(join(gsm8k, "train.jsonl"), "utf8").split("\n").filter(Boolean);
  judge(
    lines.flatMap((line) => {
      const { question, answer }: { readonly question: string; readonly answer: string } = JSON.parse(line);
      return [question, answer];
    }),
  );
});

/** Holds the join and the survivors against every pair, counted over an index without any filter. */
function judge(texts: readonly string[]): void {
  const sets = kernels.shingleSets(texts, 3);
  const every = inOrder(texts.length);
  const order = every.toReversed();

  test.each(thresholds)("at %s", (threshold) => {
    const expected = pairsByCounting(sets, threshold);
    const found = new Map<string, number>();
    allPairs(sets, threshold, every, (earlier, later, similarity) => found.set(`${earlier} ${later}`, similarity));
    expect(found.size).toBe(expected.size);
    expect([...expected].filter(([pair, similarity]) => found.get(pair) !== similarity)).toEqual([]);

    const { witness, similarity, kept } = findNearDuplicates(sets, { order, shingleWords: 3, threshold, mode: "exact" });
    expect(kept).toBeLessThan(texts.length);
    expect(audit(expected, order, witness, similarity)).toMatchObject({ keptPairs: 0, withoutWitness: 0 });
  });
}

/** Texts of about 50 words that follow Zipf's law, every fourth an edited copy of an earlier one. */
function generated(count: number): readonly string[] {
  const random = randomFrom(2);
  const word = (): string => `w${Math.floor(60_000 * random() ** 4)}`;
  const texts: string[][] = [];
  for (let record = 0; record < count; record++) {
    const original = random() < 0.25 ? texts[Math.floor(random() * texts.length)] : undefined;
    const text = original?.slice() ?? Array.from({ length: 20 + Math.floor(random() * 60) }, word);
    if (original !== undefined)
      for (let edits = Math.floor(random() * 8); edits > 0; edits--) text[Math.floor(random() * text.length)] = word();
    texts.push(text);
  }
  return texts.map((text) => text.join(" "));
}
