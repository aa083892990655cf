import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { arbitraryExample } from "../schema/example.arbitrary.ts";
import type { Example } from "../schema/example.ts";
import { parseFilter } from "../schema/filter.ts";
import { exampleToRow } from "../schema/row.ts";
import { filterExpression } from "../storage/queries.ts";
import { openSqlite } from "../storage/sqlite.ts";
import type { Storage } from "../storage/storage.ts";
import { chooser } from "./choose.ts";

let folder = "";
let storage: Storage;
let examples: readonly Example[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-choose-"));
  storage = await openSqlite(join(folder, "pool.db"));
  examples = fc.sample(arbitraryExample(), { numRuns: 300, seed: 11 });
  await storage.capture(
    examples.map((example, i) => ({
      row: exampleToRow(example),
      tags: example.tags,
      findings: i % 3 === 0 ? [{ rule: "truncated", severity: "warning", message: "ends early", at: "" }] : [],
      scores: [],
      ...(example.engagement === undefined ? {} : { engagement: example.engagement }),
      sourceIdIsIdentity: false,
    })),
    { actor: "user:ana", atMs: 1_700_000_000_000, rulesVersion: "1" },
  );
  await storage.markUsed(
    examples.slice(0, 40).map((example) => example.id),
    { name: "july", kind: "export", actor: "user:ana", atMs: 1_700_000_000_000 },
  );
  const [kept, ...copies] = examples.filter((example) => example.lifecycle === "active" && example.includeInTraining);
  await storage.markDuplicates(
    copies.slice(0, 20).map(({ id }) => ({ id, witnessId: kept?.id ?? "", similarity: 0.9, rule: "near-duplicate" })),
    { runId: "run-1", strategy: "near", threshold: 0.8, method: "exact", version: "1", actor: "user:ana", atMs: 1_700_000_000_000 },
  );
});
afterAll(async () => {
  await storage.close();
  await rm(folder, { recursive: true });
});

test.each([
  "kind = chat",
  "kind in (text, rating) and not lifecycle = active",
  "quality.score >= 0.5",
  "quality.tier >= silver or relevance is-missing",
  "createdAt > 2020-01-01",
  "tag is-missing",
  "label = true",
  "intent is-missing",
  'text contains "a"',
  "confidence < 0.5 and complexity > 3",
  "includeInTraining = true and wasCorrected != true",
  "learningValue >= medium",
  "groupKey != x",
  "rule has truncated",
  "severity >= warning and kind != chat",
  "used = true",
  "used = false and useCount = 0",
  "lastUsedAt is-missing",
  "engagement.likes > 0",
  "isDuplicate = false",
  "isDuplicate = true and severity >= warning",
])("rows of a version are chosen by %s as the pool chooses them", async (text) => {
  const filter = parseFilter(text, { nowMs: 1_700_000_000_000 });
  const { fits, fromPool } = await storage.read(async (snapshot) => ({
    fits: await chooser(filter, snapshot),
    fromPool: await snapshot.queries
      .selectFrom("example")
      .select("id")
      .where((builder) => filterExpression(builder, filter))
      .orderBy("id")
      .execute(),
  }));
  const stored = await storage.read(({ queries }) => queries.selectFrom("example").select("id").execute());
  const kept = new Set(stored.map((row) => row.id));
  const chosen = examples.filter((example) => kept.has(example.id) && fits(example)).map((example) => example.id);
  expect(chosen.toSorted()).toEqual(fromPool.map((row) => row.id));
});
