import type { DatabaseSync } from "node:sqlite";
import type { Engagement } from "../schema/example.ts";
import type { Finding, Severity } from "../schema/finding.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { Counted, Counters } from "./counters.ts";
import { facetColumns } from "./counters.ts";
import { poolRules } from "./sqlite-rows.ts";
import type { NamedScore } from "./storage.ts";

/** When and under which rules something was said of an example. */
export interface Stamp {
  readonly atMs: number;
  readonly rulesVersion: string;
}

/** Writes what hangs on an example in tables of its own. */
export interface Hanging {
  addTags(n: number, tags: readonly string[]): void;
  removeTags(n: number, tags: readonly string[]): void;
  addFindings(n: number, findings: readonly Finding[], stamp: Stamp): void;
  /** The pool's own findings, {@link poolRules}, stand apart from those of the rules. */
  removeFindings(n: number, which: "rules" | keyof typeof poolRules): void;
  findings(n: number): readonly Pick<Finding, "rule" | "severity">[];
  setScores(n: number, scores: readonly NamedScore[], stamp: Stamp): void;
  addScores(n: number, scores: readonly NamedScore[], stamp: Stamp): void;
  setEngagement(n: number, engagement: Engagement, stamp: Stamp): void;
  addSubject(n: number, subjectHex: string): void;
  setFacet(n: number, counted: Counted, row: FacetRow): void;
  /** The values of a row of `facet` behind its `n`. */
  facetValues(counted: Counted, row: FacetRow): readonly number[];
}

/** What a row of `facet` holds beside the coded columns. */
export interface FacetRow {
  readonly score: number | null;
  readonly createdAtMs: number;
}

const rank: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };
const DAY_MS = 86_400_000;
const engagementColumns = ["impressions", "viewers", "likes", "reposts", "replies", "bookmarks", "shares", "dismissals"] as const;

/** The worst severity of findings; absent where there is none. */
export function worstOf(findings: readonly Pick<Finding, "severity">[]): Severity | undefined {
  let worst: Severity | undefined;
  for (const { severity } of findings) if (worst === undefined || rank[severity] > rank[worst]) worst = severity;
  return worst;
}

/** Prepares the statements on the writer's connection. */
export function createHanging(database: DatabaseSync, counters: Counters): Hanging {
  const addTag = database.prepare("INSERT INTO example_tag (tag, n) VALUES (?, ?)");
  const addTwoTags = database.prepare("INSERT INTO example_tag (tag, n) VALUES (?, ?), (?, ?)");
  const removeTag = database.prepare("DELETE FROM example_tag WHERE tag = ? AND n = ?");
  const addFinding = database.prepare(
    "INSERT INTO finding (n, rule, ordinal, severity, message, at, at_start, at_end, suggestion, version, found_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const among = (rules: readonly string[]): string => `IN ('${rules.join("', '")}')`;
  const remove = {
    conflicts: database.prepare(`DELETE FROM finding WHERE n = ? AND rule ${among(poolRules.conflicts)}`),
    duplicates: database.prepare(`DELETE FROM finding WHERE n = ? AND rule ${among(poolRules.duplicates)}`),
    rules: database.prepare(`DELETE FROM finding WHERE n = ? AND rule NOT ${among(Object.values(poolRules).flat())}`),
  } as const;
  const listFindings = database.prepare("SELECT rule, severity FROM finding WHERE n = ?");
  const removeScores = database.prepare("DELETE FROM score WHERE n = ?");
  const addScore = database.prepare("INSERT INTO score (n, name, value, tier, factors, version, at) VALUES (?, ?, ?, ?, ?, ?, ?)");
  const setStat = database.prepare(
    `INSERT INTO example_stat (n, updated_at, ${engagementColumns.join(", ")}) VALUES (?, ?${", ?".repeat(engagementColumns.length)})
     ON CONFLICT (n) DO UPDATE SET ${["updated_at", ...engagementColumns].map((name) => `${name} = excluded.${name}`).join(", ")}`,
  );
  const addSubjectRow = database.prepare("INSERT INTO subject (subject, n) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const facetRow = [...facetColumns, "severity", "score_bin", "day"];
  const setFacetRow = database.prepare(
    `INSERT INTO facet (n, ${facetRow.join(", ")}) VALUES (?${", ?".repeat(facetRow.length)})
     ON CONFLICT (n) DO UPDATE SET ${facetRow.map((name) => `${name} = excluded.${name}`).join(", ")}`,
  );

  const facetValues = (counted: Counted, { score, createdAtMs }: FacetRow): number[] => {
    const values = counters.codes(counted.values);
    const severity = counted.severity === undefined ? 0 : rank[counted.severity];
    values.push(severity, scoreBin(score), dayOf(createdAtMs));
    return values;
  };

  return {
    addTags(n, tags) {
      let i = 0;
      for (; i + 1 < tags.length; i += 2) addTwoTags.run(tags[i] ?? "", n, tags[i + 1] ?? "", n);
      if (i < tags.length) addTag.run(tags[i] ?? "", n);
    },
    removeTags(n, tags) {
      for (const tag of tags) removeTag.run(tag, n);
    },
    addFindings(n, findings, { atMs, rulesVersion }) {
      const ordinals = new Map<string, number>();
      for (const { rule, severity, message, at, start, end, suggestion } of findings) {
        const ordinal = ordinals.get(rule) ?? 0;
        ordinals.set(rule, ordinal + 1);
        addFinding.run(n, rule, ordinal, severity, message, at, start ?? null, end ?? null, suggestion ?? null, rulesVersion, atMs);
      }
    },
    removeFindings(n, which) {
      remove[which].run(n);
    },
    findings: (n) => listFindings.all(n).map(({ rule, severity }) => ({ rule: String(rule), severity: severityOf(severity) })),
    setScores(n, scores, stamp) {
      removeScores.run(n);
      this.addScores(n, scores, stamp);
    },
    addScores(n, scores, { atMs }) {
      for (const { name, value, tier, factors, version } of scores)
        addScore.run(n, name, value, tier ?? null, canonicalJson(factors), version, atMs);
    },
    setEngagement(n, engagement, { atMs }) {
      setStat.run(n, atMs, ...engagementColumns.map((name) => engagement[name] ?? 0));
    },
    addSubject(n, subjectHex) {
      addSubjectRow.run(Buffer.from(subjectHex, "hex"), n);
    },
    setFacet(n, counted, row) {
      setFacetRow.run(n, ...facetValues(counted, row));
    },
    facetValues,
  };
}

function severityOf(value: unknown): Severity {
  return value === "error" || value === "warning" ? value : "info";
}

/** Whole days since 1970, UTC. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}

/** 0 where there is no score, else 1 to 20. */
export function scoreBin(score: number | null): number {
  return score === null ? 0 : 1 + Math.max(0, Math.min(19, Math.floor(score * 20)));
}
