/**
 * The shingle sets of many texts, laid end to end.
 *
 * Set `d` is `values[offsets[d] .. offsets[d + 1])`: 32-bit hashes, ascending as signed integers, each once.
 */
export interface ShingleSets {
  readonly values: Int32Array;
  /** One more than there are sets; numbers that may pass 2^31, hence 64-bit. */
  readonly offsets: Float64Array;
}
