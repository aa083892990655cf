import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Finding } from "../schema/finding.ts";
import { canonicalJson } from "../text/canonical.ts";
import { toHex } from "../text/hash.ts";
import { countedOf, facetRowOf } from "./sqlite-counted.ts";
import { reviewMarks } from "./sqlite-duplicates.ts";
import { encode } from "./sqlite-statements.ts";
import { FailureError } from "./sqlite-errors.ts";
import type { Stamp } from "./sqlite-hanging.ts";
import type { PoolRow } from "./sqlite-rows.ts";
import { conflictFinding, isPoolRule, parseTags, textOrNull } from "./sqlite-rows.ts";
import type { Tools } from "./sqlite-tools.ts";
import type { Changed, ChangeOptions, NamedScore, RowChange } from "./storage.ts";
import { exampleColumns } from "./tables.ts";

/** What becomes of a row that stands. */
export interface Edit {
  readonly set: ReadonlyMap<string, SQLInputValue>;
  readonly findings?: readonly Finding[];
  readonly scores?: readonly NamedScore[];
}

/** Applies edits that name a revision, each alone. */
export function changeRows(tools: Tools, changes: readonly RowChange[], options: ChangeOptions): readonly Changed[] {
  return changes.map((change) => changeRow(tools, change, options));
}

function changeRow(tools: Tools, change: RowChange, options: ChangeOptions): Changed {
  const { id, findings, scores } = change;
  const old = tools.prepare("SELECT * FROM example WHERE id = ?").get(id);
  if (old === undefined) return { status: "missing", id };
  const current = Number(old["rev"]);
  if (change.rev !== undefined && change.rev !== current) return { status: "stale", id, current };
  const set = columnsOf(change);
  const twin = twinOf(tools, old, set);
  if (twin !== undefined) return { status: "duplicate", id, twin };
  const edit = { set, ...(findings === undefined ? {} : { findings }), ...(scores === undefined ? {} : { scores }) };
  return { status: "changed", id, rev: rewriteRow(tools, old, edit, options).rev };
}

/** The example whose content the edited row would repeat. */
function twinOf(tools: Tools, old: PoolRow, set: ReadonlyMap<string, SQLInputValue>): string | undefined {
  if (!set.has("content_hash") && !set.has("duplicate_kept")) return undefined;
  if ((set.get("duplicate_kept") ?? old["duplicate_kept"]) !== 0) return undefined;
  const find = tools.prepare("SELECT id FROM example WHERE content_hash = ? AND duplicate_kept = 0 AND n <> ?");
  const found = find.get(set.get("content_hash") ?? old["content_hash"] ?? null, Number(old["n"]));
  return found === undefined ? undefined : String(found["id"]);
}

/** Rewrites a row whatever its revision; the caller has made sure that its content equals no other's. */
export function rewriteRow(
  tools: Tools,
  old: PoolRow,
  edit: Edit,
  options: ChangeOptions,
): { readonly rev: number; readonly conflict: boolean } {
  const { counters, hanging } = tools;
  const n = Number(old["n"]);
  const stamp = { atMs: options.atMs, rulesVersion: options.rulesVersion ?? "" };
  const before = countedOf(old, hanging.findings(n));
  const changed = [...edit.set].filter(([column, value]) => !isEqual(old[column], value));
  const after: PoolRow = { ...old, ...Object.fromEntries(changed.map(([column, value]) => [column, asStored(value)])) };
  const rev = changed.length === 0 ? Number(old["rev"]) : update(tools, old, changed, options);

  if (after["tags"] !== old["tags"]) {
    hanging.removeTags(n, before.tags);
    hanging.addTags(n, parseTags(after["tags"]));
  }
  const conflict = setFindings(tools, { old, after }, edit.findings, stamp);
  if (changed.some(([column]) => marksHangOn.has(column)))
    reviewMarks(
      tools,
      after,
      changed.some(([column]) => column === "content_hash"),
    );
  if (edit.scores !== undefined) hanging.setScores(n, edit.scores, stamp);

  const counted = countedOf(after, hanging.findings(n));
  counters.count(before, -1);
  counters.count(counted, 1);
  hanging.setFacet(n, counted, facetRowOf(after));
  return { rev, conflict };
}

/** Columns that decide whether an example repeats another one, or stands for one. */
const marksHangOn: ReadonlySet<string> = new Set(["content_hash", "lifecycle", "include_in_training"]);

function update({ prepare }: Tools, old: PoolRow, changed: readonly (readonly [string, SQLInputValue])[], options: ChangeOptions): number {
  const { atMs, actor, op, reason } = options;
  const n = Number(old["n"]);
  const rev = Number(old["rev"]) + 1;
  const columns = changed.map(([column]) => `${column} = ?`).join(", ");
  prepare(`UPDATE example SET ${columns}, rev = ?, updated_at = ? WHERE n = ?`).run(...changed.map(([, value]) => value), rev, atMs, n);
  const before = canonicalJson(Object.fromEntries(changed.map(([column]) => [column, shown(old[column])])));
  const keep = prepare("INSERT INTO revision (n, rev, at, actor, op, reason, before) VALUES (?, ?, ?, ?, ?, ?, ?)");
  keep.run(n, rev, atMs, actor, op, reason ?? null, before);
  return rev;
}

/** Conflicts are the pool's own findings: they stay until the content changes and are then looked for again. */
function setFindings(
  tools: Tools,
  row: { readonly old: PoolRow; readonly after: PoolRow },
  findings: readonly Finding[] | undefined,
  stamp: Stamp,
): boolean {
  const { hanging } = tools;
  const n = Number(row.old["n"]);
  if (findings !== undefined) {
    hanging.removeFindings(n, "rules");
    hanging.addFindings(
      n,
      findings.filter((finding) => !isPoolRule(finding.rule)),
      stamp,
    );
  }
  if (isEqual(row.old["content_hash"], row.after["content_hash"] ?? null)) return false;
  hanging.removeFindings(n, "conflicts");
  const other = conflictOf(tools, row.after);
  if (other !== undefined) hanging.addFindings(n, [conflictFinding(String(row.after["kind"]), other)], stamp);
  return other !== undefined;
}

function conflictOf({ lookups }: Tools, row: PoolRow): string | undefined {
  const parentId = textOrNull(row["parent_id"]);
  const { input_hash: inputHash, content_hash: contentHash } = row;
  if (!(inputHash instanceof Uint8Array) || !(contentHash instanceof Uint8Array)) return undefined;
  const linked = parentId === null ? "" : (lookups.parent(parentId)?.id ?? parentId);
  return lookups.conflict({ id: String(row["id"]), kind: String(row["kind"]), inputHash, contentHash, parentId: linked });
}

const editable: ReadonlySet<string> = new Set(
  exampleColumns.filter((column) => column !== "id" && column !== "rev" && column !== "updated_at"),
);

/** The columns of an edit, each a column there is; tags come as a list or as the column's JSON. */
function columnsOf({ set, tags }: RowChange): ReadonlyMap<string, SQLInputValue> {
  const columns = new Map<string, SQLInputValue>();
  for (const [column, value] of Object.entries(set)) {
    if (!editable.has(column)) throw new FailureError({ code: "storage/refused", reason: `no edit sets the column ${column}` });
    if (value !== undefined) columns.set(column, encode(value));
  }
  const newTags = tags ?? (set.tags === undefined ? undefined : parseTags(set.tags));
  if (newTags !== undefined) columns.set("tags", JSON.stringify([...new Set(newTags)]));
  return columns;
}

function isEqual(stored: SQLOutputValue | undefined, value: SQLInputValue): boolean {
  if (stored instanceof Uint8Array && value instanceof Uint8Array) return Buffer.compare(stored, value) === 0;
  return stored === value;
}

function asStored(value: SQLInputValue): SQLOutputValue {
  return ArrayBuffer.isView(value) ? Uint8Array.from(Buffer.from(value.buffer, value.byteOffset, value.byteLength)) : value;
}

function shown(value: SQLOutputValue | undefined): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}
