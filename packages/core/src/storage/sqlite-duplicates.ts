import { countedColumns, changeFindings } from "./sqlite-counted.ts";
import type { PoolRow } from "./sqlite-rows.ts";
import { duplicateFinding } from "./sqlite-rows.ts";
import type { Tools } from "./sqlite-tools.ts";
import type { DuplicateMark, DuplicatesMarked, MarkOptions } from "./storage.ts";

// Two rules hold at every moment, so that no text is hidden while nothing like it is kept: a witness carries no mark itself, and it can be
// had wherever its duplicates could. Whatever would break them ends marks; nothing is marked anew but by the next search.

/** Which marks are to end. */
export type DuplicateChoice =
  | { readonly runId: string }
  /** Those of earlier searches of the same kind. */
  | { readonly strategy: string; readonly scope: string; readonly exceptRunId: string };

/** More marks in one transaction would keep others waiting. */
export const MARKS_A_UNIT = 5_000;

/** Marks examples as duplicates; those for which the comparison holds no longer are skipped. */
export function markDuplicates(tools: Tools, marks: readonly DuplicateMark[], options: MarkOptions): DuplicatesMarked {
  const changed = changedSince(tools, options.seq);
  const find = tools.prepare(`SELECT ${markColumns} FROM example WHERE id = ?`);
  const skipped: string[] = [];
  let replaced = 0;
  for (const mark of marks) {
    const row = find.get(mark.id);
    const witness = find.get(mark.witnessId);
    const holds = row !== undefined && witness !== undefined && mark.id !== mark.witnessId && standsFor(witness, row);
    if (!holds || changed.has(mark.id) || changed.has(mark.witnessId)) {
      skipped.push(mark.id);
      continue;
    }
    replaced += endMarks(tools, [Number(witness["n"])]) + endMarks(tools, markedBy(tools, Number(row["n"])));
    if (isMarkedByAnother(tools, Number(row["n"]), options.runId)) replaced++;
    put(tools, { row, witness }, mark, options);
  }
  return { marked: marks.length - skipped.length, replaced, skipped };
}

/** Ends at most {@link MARKS_A_UNIT} of the marks that are meant; says how many. */
export function clearDuplicates(tools: Tools, choice: DuplicateChoice): number {
  const found =
    "runId" in choice
      ? tools.prepare(`SELECT n FROM duplicate WHERE run_id = ? LIMIT ${MARKS_A_UNIT}`).all(choice.runId)
      : tools
          .prepare(`SELECT n FROM duplicate WHERE strategy = ? AND scope = ? AND run_id <> ? LIMIT ${MARKS_A_UNIT}`)
          .all(choice.strategy, choice.scope, choice.exceptRunId);
  return endMarks(tools, found.map(numberOf));
}

/**
 * Ends the marks that a change of a row made wrong: other content was never compared, and a witness may have gone.
 *
 * Of the row's own mark the caller keeps the counts, since it is about to count the row anyway.
 */
export function reviewMarks(tools: Tools, row: PoolRow, isOtherContent: boolean): void {
  const n = Number(row["n"]);
  const witness = tools
    .prepare(`SELECT ${markColumns} FROM example WHERE n = (SELECT witness_n FROM duplicate WHERE duplicate.n = ?)`)
    .get(n);
  if (witness !== undefined && (isOtherContent || !standsFor(witness, row))) takeAway(tools, n);
  const find = tools.prepare(`SELECT ${markColumns} FROM example WHERE n = ?`);
  endMarks(
    tools,
    markedBy(tools, n).filter((other) => isOtherContent || !standsFor(row, find.get(other) ?? {})),
  );
}

const markColumns = `${countedColumns}, include_in_training`;

/** True where whoever would have got the duplicate gets the witness. What lies in the trash stands for nothing and needs nobody. */
function standsFor(witness: PoolRow, duplicate: PoolRow): boolean {
  if (witness["lifecycle"] === "trashed" || duplicate["lifecycle"] === "trashed") return false;
  if (duplicate["lifecycle"] === "active" && witness["lifecycle"] !== "active") return false;
  return duplicate["include_in_training"] === 0 || witness["include_in_training"] !== 0;
}

function changedSince({ prepare }: Tools, seq: number | undefined): ReadonlySet<unknown> {
  if (seq === undefined) return new Set();
  const changed = prepare("SELECT DISTINCT id FROM change_log WHERE seq > ? AND op IN (2, 3)").all(seq);
  return new Set(changed.map((one) => one["id"]));
}

function put(
  tools: Tools,
  { row, witness }: { readonly row: PoolRow; readonly witness: PoolRow },
  mark: DuplicateMark,
  options: MarkOptions,
): void {
  const { strategy, scope = "", threshold, shingleWords, method, version, runId, actor, atMs } = options;
  const n = Number(row["n"]);
  changeFindings(tools, row, () => {
    tools.hanging.removeFindings(n, "duplicates");
    tools.hanging.addFindings(n, [duplicateFinding(mark, strategy)], { atMs, rulesVersion: version });
  });
  const insert = tools.prepare(
    `INSERT OR REPLACE INTO duplicate (n, witness_n, similarity, shingle, threshold, strategy, scope, method, version, run_id, actor, found_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const how = [mark.similarity, shingleWords ?? null, threshold, strategy, scope, method, version, runId, actor, atMs];
  insert.run(n, Number(witness["n"]), ...how);
}

/** Ends the marks there are on these rows; says how many there were. */
function endMarks(tools: Tools, numbers: readonly number[]): number {
  const isMarked = tools.prepare("SELECT 1 FROM duplicate WHERE n = ?");
  const find = tools.prepare(`SELECT ${markColumns} FROM example WHERE n = ?`);
  let ended = 0;
  for (const n of numbers) {
    const row = isMarked.get(n) === undefined ? undefined : find.get(n);
    if (row === undefined) continue;
    changeFindings(tools, row, () => takeAway(tools, n));
    ended++;
  }
  return ended;
}

function takeAway({ prepare, hanging }: Tools, n: number): void {
  prepare("DELETE FROM duplicate WHERE n = ?").run(n);
  hanging.removeFindings(n, "duplicates");
}

function markedBy({ prepare }: Tools, witness: number): readonly number[] {
  return prepare("SELECT n FROM duplicate WHERE witness_n = ?").all(witness).map(numberOf);
}

function isMarkedByAnother({ prepare }: Tools, n: number, runId: string): boolean {
  return prepare("SELECT 1 FROM duplicate WHERE n = ? AND run_id <> ?").get(n, runId) !== undefined;
}

function numberOf(row: PoolRow): number {
  return Number(row["n"]);
}
