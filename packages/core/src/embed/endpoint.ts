import type { EmbedderSettings } from "../schema/config.ts";
import type { Embedder } from "../schema/embedder.ts";
import { sha256Hex } from "../text/hash.ts";
import { toInt8 } from "../text/kernels/vectors.ts";
import { type Connection, type RequestOptions, requestVectors, toConnection } from "./endpoint-request.ts";

export interface EndpointOptions extends RequestOptions, Pick<EmbedderSettings, "dimensions" | "pricePerMillion"> {
  /** Measured earlier for this model (`measureBackground`). @defaultValue 0, which leaves cosines as they are */
  readonly backgroundCosine?: number | undefined;
  /** Texts in one request. @defaultValue 128 */
  readonly batchTexts?: number;
  /** Characters in one request; a longer text goes alone. @defaultValue 100,000 */
  readonly batchCharacters?: number;
  /** Texts whose vectors are remembered, the latest used. @defaultValue 20,000 */
  readonly rememberedTexts?: number;
}

/** What was asked of an endpoint since it was opened. */
export interface EndpointUsage {
  readonly requests: number;
  /** As the endpoint counted them. */
  readonly tokens: number;
  /** In the currency of `pricePerMillion`; absent without a price. */
  readonly cost?: number;
}

export interface EndpointEmbedder extends Embedder {
  usage(): EndpointUsage;
}

/**
 * Opens any OpenAI-compatible `/embeddings` address. The first request is made at once: it shows the dimensions, and a wrong key.
 *
 * Texts leave this machine. They go in batches, one after the other; what an answer held is remembered by the hash of its text, so nothing is
 * paid twice, also when a later batch fails. A blank text is not sent and becomes zeros.
 *
 * @throws {@link TilthError} `embed/key-missing`, `embed/endpoint-refused`, `embed/endpoint-failed` or `embed/bad-answer`, also from `embed`;
 *   the signal's reason once it is aborted.
 */
export async function openEndpointEmbedder(options: EndpointOptions): Promise<EndpointEmbedder> {
  const connection = toConnection(options);
  const tally = { requests: 0, tokens: 0 };
  const first = await ask(["dimensions"], options.dimensions);
  const dimensions = first.vectors.length;
  const memory = createMemory(options.rememberedTexts ?? 20_000);
  return {
    id: `endpoint:${options.model}${options.dimensions === undefined ? "" : `@${options.dimensions}`}`,
    version: first.model ?? options.model,
    dimensions,
    backgroundCosine: options.backgroundCosine ?? 0,
    embed,
    usage: () => ({
      ...tally,
      ...(options.pricePerMillion === undefined ? {} : { cost: (tally.tokens * options.pricePerMillion) / 1e6 }),
    }),
  };

  async function embed(texts: readonly string[]): Promise<Int8Array> {
    const vectors = new Int8Array(texts.length * dimensions);
    const wanted = new Map<string, { readonly text: string; readonly rows: number[] }>();
    for (const [row, text] of texts.entries()) {
      if (text.trim() === "") continue;
      const key = sha256Hex(text);
      const known = memory.get(key);
      if (known !== undefined) vectors.set(known, row * dimensions);
      else if (wanted.has(key)) wanted.get(key)?.rows.push(row);
      else wanted.set(key, { text: text.toWellFormed(), rows: [row] });
    }
    for (const batch of batches([...wanted], options)) {
      const answer = await ask(
        batch.map(([, { text }]) => text),
        dimensions,
      );
      for (const [index, [key, { rows }]] of batch.entries()) {
        const vector = new Int8Array(dimensions);
        toInt8(answer.vectors, index * dimensions, dimensions, vector, 0);
        memory.set(key, vector);
        for (const row of rows) vectors.set(vector, row * dimensions);
      }
    }
    return vectors;
  }

  async function ask(texts: readonly string[], expected: number | undefined): ReturnType<typeof requestVectors> {
    const counted: Connection = { ...connection, onRequest: () => tally.requests++ };
    const answer = await requestVectors(counted, texts, expected);
    tally.tokens += answer.tokens;
    return answer;
  }
}

function batches<Entry extends readonly [string, { readonly text: string }]>(
  entries: readonly Entry[],
  { batchTexts = 128, batchCharacters = 100_000 }: EndpointOptions,
): Entry[][] {
  const found: Entry[][] = [];
  let characters = 0;
  for (const entry of entries) {
    const { length } = entry[1].text;
    const open = found.at(-1);
    if (open === undefined || open.length >= batchTexts || characters + length > batchCharacters) {
      found.push([entry]);
      characters = length;
    } else {
      open.push(entry);
      characters += length;
    }
  }
  return found;
}

/** A map that forgets what was not used for longest. */
function createMemory(most: number): { get(key: string): Int8Array | undefined; set(key: string, vector: Int8Array): void } {
  const kept = new Map<string, Int8Array>();
  return {
    get: (key) => {
      const vector = kept.get(key);
      if (vector !== undefined) {
        kept.delete(key);
        kept.set(key, vector);
      }
      return vector;
    },
    set: (key, vector) => {
      kept.set(key, vector);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
  };
}
