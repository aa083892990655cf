import { survivorOrder } from "../similarity/exact.ts";
import { findNearAside } from "../similarity/near-aside.ts";
import type { ReadExamples } from "./dedupe-read.ts";
import type { Strategy } from "./dedupe-strategies.ts";

/** Which examples are dropped for which; one entry an example. */
export interface Decided {
  /** The example that is kept in its place; -1 where it is kept itself. */
  readonly witness: Int32Array;
  /** With the witness; 0 where it is kept. */
  readonly similarity: Float64Array;
  /** The examples, best first. */
  readonly order: Int32Array;
  readonly method: string;
  readonly reason: string;
  readonly shingleWords?: number;
}

export interface DecideOptions {
  readonly strategy: Strategy;
  readonly threshold: number;
  readonly progress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** Walks the examples from the best to the worst; one that repeats a kept one is dropped for the most similar of them. */
export async function decide(read: ReadExamples, { strategy, threshold, progress, signal }: DecideOptions): Promise<Decided> {
  const order = bestFirst(read);
  const { first, textOrder } = firstOfTexts(read, order);
  const near =
    read.shingles &&
    (await findNearAside(read.shingles.sets, {
      threshold,
      order: textOrder,
      shingleWords: read.shingles.words,
      ...(progress === undefined ? {} : { progress }),
      ...(signal === undefined ? {} : { signal }),
    }));
  const count = read.ids.length;
  const witness = new Int32Array(count).fill(-1);
  const similarity = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const text = read.texts[row] ?? -1;
    if (text < 0) continue;
    const by = near?.witness[text] ?? -1;
    const kept = first[by < 0 ? text : by] ?? row;
    if (kept === row) continue;
    witness[row] = kept;
    similarity[row] = by < 0 ? 1 : (near?.similarity[text] ?? 1);
  }
  const { method, reason } = near ?? strategy;
  return { witness, similarity, order, method, reason, ...(near === undefined ? {} : { shingleWords: near.shingleWords }) };
}

/** By quality, age and id; those that are left out of training come last, since they stand for none that is not. */
function bestFirst(read: ReadExamples): Int32Array {
  const order = survivorOrder(read);
  return Int32Array.from([...order.filter((row) => read.trained[row] === 1), ...order.filter((row) => read.trained[row] !== 1)]);
}

/** The best example of each text, and the texts in the order of these. */
function firstOfTexts(read: ReadExamples, order: Int32Array): { readonly first: Int32Array; readonly textOrder: Int32Array } {
  const first = new Int32Array(read.textCount).fill(-1);
  const textOrder = new Int32Array(read.textCount);
  let count = 0;
  for (const row of order) {
    const text = read.texts[row] ?? -1;
    if (text < 0 || first[text] !== -1) continue;
    first[text] = row;
    textOrder[count++] = text;
  }
  return { first, textOrder };
}
