/**
 * Turns texts into vectors whose cosine says how alike they are in meaning.
 *
 * All four properties are recorded in every index and beside every score: vectors of two embedders never meet.
 */
export interface Embedder {
  /** Name of the method and of everything that shapes its vectors, such as `static-v2`. */
  readonly id: string;
  /** Changes whenever a text could get another vector. */
  readonly version: string;
  /** Numbers in a vector, 1 or more. */
  readonly dimensions: number;
  /** Mean cosine of unrelated texts, below 1: semantic similarity is counted from here. */
  readonly backgroundCosine: number;
  /**
   * One vector for each text, row after row: `texts.length * dimensions` numbers. All zeros mean that no word was known.
   *
   * Only the direction counts, so whole numbers and fractions are equally welcome.
   */
  embed(texts: readonly string[]): Promise<Int8Array | Float32Array>;
}
