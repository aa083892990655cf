// Captures rows as an import brings them: two tags, a membership, facets, counters, a finding on every fifth row.
// Prints rows a second, and rows a CPU second of the calling thread and of the rest of the process (the writer and the garbage collectors).
// usage: node bench/pool-capture.ts [rows=50000] [rowsACall=10000]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Example } from "../packages/core/src/schema/example.ts";
import { identityOf } from "../packages/core/src/schema/identity.ts";
import { exampleToRow } from "../packages/core/src/schema/row.ts";
import { openSqlite } from "../packages/core/src/storage/sqlite.ts";
import type { NewRow } from "../packages/core/src/storage/storage.ts";
import { toHex } from "../packages/core/src/text/hash.ts";
import { createUlids, systemClock, systemRandom } from "../packages/core/src/text/ulid.ts";

const count = Number(process.argv[2] ?? 50_000);
const rowsACall = Number(process.argv[3] ?? 10_000);
const options = { actor: "user:ana", atMs: Date.now(), rulesVersion: "1", datasetId: "all" };
const folder = mkdtempSync(join(tmpdir(), "tilth-bench-"));
const rows = makeRows(count);

try {
  await measure("into a pool that holds rows", join(folder, "normal.db"));
  await measure("bulk load into an empty pool", join(folder, "bulk.db"));
  await callers(join(folder, "callers.db"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(name: string, path: string): Promise<void> {
  const storage = await openPool(path);
  const startMs = performance.now();
  const startAll = process.cpuUsage();
  const startMain = process.threadCpuUsage();
  const load = async (): Promise<void> => {
    for (let first = 0; first < rows.length; first += rowsACall) await storage.capture(rows.slice(first, first + rowsACall), options);
  };
  await (name.startsWith("bulk") ? storage.bulk(load) : load());
  const main = process.threadCpuUsage(startMain);
  const all = process.cpuUsage(startAll);
  const mainMs = (main.user + main.system) / 1_000;
  const restMs = (all.user + all.system) / 1_000 - mainMs;
  report(name, {
    rows: count,
    rows_s: perSecond(performance.now() - startMs),
    per_main_cpu_s: perSecond(mainMs),
    per_other_cpu_s: perSecond(restMs),
  });
  await storage.close();
}

/** Durable captures of one row by callers at once: acknowledged rows a second, and how long the event loop stood still at worst. */
async function callers(path: string): Promise<void> {
  const storage = await openPool(path);
  for (const number of [1, 64]) {
    let next = number === 1 ? 0 : 10_000;
    let done = 0;
    const startMs = performance.now();
    const untilMs = startMs + 2_000;
    await Promise.all(
      Array.from({ length: number }, async () => {
        while (performance.now() < untilMs && next < rows.length) {
          await storage.capture(rows.slice(next, ++next), options);
          done++;
        }
      }),
    );
    report("one row a call", { callers: number, acknowledged_s: Math.round(done / ((performance.now() - startMs) / 1_000)) });
  }
  await storage.close();
}

async function openPool(path: string): ReturnType<typeof openSqlite> {
  const storage = await openSqlite(path);
  await storage.transaction((queries) =>
    queries
      .insertInto("dataset")
      .values({ id: "all", name: "All of it", kind: null, created_by: "user:ana", created_at: 0, updated_at: 0 })
      .execute(),
  );
  return storage;
}

function perSecond(ms: number): number {
  return Math.round(count / (ms / 1_000));
}

function report(name: string, figures: Readonly<Record<string, number>>): void {
  console.log(JSON.stringify({ name, ...figures }));
}

function makeRows(howMany: number): readonly NewRow[] {
  const random = seeded(7);
  const newId = createUlids(systemClock, systemRandom);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() ** 2.2 * values.length)] ?? values[0] ?? never();
  const words = Array.from(
    { length: 8_000 },
    (_, i) =>
      "ka to mi ra ne so lu vi"
        .split(" ")
        .slice(0, 1 + (i % 4))
        .join("") + i.toString(36),
  );
  const text = (length: number): string => {
    let out = "";
    while (out.length < length) out += `${pick(words)} `;
    return out;
  };
  return Array.from({ length: howMany }, (_, i): NewRow => {
    const messages = [
      { role: "user", content: text(30 + random() * 100) },
      { role: "assistant", content: text(80 + random() * random() * 540) },
    ] as const;
    const content = { kind: "chat", messages } as const;
    const { contentHash, inputHash } = identityOf(content);
    const id = newId();
    const at = new Date(1_735_689_600_000 + i * 31_000).toISOString();
    const tags = [pick(["code", "reasoning", "creative", "factual"]), `length-${Math.floor(random() * 5)}`];
    const example: Example = {
      ...content,
      id,
      rev: 1,
      source: pick(["production_query", "synthetic", "manual", "user_correction"]),
      sourceKind: pick(["conversation", "synthetic", "manual"]),
      ...(random() < 0.7 ? { sourceId: `conv_${Math.floor(random() * 400_000).toString(36)}` } : {}),
      groupKey: id,
      importId: "01JGFJJZ00KKE20RWE6YQ7QH7Z",
      domain: pick(["code", "reasoning", "creative", "factual", "planning"]),
      tags,
      complexity: 1 + Math.floor(random() * 10),
      weight: 1,
      quality: { score: Math.round(random() * 1_000) / 1_000, tier: pick(["gold", "silver", "bronze"]), factors: {} },
      reviewStatus: "pending",
      lifecycle: "active",
      includeInTraining: true,
      wasCorrected: false,
      validated: false,
      createdAt: at,
      createdBy: "user:ana",
      updatedAt: at,
      contentHash: toHex(contentHash),
      inputHash: toHex(inputHash),
      metadata: { model: pick(["m0", "m1"]), latency_ms: Math.floor(80 + random() * 900) },
    };
    const finding = { rule: "truncated", severity: "warning", message: "ends with an ellipsis", at: "/messages/1" } as const;
    return { row: exampleToRow(example), tags, findings: i % 5 === 0 ? [finding] : [], scores: [], sourceIdIsIdentity: false };
  });
}

function never(): never {
  throw new Error("a list to pick from is never empty");
}

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
