import type { DatabaseSync } from "node:sqlite";
import type { Severity } from "../schema/finding.ts";

/** The columns of `example` that are counted and coded, in the order of the table `facet`. */
export const facetColumns = [
  "kind",
  "source",
  "source_kind",
  "domain",
  "type",
  "topic",
  "project",
  "language",
  "quality_tier",
  "relevance",
  "review_status",
  "lifecycle",
] as const;

/** All that the counters hold of one example. */
export interface Counted {
  /** In the order of {@link facetColumns}. */
  readonly values: readonly (string | null)[];
  readonly tags: readonly string[];
  /** One entry a finding. */
  readonly rules: readonly string[];
  readonly severity: Severity | undefined;
}

/** Sums what a transaction changes and writes each distinct value once. */
export interface Counters {
  /** Adds an example to the counts, or with -1 takes it away. One in the trash counts only in `lifecycle`. */
  count(counted: Counted, by: 1 | -1): void;
  /** Adds to a count that belongs to no example. */
  add(facet: "signal", value: string, by: number): void;
  /** The codes of the values for a row of `facet`: 0 where there is none. */
  codes(values: readonly (string | null)[]): number[];
  /** Writes the sums; the last thing before a commit. */
  flush(): void;
  /** Forgets what a transaction that was rolled back had summed and coded. */
  settle(committed: boolean): void;
}

/** A value of a facet: its code never changes once it is committed, so it is kept from one transaction to the next. */
interface Entry {
  readonly facet: string;
  readonly value: string;
  readonly code: number;
  sum: number;
  touched: boolean;
}

type PlainFacet = "tag" | "rule" | "severity" | "signal";

const LIFECYCLE = facetColumns.indexOf("lifecycle");
/** Free text such as topics must not fill the memory. */
const MOST_ENTRIES = 50_000;

/** Keeps the tables `counter` and `facet_value` on the writer's connection. Nothing is cached that another process could change. */
export function createCounters(database: DatabaseSync): Counters {
  const upsert = database.prepare(
    "INSERT INTO counter (facet, value, count) VALUES (?, ?, ?) ON CONFLICT (facet, value, shard) DO UPDATE SET count = count + excluded.count",
  );
  const removeEmpty = database.prepare("DELETE FROM counter WHERE facet = ? AND value = ? AND shard = 0 AND count = 0");
  const findCode = database.prepare("SELECT code FROM facet_value WHERE facet = ? AND value = ?");
  const addCode = database.prepare(
    "INSERT INTO facet_value (facet, code, value) SELECT ?1, coalesce(max(code), 0) + 1, ?2 FROM facet_value WHERE facet = ?1 RETURNING code",
  );
  const coded = facetColumns.map((facet) => ({ facet, entries: new Map<string, Entry>() }));
  const plain: Readonly<Record<PlainFacet, Map<string, Entry>>> = {
    tag: new Map(),
    rule: new Map(),
    severity: new Map(),
    signal: new Map(),
  };
  let touched: Entry[] = [];
  let madeCodes: { readonly index: number; readonly value: string }[] = [];

  return { count, add, codes, flush, settle };

  function count({ values, tags, rules, severity }: Counted, by: 1 | -1): void {
    const trashed = values[LIFECYCLE] === "trashed";
    for (let i = 0; i < coded.length; i++) {
      const value = values[i];
      if (typeof value === "string" && (!trashed || i === LIFECYCLE)) bump(codedEntry(i, value), by);
    }
    if (trashed) return;
    for (const tag of tags) bump(plainEntry("tag", tag), by);
    for (const rule of rules) bump(plainEntry("rule", rule), by);
    if (severity !== undefined) bump(plainEntry("severity", severity), by);
  }

  function add(facet: "signal", value: string, by: number): void {
    bump(plainEntry(facet, value), by);
  }

  function codes(values: readonly (string | null)[]): number[] {
    return coded.map((_, i) => {
      const value = values[i];
      return typeof value === "string" ? codedEntry(i, value).code : 0;
    });
  }

  function flush(): void {
    for (const { facet, value, sum } of touched) {
      if (sum === 0) continue;
      upsert.run(facet, value, sum);
      if (sum < 0) removeEmpty.run(facet, value);
    }
  }

  function settle(committed: boolean): void {
    for (const entry of touched) {
      entry.sum = 0;
      entry.touched = false;
    }
    touched = [];
    if (!committed) for (const { index, value } of madeCodes) coded[index]?.entries.delete(value);
    madeCodes = [];
  }

  function bump(entry: Entry, by: number): void {
    entry.sum += by;
    if (entry.touched) return;
    entry.touched = true;
    touched.push(entry);
  }

  function codedEntry(index: number, value: string): Entry {
    const { facet, entries } = coded[index] ?? nowhere;
    return entries.get(value) ?? remember(entries, facet, value, codeOf(index, facet, value));
  }

  function plainEntry(facet: PlainFacet, value: string): Entry {
    const entries = plain[facet];
    return entries.get(value) ?? remember(entries, facet, value, 0);
  }

  function remember(entries: Map<string, Entry>, facet: string, value: string, code: number): Entry {
    if (entries.size >= MOST_ENTRIES) entries.clear();
    const entry: Entry = { facet, value, code, sum: 0, touched: false };
    entries.set(value, entry);
    return entry;
  }

  /** Inside the transaction nobody else can give the same code away. */
  function codeOf(index: number, facet: string, value: string): number {
    const found = findCode.get(facet, value);
    if (found !== undefined) return Number(found["code"]);
    madeCodes.push({ index, value });
    return Number(addCode.get(facet, value)?.["code"]);
  }
}

const nowhere = { facet: "", entries: new Map<string, Entry>() } as const;
