import type { ComparisonRow } from "../similarity/comparison-text.ts";
import { comparisonTextOfRow, promptTextOfRow } from "../similarity/comparison-text.ts";
import { literalKeys, textKeys } from "../similarity/exact.ts";
import type { DuplicateStrategy } from "../storage/storage.ts";

/** What is compared, and when two examples say the same. */
export interface Strategy {
  readonly name: DuplicateStrategy;
  readonly textOf: (row: ComparisonRow) => string;
  /** Keys of texts, two numbers each; equal ones are copies, `0, 0` repeats nothing. */
  readonly keysOf: (texts: readonly string[], groups: readonly string[]) => Int32Array;
  /** Also texts that are nearly equal repeat each other. */
  readonly comparesShingles: boolean;
  /** Examples with one input whose answers differ contradict each other; none of them is dropped for the other. */
  readonly keepsOtherAnswers: boolean;
  /** How it was searched where no shingles are compared, and why that is enough. */
  readonly method: string;
  readonly reason: string;
}

const content: Strategy = {
  name: "content",
  textOf: comparisonTextOfRow,
  keysOf: textKeys,
  comparesShingles: false,
  keepsOtherAnswers: true,
  method: "text-key",
  reason: "Whole texts were compared by their words: case, punctuation and width do not count.",
};

const input: Strategy = {
  name: "input",
  textOf: promptTextOfRow,
  keysOf: literalKeys,
  comparesShingles: false,
  keepsOtherAnswers: false,
  method: "prompt-key",
  reason: "Prompts alone were compared, lower-cased and trimmed: of each one answer is kept, whatever the others say.",
};

const near: Strategy = { ...content, name: "near", comparesShingles: true };

/** All strategies that find what repeats what. */
export const strategies: { readonly [Name in DuplicateStrategy]: Strategy } = { content, input, near };
