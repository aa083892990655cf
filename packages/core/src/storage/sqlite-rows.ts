import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Finding } from "../schema/finding.ts";
import type { DuplicateMark, DuplicateStrategy } from "./storage.ts";

/** A row of `example` as the writer meets it. */
export type PoolRow = Readonly<Record<string, SQLOutputValue>>;

/** The example that an id, a content or a source id leads to. */
export interface Standing {
  readonly n: number;
  readonly id: string;
  readonly trashed: boolean;
}

/** A row that was captured from the same record. */
export interface Origin extends Standing {
  readonly importId: string | null;
}

/** What asks whether another example says otherwise. */
export interface Question {
  readonly id: string;
  readonly kind: string;
  readonly inputHash: Uint8Array;
  readonly contentHash: Uint8Array;
  /** Linked examples may answer otherwise: that is what a correction is for. */
  readonly parentId: string;
}

/** How the writer finds the rows that a new one may equal, follow or contradict. */
export interface Lookups {
  byId(id: string): Standing | undefined;
  byAlias(id: string): Standing | undefined;
  byContent(contentHash: Uint8Array): Standing | undefined;
  /** The two newest rows of a record, newest first. */
  byOrigin(sourceId: string, source: string): readonly Origin[];
  /** The same among the members of datasets, which are ids as a JSON list. */
  byOriginWithin(sourceId: string, source: string, datasets: string): readonly Origin[];
  isMember(n: number, datasets: string): boolean;
  parent(id: string): { readonly id: string; readonly groupKey: string } | undefined;
  /** The id of an example with the same input, of the same kind, with other content, not linked and not in the trash. */
  conflict(question: Question): string | undefined;
  row(n: number): PoolRow;
  /** Hears of every row that got new content; the pool's indexes know it already. */
  added(n: number, row: { readonly inputHash: Uint8Array; readonly sourceId: string }): void;
  /** True where there are aliases at all. */
  hasAliases(): boolean;
}

/** Their SQL, one statement each. */
export const lookupQueries = {
  byId: "SELECT n, id, lifecycle FROM example WHERE id = ?",
  byAlias: "SELECT e.n, e.id, e.lifecycle FROM alias a JOIN example e ON e.n = a.n WHERE a.id = ?",
  byContent: "SELECT n, id, lifecycle FROM example WHERE content_hash = ? AND duplicate_kept = 0",
  byOrigin: "SELECT n, id, lifecycle, import_id FROM example WHERE source_id = ? AND source = ? ORDER BY n DESC LIMIT 2",
  byOriginWithin: `SELECT n, id, lifecycle, import_id FROM example WHERE source_id = ? AND source = ?
    AND EXISTS (SELECT 1 FROM member WHERE member.n = example.n AND dataset_id IN (SELECT value FROM json_each(?))) ORDER BY n DESC LIMIT 2`,
  isMember: "SELECT 1 FROM member WHERE n = ? AND dataset_id IN (SELECT value FROM json_each(?)) LIMIT 1",
  parent: `SELECT id, group_key FROM example WHERE id = ?1
    UNION ALL SELECT e.id, e.group_key FROM alias a JOIN example e ON e.n = a.n WHERE a.id = ?1 LIMIT 1`,
  // The plus keeps a pool without statistics from going through every row of the kind.
  conflict: `SELECT id FROM example WHERE input_hash = ? AND +kind = ? AND content_hash <> ? AND id NOT IN (?, ?)
    AND (parent_id IS NULL OR parent_id <> ?) AND lifecycle <> 'trashed' LIMIT 1`,
  row: "SELECT * FROM example WHERE n = ?",
  anyAlias: "SELECT n FROM alias LIMIT 1",
} as const;

/** Prepares the lookups on the writer's connection. */
export function createLookups(database: DatabaseSync): Lookups {
  const byId = database.prepare(lookupQueries.byId);
  const byAlias = database.prepare(lookupQueries.byAlias);
  const byContent = database.prepare(lookupQueries.byContent);
  const byOrigin = database.prepare(lookupQueries.byOrigin);
  const byOriginWithin = database.prepare(lookupQueries.byOriginWithin);
  const isMember = database.prepare(lookupQueries.isMember);
  const parent = database.prepare(lookupQueries.parent);
  const conflict = database.prepare(lookupQueries.conflict);
  const row = database.prepare(lookupQueries.row);
  const anyAlias = database.prepare(lookupQueries.anyAlias);

  return {
    byId: (id) => standing(byId.get(id)),
    byAlias: (id) => standing(byAlias.get(id)),
    byContent: (contentHash) => standing(byContent.get(contentHash)),
    byOrigin: (sourceId, source) => byOrigin.all(sourceId, source).map(originOf),
    byOriginWithin: (sourceId, source, datasets) => byOriginWithin.all(sourceId, source, datasets).map(originOf),
    isMember: (n, datasets) => isMember.get(n, datasets) !== undefined,
    parent(id) {
      const found = parent.get(id);
      return found === undefined ? undefined : { id: String(found["id"]), groupKey: String(found["group_key"]) };
    },
    conflict({ id, kind, inputHash, contentHash, parentId }) {
      const found = conflict.get(inputHash, kind, contentHash, parentId, id, id);
      return found === undefined ? undefined : String(found["id"]);
    },
    row: (n) => row.get(n) ?? {},
    added() {},
    hasAliases: () => anyAlias.get() !== undefined,
  };
}

const conflictRules = { labels: "conflicting-label", answers: "conflicting-answer" } as const;

/** The findings that only the pool can make: each group of them is made and ended apart from the other. */
export const poolRules = {
  conflicts: Object.values(conflictRules),
  duplicates: ["exact-duplicate", "near-duplicate"] satisfies DuplicateMark["rule"][],
} as const;

const poolRuleNames: ReadonlySet<string> = new Set(Object.values(poolRules).flat());

/** True for a finding that no rule may claim. */
export function isPoolRule(rule: string): boolean {
  return poolRuleNames.has(rule);
}

/** What the pool says of an example whose input another one answers otherwise. */
export function conflictFinding(kind: string, otherId: string): Finding {
  return kind === "classification"
    ? { rule: conflictRules.labels, severity: "warning", at: "/labels", message: `Example ${otherId} has the same text and other labels.` }
    : { rule: conflictRules.answers, severity: "info", at: "", message: `Example ${otherId} has the same input and another answer.` };
}

/** What the pool says of an example that repeats another one. */
export function duplicateFinding({ rule, witnessId, similarity }: DuplicateMark, strategy: DuplicateStrategy): Finding {
  return { rule, severity: "warning", at: "", message: `${sameness[strategy](similarity)} example ${witnessId}, which is kept.` };
}

const sameness: { readonly [S in DuplicateStrategy]: (similarity: number) => string } = {
  content: () => "The same words as",
  input: () => "The same prompt as",
  near: (similarity) => (similarity === 1 ? "The same words as" : `Nearly the same text (${shownSimilarity(similarity)}) as`),
};

/** Cut off, not rounded: only what is equal is shown as 1. */
function shownSimilarity(similarity: number): string {
  return (Math.floor(similarity * 1_000) / 1_000).toFixed(3);
}

/** A column that holds text or nothing. */
export function textOrNull(value: SQLInputValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

/** The strings of a JSON array as the column `tags` holds it. */
export function parseTags(json: unknown): readonly string[] {
  const tags: unknown = typeof json === "string" ? JSON.parse(json) : [];
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}

/** Reads a row of `n`, `id`, `lifecycle`, `import_id`. */
export function originOf(found: PoolRow): Origin {
  return { ...standingOf(found), importId: textOrNull(found["import_id"]) };
}

function standing(found: PoolRow | undefined): Standing | undefined {
  return found === undefined ? undefined : standingOf(found);
}

function standingOf(found: PoolRow): Standing {
  return { n: Number(found["n"]), id: String(found["id"]), trashed: found["lifecycle"] === "trashed" };
}
