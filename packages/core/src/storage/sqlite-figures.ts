import { FailureError } from "./sqlite-errors.ts";
import type { Tools } from "./sqlite-tools.ts";
import type { Freshness, FreshnessSet, Metric } from "./storage.ts";

/** Keeps points of time series; a point that is there already is replaced. */
export function addMetrics({ prepare }: Tools, rows: readonly Metric[]): undefined {
  const put = prepare(
    "INSERT INTO metric (day, name, dimension, value) VALUES (?, ?, ?, ?) ON CONFLICT (name, dimension, day) DO UPDATE SET value = excluded.value",
  );
  for (const { day, name, dimension = "", value } of rows) put.run(day, name, dimension, value);
}

/** Keeps a setting; those that the pool itself lives by are refused. */
export function setSetting(
  { prepare }: Tools,
  { key, json, atMs }: { readonly key: string; readonly json: string; readonly atMs: number },
): undefined {
  if (key === "bulk" || key.startsWith("pool."))
    throw new FailureError({ code: "storage/refused", reason: `the setting ${key} is the pool's own` });
  prepare(
    "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
  ).run(key, json, atMs);
}

/** Keeps how fresh examples are: no new revision, and no version changes by it. */
export function setFreshness({ prepare, lookups }: Tools, rows: readonly Freshness[]): FreshnessSet {
  const put = prepare(
    `INSERT INTO example_stat (n, freshness, freshness_at, updated_at) VALUES (?1, ?2, ?3, ?3)
     ON CONFLICT (n) DO UPDATE SET freshness = excluded.freshness, freshness_at = excluded.freshness_at, updated_at = excluded.updated_at`,
  );
  const missing: string[] = [];
  for (const { id, freshness, atMs } of rows) {
    const found = lookups.byId(id) ?? lookups.byAlias(id);
    if (found === undefined) missing.push(id);
    else put.run(found.n, freshness, atMs);
  }
  return { set: rows.length - missing.length, missing };
}
