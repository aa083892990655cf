import { performance } from "node:perf_hooks";
import { TilthError } from "../errors.ts";
import type { Embedder } from "../schema/embedder.ts";
import { comparisonColumns, comparisonGroup, comparisonTextOfRow } from "../similarity/comparison-text.ts";
import { embedInt8 } from "../similarity/freshness-vectors.ts";
import type { Int8Vectors } from "../similarity/freshness-vectors.ts";
import type { Storage } from "../storage/storage.ts";
import { loadVectorKernels } from "../text/kernels/load-vectors.ts";
import type { Choice } from "./dedupe-read.ts";
import { chosen, comparisonRowOf, countChosen } from "./dedupe-read.ts";
import type { ShownExample } from "./dedupe-show.ts";
import { startOf } from "./dedupe-show.ts";

export interface SemanticRequest extends Choice {
  readonly embedder: Embedder;
  /** Cosine from which on two examples are a pair, above 0 up to 1. */
  readonly threshold: number;
  /** How many pairs the report shows. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?:
    | ((at: { readonly step: "reading" | "embedding" | "comparing"; readonly done: number; readonly total: number }) => void)
    | undefined;
}

/** Two examples that may say the same in other words. */
export interface SemanticPair {
  /** The cosine of their vectors. */
  readonly similarity: number;
  readonly first: ShownExample;
  readonly second: ShownExample;
}

/** Pairs for people to look at: nothing is dropped, and nothing stored. */
export interface SemanticReport {
  readonly threshold: number;
  readonly method: "scan";
  readonly reason: string;
  readonly embedder: { readonly id: string; readonly version: string };
  readonly engine: "wasm" | "typescript";
  readonly read: number;
  /** Examples of which the embedder knows no word: they are in no pair. */
  readonly unknown: number;
  readonly pairs: { readonly count: number; readonly first: readonly SemanticPair[] };
  readonly elapsedMs: number;
}

/** Each is compared with each, so ten times as many would take a hundred times as long. */
const MOST_SEMANTIC = 20_000;

/**
 * Finds examples of one kind whose texts mean nearly the same, by comparing each with each.
 *
 * @throws {@link TilthError} `dedupe/too-many` above {@link MOST_SEMANTIC} examples, `embed/mismatch`; what the embedder throws; the
 *   signal's reason when it is aborted.
 */
export async function findSemanticPairs(storage: Storage, request: SemanticRequest): Promise<SemanticReport> {
  const startedMs = performance.now();
  const { embedder, threshold, signal } = request;
  const examples = await readTexts(storage, request);
  const vectors = await embedAll(examples, request);
  const { engine, count, pairs } = await comparePairs(examples, vectors, request);
  signal?.throwIfAborted();
  const shown = (index: number): ShownExample => {
    const { id, kind, text } = examples[index] ?? { id: "", kind: "text", text: "" };
    return { id, kind, text: startOf(text) };
  };
  return {
    threshold,
    method: "scan",
    reason: `Each was compared with each by the vectors of ${embedder.id}: a meaning, not proof that one repeats the other.`,
    embedder: { id: embedder.id, version: embedder.version },
    engine,
    read: examples.length,
    unknown: vectors.squares.reduce((sum, square) => sum + Number(square === 0), 0),
    pairs: {
      count,
      first: pairs.map(({ similarity, first, second }) => ({ similarity, first: shown(first), second: shown(second) })),
    },
    elapsedMs: Math.round(performance.now() - startedMs),
  };
}

interface ReadText {
  readonly id: string;
  readonly kind: ShownExample["kind"];
  readonly group: string;
  readonly text: string;
}

/** All texts at once, which their number bounds: a snapshot waits for no network. In the order of their ids. */
async function readTexts(storage: Storage, request: SemanticRequest): Promise<readonly ReadText[]> {
  return storage.read(async (snapshot) => {
    const total = await countChosen(snapshot, request);
    if (total > MOST_SEMANTIC) throw new TilthError("dedupe/too-many", { examples: total, limit: MOST_SEMANTIC });
    const query = chosen(snapshot, request)
      .select([...comparisonColumns, "id"])
      .orderBy("id");
    const examples: ReadText[] = [];
    for await (const batch of snapshot.scan(query, request.signal === undefined ? {} : { signal: request.signal })) {
      for (const cells of batch) {
        const row = comparisonRowOf(cells);
        const id = String(cells[comparisonColumns.length]);
        examples.push({ id, kind: row.kind, group: comparisonGroup(row), text: comparisonTextOfRow(row) });
      }
      request.progress?.({ step: "reading", done: examples.length, total });
    }
    return examples;
  });
}

async function embedAll(examples: readonly ReadText[], { embedder, signal, progress }: SemanticRequest): Promise<Int8Vectors> {
  const parts: Int8Vectors[] = [];
  for (let start = 0; start < examples.length; start += TEXTS_A_CALL) {
    signal?.throwIfAborted();
    const texts = examples.slice(start, start + TEXTS_A_CALL).map(({ text }) => text);
    parts.push(await embedInt8(embedder, texts));
    progress?.({ step: "embedding", done: start + texts.length, total: examples.length });
  }
  const dimensions = parts[0]?.dimensions ?? 0;
  const rows = new Int8Array(examples.length * dimensions);
  const squares = new Int32Array(examples.length);
  for (const [i, part] of parts.entries()) {
    rows.set(part.rows, i * TEXTS_A_CALL * dimensions);
    squares.set(part.squares, i * TEXTS_A_CALL);
  }
  return { rows, dimensions, squares };
}

const TEXTS_A_CALL = 500;

interface Pair {
  readonly similarity: number;
  readonly first: number;
  readonly second: number;
}

async function comparePairs(
  examples: readonly ReadText[],
  { rows, dimensions, squares }: Int8Vectors,
  { threshold, limit, signal, progress }: SemanticRequest,
): Promise<{ readonly engine: "wasm" | "typescript"; readonly count: number; readonly pairs: readonly Pair[] }> {
  const total = examples.length;
  const out = rows.length;
  const kernels = loadVectorKernels({ bytes: out + 4 * total });
  new Int8Array(kernels.buffer).set(rows);
  const dots = new Int32Array(kernels.buffer, out, total);
  const inverse = Float64Array.from(squares, (square) => (square === 0 ? 0 : 1 / Math.sqrt(square)));
  const groups = numbersOf(examples.map(({ group }) => group));
  let pairs: Pair[] = [];
  let count = 0;
  for (let first = 0; first < total; first++) {
    const others = total - first - 1;
    kernels.dots(first * dimensions, (first + 1) * dimensions, others, dimensions, out);
    for (let i = 0; i < others; i++) {
      const second = first + 1 + i;
      const cosine = (dots[i] ?? 0) * (inverse[first] ?? 0) * (inverse[second] ?? 0);
      if (cosine < threshold - ROUNDING || groups[first] !== groups[second]) continue;
      count++;
      pairs.push({ similarity: Math.min(1, cosine), first, second });
    }
    // Of very many pairs only the best are kept at any time.
    if (pairs.length > MOST_HELD + limit) pairs = best(pairs, limit);
    if (first % 500 === 0) {
      progress?.({ step: "comparing", done: first, total });
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    }
  }
  return { engine: kernels.engine, count, pairs: best(pairs, limit) };
}

const ROUNDING = 1e-12;
const MOST_HELD = 100_000;

/** The most similar first; of equally similar ones those with the earlier ids. */
function best(pairs: readonly Pair[], limit: number): Pair[] {
  return pairs.toSorted((a, b) => b.similarity - a.similarity || a.first - b.first || a.second - b.second).slice(0, limit);
}

function numbersOf(words: readonly string[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(words, (word) => {
    const known = numbers.get(word) ?? numbers.size;
    numbers.set(word, known);
    return known;
  });
}
