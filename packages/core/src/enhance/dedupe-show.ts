import type { Kind } from "../schema/content.ts";
import { comparisonColumns, comparisonTextOfRow } from "../similarity/comparison-text.ts";
import { findConflicts } from "../similarity/conflicts.ts";
import type { AnsweredExample, Conflict } from "../similarity/conflicts.ts";
import type { Snapshot } from "../storage/storage.ts";
import type { Decided } from "./dedupe-decide.ts";
import type { ReadExamples } from "./dedupe-read.ts";
import type { WordChange } from "./dedupe-words.ts";
import { wordChanges } from "./dedupe-words.ts";

/** An example as a list shows it. */
export interface ShownExample {
  readonly id: string;
  readonly kind: Kind;
  /** The start of what is compared. */
  readonly text: string;
}

export interface ShownDuplicate extends ShownExample {
  readonly similarity: number;
  /** Where its words differ from the kept text's; absent where they do in too many places, empty where they do nowhere. */
  readonly changes?: readonly WordChange[] | undefined;
}

/** An example that is kept, and those that are dropped for it. */
export interface ShownCluster {
  readonly kept: ShownExample;
  /** 1 + all that are dropped for it, also those that are not shown. */
  readonly weight: number;
  /** The first of them, most similar first. */
  readonly dropped: readonly ShownDuplicate[];
}

/** Examples that answer one input differently. */
export interface ShownConflict {
  readonly rule: Conflict["rule"];
  readonly examples: number;
  /** The first of them. */
  readonly first: readonly ShownExample[];
}

/** How many similarities lie from here up to the next step. */
export interface SimilarityStep {
  readonly from: number;
  readonly count: number;
}

/** Counts similarities in steps of 0.05, highest first; 1 has a step of its own. */
export function similaritySteps({ witness, similarity }: Decided, threshold: number): readonly SimilarityStep[] {
  const counts = new Map<number, number>();
  const lowest = Math.min(STEPS, Math.floor(threshold * STEPS + 1e-9));
  for (let step = STEPS; step >= lowest; step--) counts.set(step, 0);
  for (const [row, by] of witness.entries()) {
    if (by < 0) continue;
    const step = Math.floor((similarity[row] ?? 0) * STEPS + 1e-9);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return [...counts].map(([step, count]) => ({ from: step / STEPS, count }));
}

/** Reads the largest clusters, at most `limit`; of equally large ones those with the better example first. */
export async function showClusters(
  snapshot: Snapshot,
  { read, decided }: { readonly read: ReadExamples; readonly decided: Decided },
  limit: number,
): Promise<{ readonly count: number; readonly first: readonly ShownCluster[] }> {
  const { witness, similarity, order } = decided;
  const weight = new Int32Array(witness.length);
  for (const by of witness) if (by >= 0) weight[by] = (weight[by] ?? 0) + 1;
  const kept = Array.from(order).filter((row) => (weight[row] ?? 0) > 0);
  const largest = kept.toSorted((a, b) => (weight[b] ?? 0) - (weight[a] ?? 0)).slice(0, limit);
  const members = new Map(largest.map((row) => [row, new Array<number>()]));
  for (const row of order) members.get(witness[row] ?? -1)?.push(row);
  const shown = new Map(
    [...members].map(([row, dropped]) => [
      row,
      dropped.toSorted((a, b) => (similarity[b] ?? 0) - (similarity[a] ?? 0)).slice(0, MOST_DUPLICATES),
    ]),
  );
  const texts = await readTexts(
    snapshot,
    read,
    [...shown].flatMap(([row, dropped]) => [row, ...dropped]),
  );
  const first = [...shown].map(([row, dropped]): ShownCluster => {
    const text = texts.get(row) ?? "";
    return {
      kept: shownExample(read, row, text),
      weight: 1 + (weight[row] ?? 0),
      dropped: dropped.map((other) => {
        const changes = wordChanges(text, texts.get(other) ?? "");
        const example = { ...shownExample(read, other, texts.get(other) ?? ""), similarity: similarity[other] ?? 0 };
        return changes === undefined ? example : { ...example, changes };
      }),
    };
  });
  return { count: kept.length, first };
}

/** Reads examples that answer one input differently, leaving out those that are dropped where the answers were compared. */
export async function showConflicts(
  snapshot: Snapshot,
  { read, left }: { readonly read: ReadExamples; readonly left: (row: number) => boolean },
  limit: number,
): Promise<{ readonly inputs: number; readonly examples: number; readonly first: readonly ShownConflict[] }> {
  const rows = new Map<string, number>();
  const found = findConflicts(answered(read, left, rows)).toSorted((a, b) => b.ids.length - a.ids.length);
  const shown = found.slice(0, limit).map(({ rule, ids }) => ({ rule, ids, first: ids.slice(0, MOST_DUPLICATES) }));
  const texts = await readTexts(
    snapshot,
    read,
    shown.flatMap(({ first }) => first.map((id) => rows.get(id) ?? 0)),
  );
  return {
    inputs: found.length,
    examples: found.reduce((sum, { ids }) => sum + ids.length, 0),
    first: shown.map(({ rule, ids, first }) => ({
      rule,
      examples: ids.length,
      first: first.map((id) => shownExample(read, rows.get(id) ?? 0, texts.get(rows.get(id) ?? 0) ?? "")),
    })),
  };
}

/** The examples whose input another one has as well; notes their rows. */
function* answered(read: ReadExamples, left: (row: number) => boolean, rows: Map<string, number>): Generator<AnsweredExample> {
  const once = new Set<bigint>();
  const often = new Set<bigint>();
  for (const input of read.inputs) (once.has(input) ? often : once).add(input);
  for (const [row, id] of read.ids.entries()) {
    const input = read.inputs[row] ?? 0n;
    const kind = read.kinds[row];
    if (!often.has(input) || kind === undefined || left(row)) continue;
    rows.set(id, row);
    const parentId = read.parents.get(row);
    yield { id, kind, inputHash: String(input), contentHash: String(read.contents[row]), ...(parentId === undefined ? {} : { parentId }) };
  }
}

/** What is compared of a few examples. */
async function readTexts({ queries }: Snapshot, read: ReadExamples, rows: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const rowOf = new Map(rows.map((row) => [read.ids[row] ?? "", row]));
  const ids = [...rowOf.keys()];
  const texts = new Map<number, string>();
  for (let start = 0; start < ids.length; start += BATCH_ROWS) {
    const found = await queries
      .selectFrom("example")
      .select(["id", ...comparisonColumns])
      .where("id", "in", ids.slice(start, start + BATCH_ROWS))
      .execute();
    for (const row of found) texts.set(rowOf.get(row.id) ?? -1, comparisonTextOfRow(row));
  }
  return texts;
}

function shownExample(read: ReadExamples, row: number, text: string): ShownExample {
  return { id: read.ids[row] ?? "", kind: read.kinds[row] ?? "text", text: startOf(text) };
}

/** Never half of a character. */
export function startOf(text: string): string {
  return text.slice(0, SHOWN_UNITS).replace(/[\ud800-\udbff]$/, "");
}

const STEPS = 20;
const BATCH_ROWS = 500;
const MOST_DUPLICATES = 5;
const SHOWN_UNITS = 300;
