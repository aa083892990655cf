import { readFileSync } from "node:fs";

/** Two sentences and how alike people would call them, 0 to 5. Written for this purpose: 14 pairs of each grade. */
export interface GradedPair {
  readonly grade: number;
  readonly left: string;
  readonly right: string;
}

export function readPairs(): GradedPair[] {
  const lines = readFileSync(new URL("pairs84.tsv", import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);
  return lines.map((line) => {
    const [grade, left = "", right = ""] = line.split("\t");
    return { grade: Number(grade), left, right };
  });
}

/** Spearman's rank correlation, equal values sharing their mean rank. */
export function spearman(left: readonly number[], right: readonly number[]): number {
  return pearson(ranks(left), ranks(right));
}

function ranks(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
}

function pearson(left: readonly number[], right: readonly number[]): number {
  const [x, y] = [centred(left), centred(right)];
  const product = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

/** The vectors of texts as rows, each of unit length; zeros stay zeros. */
export function unitRows(vectors: Int8Array | Float32Array, dimensions: number): Float64Array[] {
  return Array.from({ length: vectors.length / dimensions }, (_, index) => {
    const row = Float64Array.from(vectors.subarray(index * dimensions, (index + 1) * dimensions));
    const length = Math.sqrt(dot(row, row));
    return length > 0 ? row.map((value) => value / length) : row;
  });
}

/** Of rows of unit length: their cosine. */
export function dot(left: Float64Array, right: Float64Array | undefined): number {
  if (right === undefined) return Number.NaN;
  let sum = 0;
  for (let d = 0; d < left.length; d++) sum += (left[d] ?? 0) * (right[d] ?? 0);
  return sum;
}
