import { TilthError } from "../errors.ts";
import type { Objects } from "../objects/objects.ts";
import { nearest } from "../text/nearest.ts";
import { meetingChunks, windowsOf } from "./changes.ts";
import { covers, diffFieldNames } from "./diff-fields.ts";
import type { DiffSide } from "./diff-sides.ts";
import { withSides } from "./diff-sides.ts";
import type { VersionDiff } from "./diff-tally.ts";
import { finishTally, startTally } from "./diff-tally.ts";
import { diffWindow } from "./diff-window.ts";
import type { Duck } from "./duckdb.ts";

export interface DiffOptions {
  readonly objects: Objects;
  readonly duck: Duck;
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** How many examples are listed: at most so many added, so many removed and so many changed ones, the first by id. */
  readonly limit: number;
  /** Only these Example fields are compared; `labels` covers `labels.intent`. @defaultValue all */
  readonly fields?: readonly string[];
  /** Rows compared at a time. @defaultValue 524_288 */
  readonly windowRows?: number;
  /** `total` counts the rows that have to be looked at: those of chunks that only one side has. */
  readonly progress?: (state: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * Compares two versions, or a version with what a commit would take from the pool now: every column of every row, by id.
 *
 * Chunks that both have cancel out unread; the others are compared some 500,000 rows at a time, so memory grows with `limit` alone. Time
 * linear in the rows of chunks that differ.
 *
 * @throws TilthError `input/invalid` for a field there is none of; `storage/object-missing`, `version/damaged`, `storage/write-failed`
 */
export async function diffVersions(options: DiffOptions): Promise<VersionDiff> {
  const tally = startTally(options.limit, wantedFields(options.fields));
  return withSides(options, async (sides) => {
    const windows = meetingChunks(sides.before.chunks, sides.after.chunks).flatMap((group) => [...windowsOf(group, options.windowRows)]);
    const rowsOf = (window: (typeof windows)[number]): number =>
      [...window.before, ...window.after].reduce((sum, chunk) => sum + chunk.rows, 0);
    const total = windows.reduce((sum, window) => sum + rowsOf(window), 0);
    let done = 0;
    await options.duck.use(async (session) => {
      for (const window of windows) {
        options.signal?.throwIfAborted();
        await diffWindow({ session, sides, window }, tally);
        options.progress?.({ done: (done += rowsOf(window)), total });
      }
    });
    return finishTally(tally);
  });
}

function wantedFields(fields: readonly string[] = []): ((field: string) => boolean) | undefined {
  if (fields.length === 0) return undefined;
  const names = diffFieldNames();
  for (const field of fields) {
    if (names.includes(field)) continue;
    const near = nearest(field, names);
    const problem = near === undefined ? `there are ${names.join(", ")}` : `the nearest is ${near}`;
    throw new TilthError("input/invalid", { where: "fields", problem: `examples have no field ${field}; ${problem}` });
  }
  return (field) => fields.some((wanted) => covers(wanted, field));
}
