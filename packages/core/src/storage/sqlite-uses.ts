import type { SignalKind } from "../schema/signal.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { Tools } from "./sqlite-tools.ts";
import type { Used, UseOptions } from "./storage.ts";

const KIND: SignalKind = "use";

/** Keeps one signal a use, and what the uses of an example come to. The signal's id makes a second call a no-op. */
export function markUsed({ prepare, counters, lookups }: Tools, ids: readonly string[], options: UseOptions): Used {
  const { name, kind, actor, atMs } = options;
  const runId = kind === "run" ? (options.runId ?? name) : options.runId;
  const addSignal = prepare(
    "INSERT INTO signal (id, at, kind, example_id, actor, payload) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
  );
  const addUse = prepare(
    `INSERT INTO example_stat (n, use_count, last_used_at, runs_used, last_run_id, updated_at) VALUES (?1, 1, ?2, ?3, ?4, ?2)
     ON CONFLICT (n) DO UPDATE SET use_count = use_count + 1, last_used_at = max(coalesce(last_used_at, 0), excluded.last_used_at),
       runs_used = runs_used + excluded.runs_used, last_run_id = coalesce(excluded.last_run_id, last_run_id), updated_at = excluded.updated_at`,
  );
  const payload = canonicalJson({ as: kind, name, runId });
  const missing: string[] = [];
  let marked = 0;
  for (const given of ids) {
    const found = lookups.byId(given) ?? lookups.byAlias(given);
    if (found === undefined) {
      missing.push(given);
      continue;
    }
    if (addSignal.run(useId(name, found.id), atMs, KIND, found.id, actor, payload).changes === 0) continue;
    addUse.run(found.n, atMs, kind === "run" ? 1 : 0, runId ?? null);
    counters.add("signal", KIND, 1);
    marked++;
  }
  return { marked, known: ids.length - marked - missing.length, missing };
}

/** JSON keeps apart what a separator would mix up: both parts may hold any character. */
function useId(name: string, exampleId: string): string {
  return `use:${JSON.stringify([name, exampleId])}`;
}
