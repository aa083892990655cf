// Two processes write to one pool: one imports without a pause, four batches of 1,000 rows under way, the other one captures single rows. Prints how
// long the single rows took until they were durable, and how fast the import was.
// usage: npm run bench pool-fairness -- [seconds=8] [alone]
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Example } from "../packages/core/src/schema/example.ts";
import { identityOf } from "../packages/core/src/schema/identity.ts";
import { exampleToRow } from "../packages/core/src/schema/row.ts";
import { openSqlite } from "../packages/core/src/storage/sqlite.ts";
import type { NewRow } from "../packages/core/src/storage/storage.ts";
import { toHex } from "../packages/core/src/text/hash.ts";
import { createUlids, systemClock, systemRandom } from "../packages/core/src/text/ulid.ts";
import { chatRecords } from "./chat-records.ts";

const options = { actor: "user:bench", atMs: Date.now(), rulesVersion: "1" };
const newId = createUlids(systemClock, systemRandom);
const [, , first = "8", second = "", third = "8"] = process.argv;
if (first === "import") await importOn(second, Number(third));
else await measure(Number(first), second === "alone");

async function measure(seconds: number, alone: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tilth-fair-"));
  const path = join(folder, "pool.db");
  try {
    const storage = await openSqlite(path);
    await storage.capture(rowsOf(1_000, 1), options);
    const importer = alone ? undefined : fork(fileURLToPath(import.meta.url), ["import", path, String(seconds)]);
    let imported = 0;
    importer?.on("message", (rows: number) => (imported += rows));
    if (importer !== undefined) while (imported === 0) await pause(50);
    const rows = rowsOf(seconds * 100, 2);
    const tookMs: number[] = [];
    let failed = 0;
    const importedBefore = imported;
    const startMs = performance.now();
    for (const row of rows) {
      if (performance.now() - startMs > seconds * 1_000) break;
      const fromMs = performance.now();
      await storage.capture([row], options).catch(() => failed++);
      tookMs.push(performance.now() - fromMs);
      await pause(10);
    }
    const importRate = Math.round((imported - importedBefore) / ((performance.now() - startMs) / 1_000));
    importer?.kill("SIGKILL");
    await storage.close();
    const sorted = tookMs.toSorted((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(1);
    console.log(
      `${tookMs.length} single rows${alone ? " alone" : ""}: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, worst ${at(0.99999)} ms, ${failed} refused; import ${importRate.toLocaleString("en-US")} rows/s; load ${loadavg()[0]?.toFixed(2)}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All rows are made before: the writer never waits for them. */
async function importOn(path: string, seconds: number): Promise<void> {
  process.on("disconnect", () => process.exit());
  const batches = Array.from({ length: seconds * 20 }, (_, i) => rowsOf(1_000, 10 + i));
  const storage = await openSqlite(path);
  const underWay = new Set<Promise<unknown>>();
  for (const rows of batches) {
    const captured = storage.capture(rows, options).then(() => process.send?.(1_000));
    underWay.add(captured);
    void captured.finally(() => underWay.delete(captured));
    if (underWay.size >= 4) await Promise.race(underWay);
  }
}

function rowsOf(count: number, seed: number): readonly NewRow[] {
  return Array.from(chatRecords(count, seed), ({ messages }): NewRow => {
    const content = { kind: "chat", messages } as const;
    // oxlint-disable-next-line typescript/consistent-type-assertions -- chatRecords makes plain turns
    const chat = content as unknown as Extract<Example, { kind: "chat" }>;
    const { contentHash, inputHash } = identityOf(chat);
    const id = newId();
    const at = new Date().toISOString();
    const row = exampleToRow({
      ...chat,
      id,
      rev: 1,
      source: "bench",
      sourceKind: "import",
      groupKey: id,
      domain: "general",
      tags: ["a", "b"],
      weight: 1,
      quality: { tier: "gold", factors: {} },
      reviewStatus: "pending",
      lifecycle: "active",
      includeInTraining: true,
      wasCorrected: false,
      validated: false,
      createdAt: at,
      createdBy: "bench",
      updatedAt: at,
      contentHash: toHex(contentHash),
      inputHash: toHex(inputHash),
      metadata: {},
    });
    return { row, tags: ["a", "b"], findings: [], scores: [], sourceIdIsIdentity: false };
  });
}
