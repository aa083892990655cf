import type { Embedder } from "../schema/embedder.ts";

const MOST_TEXTS = 1000;

/**
 * Mean cosine of unrelated texts, for an embedder that does not know its own: up to 1,000 shuffled pairs of the texts given.
 *
 * Each distinct text is paired with the next in an order that is the same at every call, and embedded once. Store the number with the
 * index: another choice of texts gives another one.
 *
 * @returns Rounded to 4 decimals; `undefined` where fewer than two distinct texts have a vector.
 */
export async function measureBackground(embedder: Embedder, texts: Iterable<string>): Promise<number | undefined> {
  const chosen = shuffle([...new Set(texts)]).slice(0, MOST_TEXTS);
  const vectors = await embedder.embed(chosen);
  const rows = chosen.flatMap((_, index) => unitRow(vectors, index, embedder.dimensions) ?? []);
  if (rows.length < 2) return undefined;
  const sum = rows.reduce((total, row, index) => total + dot(row, rows[(index + 1) % rows.length] ?? row), 0);
  return Math.round((sum / rows.length) * 1e4) / 1e4;
}

/** The same embedder with the background that was measured for it. */
export function withBackground(embedder: Embedder, backgroundCosine: number): Embedder {
  return { ...embedder, backgroundCosine };
}

/** Fisher and Yates, with a generator of its own: the same order in every process. */
function shuffle(texts: string[]): string[] {
  let state = 1;
  for (let i = texts.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (i + 1));
    [texts[i], texts[other]] = [texts[other] ?? "", texts[i] ?? ""];
  }
  return texts;
}

function unitRow(vectors: Int8Array | Float32Array, index: number, dimensions: number): Float64Array | undefined {
  const row = Float64Array.from(vectors.subarray(index * dimensions, (index + 1) * dimensions));
  const length = Math.sqrt(dot(row, row));
  return length > 0 ? row.map((value) => value / length) : undefined;
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, d) => sum + value * (right[d] ?? 0), 0);
}
