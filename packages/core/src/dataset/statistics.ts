import type { VersionColumn } from "../schema/column.ts";
import type { LengthQuantiles, SplitRule, ValueCounts, VersionStatistics } from "../schema/manifest.ts";
import type { Cell, Row } from "./cells.ts";
import type { Split } from "./split.ts";
import { splitOf } from "./split.ts";

/** Counts the rows of a version while they pass by. */
export interface StatisticsCounter {
  add(rows: readonly Row[]): void;
  finish(): VersionStatistics;
}

/** Fields whose values are counted, with their columns. */
const countedFields = {
  kind: "kind",
  "quality.tier": "quality_tier",
  "labels.intent": "intent",
  "labels.sentiment": "sentiment",
  label: "label",
  language: "language",
  domain: "domain",
  sourceKind: "source_kind",
} as const;

/** Above this many values of one field, new ones are only counted together. */
const MOST_VALUES = 10_000;
const LISTED_VALUES = 200;

/**
 * Makes a counter for rows in these columns.
 *
 * One pass, constant memory: lengths go into buckets of 1.6 %, values of a field into a table of at most 10,000. Time linear in the rows.
 */
export function createStatistics(columns: readonly VersionColumn[], rule: SplitRule): StatisticsCounter {
  const place = (name: string): number => columns.findIndex((column) => column.name === name);
  const fields = Object.entries(countedFields).map(([field, column]) => ({ field, at: place(column), counts: createValueCounter() }));
  const [group, score, inputText, outputText] = [place("group_key"), place("quality_score"), place("input_text"), place("output_text")];
  const splits: Record<Split, number> = { train: 0, validation: 0, test: 0 };
  const quality = { scored: 0, sum: 0 };
  const input = createLengthCounter();
  const output = createLengthCounter();
  let rows = 0;
  return {
    add(batch) {
      rows += batch.length;
      for (const row of batch) {
        for (const { at, counts } of fields) counts.add(row[at] ?? null);
        const key = row[group];
        splits[splitOf(typeof key === "string" ? key : "", rule)]++;
        const value = row[score];
        if (typeof value === "number") {
          quality.scored++;
          quality.sum += value;
        }
        input.add(row[inputText] ?? null);
        output.add(row[outputText] ?? null);
      }
    },
    finish() {
      const [inputs, outputs] = [input.finish(), output.finish()];
      return {
        counts: Object.fromEntries(fields.map(({ field, counts }) => [field, counts.finish(rows)])),
        splits: { ...splits },
        quality: { scored: quality.scored, ...(quality.scored === 0 ? {} : { mean: rounded(quality.sum / quality.scored) }) },
        lengths: { ...(inputs === undefined ? {} : { input: inputs }), ...(outputs === undefined ? {} : { output: outputs }) },
      };
    },
  };
}

function createValueCounter(): { add(cell: Cell): void; finish(rows: number): ValueCounts } {
  const counts = new Map<string | number, number>();
  let present = 0;
  return {
    add(cell) {
      if (typeof cell !== "string" && typeof cell !== "number") return;
      present++;
      const before = counts.get(cell);
      if (before !== undefined || counts.size < MOST_VALUES) counts.set(cell, (before ?? 0) + 1);
    },
    finish(rows) {
      const values = [...counts]
        .map(([value, count]) => ({ value: wordOf(value), rows: count }))
        .sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1))
        .slice(0, LISTED_VALUES);
      return { values, others: present - values.reduce((sum, value) => sum + value.rows, 0), missing: rows - present };
    },
  };
}

/** The only numbers counted are flags. */
function wordOf(value: string | number): string {
  return typeof value === "string" ? value : String(value === 1);
}

const EXACT_LENGTHS = 128;

/** Lengths below 128 have a bucket each, from there on every power of two has 64. */
function createLengthCounter(): { add(cell: Cell): void; finish(): LengthQuantiles | undefined } {
  const buckets = new Uint32Array(EXACT_LENGTHS + 24 * 64);
  let [count, min, max] = [0, Infinity, 0];
  return {
    add(cell) {
      if (typeof cell !== "string") return;
      const { length } = cell;
      count++;
      if (length < min) min = length;
      if (length > max) max = length;
      const bucket = bucketOf(length);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    },
    finish() {
      if (count === 0) return undefined;
      const at = (share: number): number => Math.min(max, Math.max(min, lengthAt(buckets, Math.max(1, Math.ceil(share * count)))));
      return { min, p5: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95), p99: at(0.99), max };
    },
  };
}

function bucketOf(length: number): number {
  if (length < EXACT_LENGTHS) return length;
  const shift = 25 - Math.clz32(length);
  return shift * 64 + (length >>> shift);
}

/** The lower end of the bucket that holds the `rank`th shortest text. */
function lengthAt(buckets: Uint32Array, rank: number): number {
  let seen = 0;
  for (const [bucket, count] of buckets.entries()) {
    seen += count;
    if (seen < rank) continue;
    if (bucket < EXACT_LENGTHS) return bucket;
    const shift = Math.floor(bucket / 64) - 1;
    return (bucket - shift * 64) << shift;
  }
  return 0;
}

/** Six digits: more would be noise in what people read. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
