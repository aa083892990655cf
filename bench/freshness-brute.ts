import type { Embedder } from "../packages/core/src/schema/embedder.ts";
import { FRESHNESS_WEIGHTS } from "../packages/core/src/similarity/freshness.ts";
import { toInt8 } from "../packages/core/src/text/kernels/vectors.ts";
import { words } from "../packages/core/src/text/words.ts";

/** Numbers of a word up to which three of them fit one float exactly. */
const MOST_WORDS = 208_000;

interface Numbered {
  readonly words: readonly number[];
  readonly phrases: readonly number[];
  readonly sequence: string;
}

/**
 * The specification on numbers instead of strings: every sample, no bounds, nothing shared with the index but the definition of a word.
 *
 * @returns A function that gives the score of the nearest sample; nothing for a text without words.
 */
export async function bruteForce(pool: readonly string[], embedder: Embedder): Promise<(text: string) => Promise<number | undefined>> {
  const { dimensions, backgroundCosine } = embedder;
  const numbers = new Map<string, number>();
  const vectors = new Int8Array(pool.length * dimensions);
  const norms = new Float64Array(pool.length);
  for (let from = 0; from < pool.length; from += 512) {
    const rows = await embedder.embed(pool.slice(from, from + 512));
    for (let i = 0; i < rows.length / dimensions; i++)
      norms[from + i] = Math.sqrt(toInt8(rows, i * dimensions, dimensions, vectors, (from + i) * dimensions));
  }
  const sequences = new Set<string>();
  const wordStarts = new Uint32Array(pool.length + 1);
  const phraseStarts = new Uint32Array(pool.length + 1);
  let wordIds = new Uint32Array(1 << 20);
  let phraseKeys = new Float64Array(1 << 20);
  for (const [n, text] of pool.entries()) {
    const sample = number(text, numbers, true);
    sequences.add(sample.sequence);
    const [words0, phrases0] = [wordStarts[n] ?? 0, phraseStarts[n] ?? 0];
    wordStarts[n + 1] = words0 + sample.words.length;
    phraseStarts[n + 1] = phrases0 + sample.phrases.length;
    if (words0 + sample.words.length > wordIds.length) wordIds = larger(wordIds, new Uint32Array(2 * wordIds.length));
    if (phrases0 + sample.phrases.length > phraseKeys.length) phraseKeys = larger(phraseKeys, new Float64Array(2 * phraseKeys.length));
    wordIds.set(sample.words, words0);
    phraseKeys.set(sample.phrases, phrases0);
  }
  if (numbers.size > MOST_WORDS) throw new Error(`${numbers.size} words are too many for this comparison`);

  return async (text) => {
    const query = number(text, numbers, false);
    if (query.words.length === 0) return undefined;
    const vector = new Int8Array(dimensions);
    const norm = Math.sqrt(toInt8(await embedder.embed([text]), 0, dimensions, vector, 0));
    const flags = new Uint8Array(numbers.size + 1);
    for (const word of query.words) if (word <= numbers.size) flags[word] = 1;
    const phrases = new Set(query.phrases);
    let best = sequences.has(query.sequence) ? 1 : 0;
    for (let n = 0; n < pool.length; n++) {
      const [w0 = 0, w1 = 0, p0 = 0, p1 = 0] = [wordStarts[n], wordStarts[n + 1], phraseStarts[n], phraseStarts[n + 1]];
      let sharedWords = 0;
      for (let i = w0; i < w1; i++) sharedWords += flags[wordIds[i] ?? 0] ?? 0;
      let sharedPhrases = 0;
      for (let i = p0; i < p1; i++) if (phrases.has(phraseKeys[i] ?? 0)) sharedPhrases++;
      let dot = 0;
      for (let k = 0, at = n * dimensions; k < dimensions; k++) dot += (vector[k] ?? 0) * (vectors[at + k] ?? 0);
      const cosine = dot === 0 ? 0 : dot / (norm * (norms[n] ?? 0));
      const semantic = norm === 0 || norms[n] === 0 ? 0 : Math.min(1, Math.max(0, (cosine - backgroundCosine) / (1 - backgroundCosine)));
      const score =
        FRESHNESS_WEIGHTS.word * jaccard(sharedWords, query.words.length, w1 - w0) +
        FRESHNESS_WEIGHTS.phrase * jaccard(sharedPhrases, query.phrases.length, p1 - p0) +
        FRESHNESS_WEIGHTS.semantic * semantic;
      if (score > best) best = score;
    }
    return best;
  };
}

/** Words and phrases of a text as numbers from 1 on; words that nothing in the pool has get numbers of their own. */
function number(text: string, numbers: Map<string, number>, add: boolean): Numbered {
  const unknown = new Map<string, number>();
  const sequence = words(text).map((word) => {
    const known = numbers.get(word) ?? unknown.get(word);
    if (known !== undefined) return known;
    const next = numbers.size + unknown.size + 1;
    (add ? numbers : unknown).set(word, next);
    return next;
  });
  const size = Math.min(3, sequence.length);
  const phrases = new Set<number>();
  for (let i = 0; i + size <= sequence.length && size > 0; i++)
    phrases.add(sequence.slice(i, i + size).reduce((key, word) => key * MOST_WORDS + word, 0));
  return { words: [...new Set(sequence)], phrases: [...phrases], sequence: sequence.join(" ") };
}

function jaccard(shared: number, left: number, right: number): number {
  return shared === 0 ? 0 : shared / (left + right - shared);
}

function larger<Numbers extends Uint32Array | Float64Array>(old: Numbers, into: Numbers): Numbers {
  into.set(old);
  return into;
}
