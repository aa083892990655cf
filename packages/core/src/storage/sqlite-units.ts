import type { Signal } from "../schema/signal.ts";
import { canonicalJson } from "../text/canonical.ts";
import { addAudit } from "./sqlite-audit.ts";
import { captureRows } from "./sqlite-capture.ts";
import { changeRows } from "./sqlite-change.ts";
import { clearDuplicates, markDuplicates, MARKS_A_UNIT } from "./sqlite-duplicates.ts";
import { FailureError, noDataset } from "./sqlite-errors.ts";
import { feedBatch } from "./sqlite-feed.ts";
import { addMetrics, setFreshness, setSetting } from "./sqlite-figures.ts";
import type { Answers, MemberChange, Unit } from "./sqlite-messages.ts";
import { recountPool } from "./sqlite-recount.ts";
import type { Statement } from "./sqlite-statements.ts";
import type { Tools } from "./sqlite-tools.ts";
import { markUsed } from "./sqlite-uses.ts";
import type { ChangeOptions, WriteResult } from "./storage.ts";

/** Does one unit of work inside the transaction that is open. */
export function runUnit(tools: Tools, unit: Unit): Answers[keyof Answers] {
  switch (unit.kind) {
    case "capture":
      return captureRows(tools, unit.rows, unit.options);
    case "change":
      return changeRows(tools, unit.changes, unit.options);
    case "signals":
      return addSignals(tools, unit.signals);
    case "members":
      return setMembers(tools, unit.datasetId, unit.change, unit.options);
    case "write":
      return write(tools, unit.statements);
    case "uses":
      return markUsed(tools, unit.ids, unit.options);
    case "mark-duplicates":
      return markDuplicates(tools, unit.marks, unit.options);
    case "clear-duplicates":
      return clearDuplicates(tools, unit.choice);
    case "metrics":
      return addMetrics(tools, unit.rows);
    case "setting":
      return setSetting(tools, unit);
    case "freshness":
      return setFreshness(tools, unit.rows);
    case "audit":
      return addAudit(tools, unit.entries);
    case "feed":
      return feedBatch(tools, unit.atMs);
    case "recount":
      if (tools.isLoading) throw new FailureError({ code: "storage/busy", reason: "it is being filled by a bulk load" });
      return recountPool(tools, unit.repair);
  }
}

/** How many rows a unit brings, for the size of its group. One that goes through many stands alone, so that no other waits for its end. */
export function rowsIn(unit: Unit): number {
  switch (unit.kind) {
    case "capture":
      return unit.rows.count;
    case "change":
      return unit.changes.length;
    case "uses":
      return unit.ids.length;
    case "mark-duplicates":
      return unit.marks.length;
    case "clear-duplicates":
      return MARKS_A_UNIT;
    case "metrics":
    case "freshness":
      return unit.rows.length;
    case "audit":
      return unit.entries.length;
    case "feed":
    case "recount":
      return Infinity;
    case "signals":
    case "members":
    case "write":
    case "setting":
      return 1;
  }
}

function addSignals({ prepare, counters }: Tools, signals: readonly Signal[]): number {
  const insert = prepare(
    `INSERT INTO signal (id, at, kind, action, example_id, item_id, trace_id, experiment_id, arm, actor, value, payload)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  let added = 0;
  for (const signal of signals) {
    const { id, kind, target, action, value, text, reason, actor, at, traceId, experimentId, arm } = signal;
    const payload = canonicalJson({ ...signal.payload, text, reason });
    const names = [action, target?.exampleId, target?.itemId, traceId, experimentId, arm, actor].map((name) => name ?? null);
    if (insert.run(id, Date.parse(at), kind, ...names, value ?? null, payload).changes === 0) continue;
    counters.add("signal", kind, 1);
    added++;
  }
  return added;
}

/** Ids of skipped duplicates lead to the rows that stand; unknown ids change nothing. */
function setMembers({ prepare, lookups }: Tools, datasetId: string, { add, remove }: MemberChange, { actor, atMs }: ChangeOptions): number {
  if (prepare("SELECT 1 FROM dataset WHERE id = ?").get(datasetId) === undefined) {
    throw noDataset(datasetId);
  }
  const insert = prepare("INSERT INTO member (dataset_id, n, added_by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const take = prepare("DELETE FROM member WHERE dataset_id = ? AND n = ?");
  const numberOf = (id: string): number | undefined => (lookups.byId(id) ?? lookups.byAlias(id))?.n;
  let changed = 0;
  for (const id of add) {
    const n = numberOf(id);
    if (n !== undefined) changed += Number(insert.run(datasetId, n, actor, atMs).changes);
  }
  for (const id of remove) {
    const n = numberOf(id);
    if (n !== undefined) changed += Number(take.run(datasetId, n).changes);
  }
  return changed;
}

function write({ prepare }: Tools, statements: readonly Statement[]): WriteResult {
  let changes = 0;
  for (const { sql, parameters } of statements) changes += Number(prepare(sql).run(...parameters).changes);
  return { changes };
}
