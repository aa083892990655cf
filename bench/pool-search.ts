// Fills the search index of a pool, searches rare and common words, recounts and backs the pool up; every example says "the".
// Prints rows a second, milliseconds a search (median of five), and how long the event loop stood still at worst during the backup.
// usage: node bench/pool-search.ts [rows=100000]
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityOf } from "../packages/core/src/schema/identity.ts";
import { exampleToRow } from "../packages/core/src/schema/row.ts";
import { openSqlite } from "../packages/core/src/storage/sqlite.ts";
import type { NewRow } from "../packages/core/src/storage/storage.ts";
import { toHex } from "../packages/core/src/text/hash.ts";
import { createUlids, systemClock, systemRandom } from "../packages/core/src/text/ulid.ts";

const count = Number(process.argv[2] ?? 100_000);
const options = { actor: "user:ana", atMs: Date.now(), rulesVersion: "1" };
const folder = mkdtempSync(join(tmpdir(), "tilth-bench-"));
const newId = createUlids(systemClock, systemRandom);
const words = Array.from({ length: 20_000 }, (_, i) => `${i % 5 === 0 ? "слово" : "word"}${i.toString(36)}`);
let state = 7;

const path = join(folder, "pool.db");
const storage = await openSqlite(path);
try {
  await storage.bulk(async () => {
    for (let first = 0; first < count; first += 5_000) {
      await storage.capture(Array.from({ length: Math.min(5_000, count - first) }, makeRow), options);
    }
  });
  const before = statSync(path).size;
  await timed("feed", async () => storage.feedSearch(Infinity), { rows: count });
  const rank = (share: number): string => words[Math.floor(share * words.length)] ?? "";
  for (const query of ["the", `the ${rank(0)}`, rank(0.001), rank(0.5), `the -${rank(0)}`, "absent"]) {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const startMs = performance.now();
      await storage.search(query, { limit: 20 });
      times.push(performance.now() - startMs);
    }
    report("search", { query, ms: Number(times.toSorted((a, b) => a - b)[2]?.toFixed(1)) });
  }
  await timed("recount", async () => storage.recount({ repair: false }), { rows: count });
  let stallMs = 0;
  let lastMs = performance.now();
  const beat = setInterval(() => {
    stallMs = Math.max(stallMs, performance.now() - lastMs - 5);
    lastMs = performance.now();
  }, 5);
  await timed("backup", async () => storage.backup(join(folder, "copy.db")), { mb: Math.round(before / 1e6) });
  clearInterval(beat);
  report("backup", { stall_ms: Math.round(stallMs) });
} finally {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
}

async function timed(name: string, work: () => Promise<unknown>, figures: { readonly rows?: number; readonly mb?: number }): Promise<void> {
  const startMs = performance.now();
  await work();
  const seconds = (performance.now() - startMs) / 1_000;
  report(name, {
    ...figures,
    s: Number(seconds.toFixed(2)),
    ...(figures.rows === undefined ? {} : { rows_s: Math.round(figures.rows / seconds) }),
  });
}

function report(name: string, figures: Readonly<Record<string, string | number>>): void {
  console.log(JSON.stringify({ name, ...figures }));
}

function makeRow(): NewRow {
  const messages = [
    { role: "user", content: `the ${text(80)}` },
    { role: "assistant", content: text(230) },
  ] as const;
  const content = { kind: "chat", messages } as const;
  const { contentHash, inputHash } = identityOf(content);
  const id = newId();
  const at = new Date(0).toISOString();
  const row = exampleToRow({
    ...content,
    id,
    rev: 1,
    source: "bench",
    sourceKind: "manual",
    groupKey: id,
    domain: "general",
    tags: ["t"],
    weight: 1,
    quality: { tier: "gold", factors: {} },
    reviewStatus: "pending",
    lifecycle: "active",
    includeInTraining: true,
    wasCorrected: false,
    validated: false,
    createdAt: at,
    updatedAt: at,
    createdBy: "user:ana",
    contentHash: toHex(contentHash),
    inputHash: toHex(inputHash),
    metadata: {},
  });
  return { row, tags: ["t"], findings: [], scores: [], sourceIdIsIdentity: false };
}

function text(length: number): string {
  let out = "";
  while (out.length < length) out += `${words[Math.floor(random() ** 2.2 * words.length)] ?? ""} `;
  return out;
}

function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
