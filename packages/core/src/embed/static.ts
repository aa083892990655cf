import { assetUrl } from "../asset.ts";
import type { Embedder } from "../schema/embedder.ts";
import { type RowTable, loadByteKernels } from "../text/kernels/load.ts";
import { toInt8 } from "../text/kernels/vectors.ts";
import { type PieceTable, readPieceTable } from "./table.ts";
import type { PieceList } from "./word-cache.ts";
import { type WordPieces, createWordPieces } from "./word-pieces.ts";

/** Where the table lies that is shipped with Tilth. */
export const shippedTable: URL = assetUrl(import.meta.url, "./static-v2.bin");

export interface StaticEmbedderOptions {
  /** @defaultValue {@link shippedTable} */
  readonly table?: URL;
  /** `false` adds up in plain TypeScript: the same vectors, slower. @defaultValue true, where the platform has it */
  readonly wasm?: boolean;
}

/**
 * Opens the embedder that needs no network: a text is the mean of the vectors of its word pieces, in 256 dimensions ordered by variance.
 *
 * The table is read at the first call, about 8 MB. The vectors are the same on every machine. Texts are cut by BERT's WordPiece; a text
 * without a known piece becomes zeros. Linear in the texts.
 *
 * @throws {@link TilthError} `embed/table-unreadable` where the table cannot be read. Nothing else takes its place: the caller decides.
 */
export async function openStaticEmbedder({ table = shippedTable, wasm = true }: StaticEmbedderOptions = {}): Promise<Embedder> {
  const key = `${wasm} ${table.href}`;
  const opening = opened.get(key) ?? readPieceTable(table).then((read) => staticEmbedder(read, wasm));
  opened.set(key, opening);
  try {
    return await opening;
  } catch (error) {
    opened.delete(key);
    throw error;
  }
}

/** Opened once a process: the table is large and never changes. */
const opened = new Map<string, Promise<Embedder>>();

/** Raised whenever the same table would give another vector: cutting, adding up, rounding. */
const METHOD_VERSION = 1;

function staticEmbedder(table: PieceTable, wasm: boolean): Embedder {
  const { id, dimensions, backgroundCosine, rows, scale } = table;
  const wordPieces = createWordPieces(table.pieces);
  const sums = loadByteKernels({ wasm }).rowTable({ dimensions, rows, scales: scale });
  return {
    id,
    version: `${METHOD_VERSION}.${table.version}`,
    dimensions,
    backgroundCosine,
    embed: async (texts) => embedTexts(texts, wordPieces, sums, dimensions),
  };
}

/** Added up in one go: enough to forget what a call costs, few enough to stay in the processor's cache. */
const BATCH_TEXTS = 256;
const BATCH_PIECES = 16_384;

function embedTexts(texts: readonly string[], wordPieces: WordPieces, table: RowTable, dimensions: number): Int8Array {
  const vectors = new Int8Array(texts.length * dimensions);
  const list: PieceList = { pieces: new Int32Array(BATCH_PIECES), count: 0 };
  const ends = new Int32Array(BATCH_TEXTS);
  let first = 0;
  for (const [index, text] of texts.entries()) {
    wordPieces.append(text, list);
    const held = index + 1 - first;
    ends[held - 1] = list.count;
    if (held < BATCH_TEXTS && list.count < BATCH_PIECES && index + 1 < texts.length) continue;
    // A sum points where the mean points.
    const sums = table.sums(list.pieces.subarray(0, list.count), ends.subarray(0, held));
    for (let row = 0; row < held; row++) toInt8(sums, row * dimensions, dimensions, vectors, (first + row) * dimensions);
    first = index + 1;
    list.count = 0;
  }
  return vectors;
}
