import type { Embedder } from "../schema/embedder.ts";
import { toInt8 } from "../text/kernels/vectors.ts";
import { words } from "../text/words.ts";
import type { CompareOptions, Near } from "./freshness-query.ts";
import type { FreshnessSample } from "./freshness-state.ts";
import type { Weights } from "./kernels/freshness-hits.ts";

/** Numbers of 0 to below 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** An embedder of the shape and cost of a static one: a pseudo-random vector a word, added up. Words that begin with `zz` are unknown. */
export function pseudoEmbedder(changes: Partial<Embedder> = {}): Embedder {
  const dimensions = changes.dimensions ?? 256;
  const known = new Map<string, Float32Array>();
  return {
    id: "pseudo",
    version: "1",
    dimensions,
    backgroundCosine: 0.04,
    embed: async (texts) => {
      const rows = new Float32Array(texts.length * dimensions);
      for (const [row, text] of texts.entries()) {
        for (const word of words(text)) {
          let vector = known.get(word);
          if (vector === undefined) known.set(word, (vector = wordVector(word, dimensions)));
          for (let k = 0; k < dimensions; k++) rows[row * dimensions + k] = (rows[row * dimensions + k] ?? 0) + (vector[k] ?? 0);
        }
      }
      return rows;
    },
    ...changes,
  };
}

/** Later axes vary less, as in a table whose axes are ordered by variance. */
function wordVector(word: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  if (word.startsWith("zz")) return vector;
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  for (let k = 0; k < dimensions; k++) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) + k;
    vector[k] = ((hash | 0) / 2 ** 31) * (1 - (0.8 * k) / dimensions);
  }
  return vector;
}

/** Texts of everyday and of rare words, a third of them spliced from halves of others. */
export function generateTexts(count: number, random: () => number, vocabulary = 1_500): string[] {
  const word = (): string => `w${Math.floor(vocabulary * random() ** 3)}`;
  const texts: string[] = [];
  while (texts.length < count) {
    if (texts.length > 20 && random() < 0.35) {
      const [left, right] = [pick(texts, random).split(" "), pick(texts, random).split(" ")];
      const head = left.slice(0, 1 + Math.floor(random() * left.length));
      texts.push([...head, ...right.slice(Math.floor(random() * right.length))].slice(0, 60).join(" "));
    } else texts.push(Array.from({ length: 1 + Math.floor(25 * random() ** 1.5) }, word).join(" "));
  }
  return texts;
}

export function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

export function changeWords(text: string, share: number, random: () => number): string {
  const other = ["really", "maybe", "today", "w3", "w700", "another"];
  return text
    .split(" ")
    .map((word) => (random() < share ? pick(other, random) : word))
    .join(" ");
}

export function shuffleWords(text: string, random: () => number): string {
  const list = text.split(" ");
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j] ?? "", list[i] ?? ""];
  }
  return list.join(" ");
}

/** Every kind of question: unseen, changed a little and a lot, shuffled, very short, copied. */
export function querySets(
  pool: readonly string[],
  unseen: readonly string[],
  count: number,
  random: () => number,
): Record<string, string[]> {
  const make = (change: (text: string) => string): string[] => Array.from({ length: count }, () => change(pick(pool, random)));
  return {
    unseen: unseen.slice(0, count),
    "10 % changed": make((text) => changeWords(text, 0.1, random)),
    "35 % changed": make((text) => changeWords(text, 0.35, random)),
    shuffled: make((text) => shuffleWords(text, random)),
    "one or two words": make((text) =>
      text
        .split(" ")
        .slice(0, 1 + Math.floor(random() * 2))
        .join(" "),
    ),
    "exact copy": make((text) => text),
  };
}

interface Measured {
  readonly sample: FreshnessSample;
  readonly words: ReadonlySet<string>;
  readonly phrases: ReadonlySet<string>;
  readonly sequence: string;
  readonly vector: Int8Array;
  readonly square: number;
}

/** The specification: strings and sets, every sample, no bounds. */
export class Oracle {
  readonly #samples = new Map<string, Measured>();
  readonly #embedder: Embedder;
  readonly #weights: Weights;
  readonly #nowMs: number;

  constructor(embedder: Embedder, weights: Weights, nowMs = 0) {
    this.#embedder = embedder;
    this.#weights = weights;
    this.#nowMs = nowMs;
  }

  async insert(samples: readonly FreshnessSample[]): Promise<void> {
    for (const sample of samples) {
      this.#samples.delete(sample.id);
      const measured = await this.#measure(sample);
      if (measured.words.size > 0) this.#samples.set(sample.id, measured);
    }
  }

  remove(id: string): void {
    this.#samples.delete(id);
  }

  get size(): number {
    return this.#samples.size;
  }

  /** Undefined for a text without words. */
  async nearest(text: string, options: CompareOptions = {}, k = 1): Promise<Near[] | undefined> {
    const query = await this.#measure({ id: "", text });
    if (query.words.size === 0) return undefined;
    const excluded = new Set(options.exclude);
    return this.#scope(options)
      .filter(({ sample }) => !excluded.has(sample.id))
      .map((other) => this.#compare(query, other, options.weights ?? this.#weights))
      .toSorted((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1))
      .slice(0, k);
  }

  #scope({ type, window }: CompareOptions): Measured[] {
    const time = ({ sample }: Measured): number => sample.atMs ?? 0;
    const typed = [...this.#samples.values()].filter(({ sample }) => type === undefined || (sample.type ?? "") === type);
    if (window === undefined) return typed;
    if ("days" in window) return typed.filter((measured) => time(measured) >= this.#nowMs - window.days * 86_400_000);
    const byTime = typed.toSorted((left, right) => time(right) - time(left) || (left.sample.id < right.sample.id ? 1 : -1));
    return byTime.slice(0, window.samples);
  }

  #compare(query: Measured, other: Measured, weights: Weights): Near {
    const { backgroundCosine } = this.#embedder;
    let dot = 0;
    for (let k = 0; k < query.vector.length; k++) dot += (query.vector[k] ?? 0) * (other.vector[k] ?? 0);
    const known = query.square > 0 && other.square > 0;
    const cosine = known ? dot / (Math.sqrt(query.square) * Math.sqrt(other.square)) : 0;
    const rescaled = Math.min(1, Math.max(0, (cosine - backgroundCosine) / (1 - backgroundCosine)));
    const same = query.sequence === other.sequence;
    const word = same ? 1 : jaccard(query.words, other.words);
    const phrase = same ? 1 : jaccard(query.phrases, other.phrases);
    const semantic = same ? 1 : known ? rescaled : 0;
    const score = weights.phrase * phrase + weights.word * word + weights.semantic * semantic;
    return { id: other.sample.id, score, parts: { word, phrase, semantic }, cosine };
  }

  async #measure(sample: FreshnessSample): Promise<Measured> {
    const list = words(sample.text);
    const size = Math.min(3, list.length);
    const phrases = new Set(list.slice(0, list.length - size + 1).map((_, i) => list.slice(i, i + size).join(" ")));
    const vector = new Int8Array(this.#embedder.dimensions);
    const square = toInt8(await this.#embedder.embed([sample.text]), 0, vector.length, vector, 0);
    return { sample, words: new Set(list), phrases: list.length === 0 ? new Set() : phrases, sequence: list.join(" "), vector, square };
  }
}

function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const shared = [...left].filter((item) => right.has(item)).length;
  return shared === 0 ? 0 : shared / (left.size + right.size - shared);
}
