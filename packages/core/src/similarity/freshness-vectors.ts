import { TilthError } from "../errors.ts";
import type { Embedder } from "../schema/embedder.ts";
import { toInt8 } from "../text/kernels/vectors.ts";

/** Canonical int8 vectors, row after row; the rows are as long as the kernels want them, filled up with zeros. */
export interface Int8Vectors {
  readonly rows: Int8Array;
  readonly dimensions: number;
  /** Squared norms; 0 = no word was known. */
  readonly squares: Int32Array;
}

/** Kernels take sixteen numbers at a time. */
export function paddedDimensions(dimensions: number): number {
  return Math.ceil(dimensions / 16) * 16;
}

/**
 * Embeds texts into canonical vectors.
 *
 * @throws {@link TilthError} `embed/mismatch` when the embedder's answer has another size than it declares.
 */
export async function embedInt8(embedder: Embedder, texts: readonly string[]): Promise<Int8Vectors> {
  const { dimensions } = embedder;
  const padded = paddedDimensions(dimensions);
  const rows = new Int8Array(texts.length * padded);
  const squares = new Int32Array(texts.length);
  if (texts.length === 0) return { rows, dimensions: padded, squares };
  const values = await embedder.embed(texts);
  if (values.length !== texts.length * dimensions) {
    const found = `${embedder.id} of ${values.length / texts.length} dimensions`;
    throw new TilthError("embed/mismatch", { what: "A vector", found, expected: `${embedder.id} of ${dimensions}` });
  }
  for (let i = 0; i < texts.length; i++) squares[i] = toInt8(values, i * dimensions, dimensions, rows, i * padded);
  return { rows, dimensions: padded, squares };
}

/**
 * @throws {@link TilthError} `input/invalid` where vectors of this embedder cannot be compared.
 */
export function checkEmbedder({ id, dimensions, backgroundCosine }: Embedder): void {
  const where = `embedder ${id}`;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 65_536)
    throw new TilthError("input/invalid", { where, problem: `${dimensions} dimensions; expected 1 to 65536` });
  if (!(backgroundCosine >= -1 && backgroundCosine < 1))
    throw new TilthError("input/invalid", {
      where,
      problem: `a background cosine of ${backgroundCosine}; expected -1 or more and below 1`,
    });
}
