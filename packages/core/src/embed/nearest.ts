import { TilthError } from "../errors.ts";
import type { Embedder } from "../schema/embedder.ts";
import { toInt8 } from "../text/kernels/vectors.ts";
import { hashEmbedder } from "./hash.ts";

export interface NearestOptions {
  /** How much the hashed words count beside the meaning, above 0 and at most 1: .5 to tell classes apart, .35 to rank likeness. */
  readonly hashWeight: number;
}

/**
 * Puts the hashed words of a text beside its meaning: for nearest neighbours shown to people, label errors and leak audits.
 *
 * Both parts are made unit length first. The weight is part of the id, since vectors made with different weights must never meet.
 *
 * @param semantic - Usually of `openStaticEmbedder`.
 * @throws {@link TilthError} `input/invalid` for a weight out of bounds.
 */
export function nearestEmbedder(semantic: Embedder, { hashWeight }: NearestOptions): Embedder {
  if (!(hashWeight > 0 && hashWeight <= 1)) {
    throw new TilthError("input/invalid", { where: "hashWeight", problem: `${hashWeight} is not above 0 and at most 1` });
  }
  const hash = hashEmbedder();
  const square = hashWeight * hashWeight;
  const dimensions = semantic.dimensions + hash.dimensions;
  return {
    id: `${semantic.id}+hash${String(hashWeight).replace(/^0/, "")}`,
    version: `${semantic.version}+${hash.version}`,
    dimensions,
    backgroundCosine: (semantic.backgroundCosine + square * hash.backgroundCosine) / (1 + square),
    embed: async (texts) => {
      const parts = [
        { vectors: await semantic.embed(texts), dimensions: semantic.dimensions, at: 0, weight: 1 },
        { vectors: await hash.embed(texts), dimensions: hash.dimensions, at: semantic.dimensions, weight: hashWeight },
      ];
      const joined = new Int8Array(texts.length * dimensions);
      const row = new Float32Array(dimensions);
      for (let index = 0; index < texts.length; index++) {
        for (const part of parts) setUnit(part.vectors, index * part.dimensions, part.dimensions, part.weight, row, part.at);
        toInt8(row, 0, dimensions, joined, index * dimensions);
      }
      return joined;
    },
  };
}

/** Copies a vector, scaled to a length; zeros stay zeros. */
function setUnit(from: Int8Array | Float32Array, start: number, size: number, length: number, to: Float32Array, at: number): void {
  let square = 0;
  for (let d = 0; d < size; d++) square += (from[start + d] ?? 0) ** 2;
  const factor = square > 0 ? length / Math.sqrt(square) : 0;
  for (let d = 0; d < size; d++) to[at + d] = (from[start + d] ?? 0) * factor;
}
