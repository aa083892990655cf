import type { BenchmarkItem } from "./contamination-index.ts";
import { indexItems } from "./contamination-index.ts";
import type { ContaminationReport, ContaminationThresholds } from "./contamination-report.ts";
import { reportOf } from "./contamination-report.ts";
import type { TrainingText } from "./contamination-scan.ts";
import { createScan } from "./contamination-scan.ts";

/** A search for items of a benchmark in the texts that a model is trained on. */
export interface ContaminationSearch {
  /** Looks at the next training text. */
  look(example: TrainingText): void;
  /** Says what was found so far. */
  report(): ContaminationReport;
}

/**
 * Prepares a search for benchmark items, questions with their answers, in training texts, which are then looked at one by one.
 *
 * Case, punctuation and width do not count. Items of 13 words and more are found by 8 words in a row, and from there to both sides as far as
 * text and item agree; shorter ones as a whole, and those under 5 words not at all. What is common, or numbers alone, begins no match, but
 * a match of most of an item counts however often it is met. Time is linear in the texts and what they have in common with the items;
 * memory holds the items and the matches.
 *
 * @see the thresholds of GPT-3 (n-grams of up to 13 words, common ones left out) and of Llama 2 (80 % dirty, 20 % not clean).
 */
export function createContaminationSearch(
  items: Iterable<BenchmarkItem>,
  options: Partial<ContaminationThresholds> = {},
): ContaminationSearch {
  const thresholds = { ...defaults, ...options };
  const scan = createScan(indexItems(items), thresholds.commonTexts);
  return { look: (example) => scan.look(example), report: () => reportOf(scan.seen, thresholds) };
}

const defaults: ContaminationThresholds = {
  commonTexts: 10,
  dirtyCoverage: 0.8,
  dirtyWords: 13,
  suspiciousCoverage: 0.2,
  mostWitnesses: 5,
};
