/**
 * What freezing a version costs: CPU and bytes of our commit, reading the pool included, against DuckDB's own COPY of the same rows; then a
 * commit that finds one edited row, one that takes over what a killed one wrote, what counting the statistics takes, the differences of
 * versions ten commits apart, and `verify` against bulk SHA-256. Rounds in turns, in one process.
 *
 * `npm run bench -- commit [--rows 1000000] [--rounds 3]`
 */
import { hash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commitVersion } from "../packages/core/src/dataset/commit.ts";
import type { Duck } from "../packages/core/src/dataset/duckdb.ts";
import { openDuck, quoted } from "../packages/core/src/dataset/duckdb.ts";
import { diffVersions } from "../packages/core/src/dataset/diff.ts";
import { readChunks } from "../packages/core/src/dataset/manifest.ts";
import { poolRows } from "../packages/core/src/dataset/pool-rows.ts";
import { createSplitRule } from "../packages/core/src/dataset/split.ts";
import { createStatistics } from "../packages/core/src/dataset/statistics.ts";
import { verifyVersions } from "../packages/core/src/dataset/verify.ts";
import { openFolderObjects } from "../packages/core/src/objects/folder.ts";
import type { Objects } from "../packages/core/src/objects/objects.ts";
import { objectKey } from "../packages/core/src/objects/objects.ts";
import { versionColumns } from "../packages/core/src/schema/column.ts";
import type { Content } from "../packages/core/src/schema/content.ts";
import { identityOf } from "../packages/core/src/schema/identity.ts";
import { contentToColumns } from "../packages/core/src/schema/row-content.ts";
import { openSqlite } from "../packages/core/src/storage/sqlite.ts";
import type { NewRow, Storage } from "../packages/core/src/storage/storage.ts";
import { createUlids, systemClock } from "../packages/core/src/text/ulid.ts";

const { values } = parseArgs({ options: { rows: { type: "string", default: "1000000" }, rounds: { type: "string", default: "3" } } });
const rowCount = Number(values.rows);
const rounds = Number(values.rounds);
const folder = await mkdtemp(join(tmpdir(), "tilth-bench-commit-"));
try {
  const storage = await openSqlite(join(folder, "pool.db"), { durability: "relaxed" });
  const objects = await openFolderObjects(join(folder, "store"));
  const duck = openDuck({ temporaryFolder: join(folder, "duck") });
  // The yardstick holds all rows at once; it shall not be slowed down by moving them to disk.
  const rival = openDuck({ temporaryFolder: join(folder, "rival"), memoryLimitMb: 8_192 });
  const firstId = await fillPool(storage);
  const commit = (dataset: string, store: Objects = objects) =>
    commitVersion({
      storage,
      objects: store,
      indexFolder: join(folder, "index"),
      duck,
      dataset,
      recipe: { format: 1, from: "pool" },
      message: "bench",
      actor: "bench",
      clock: systemClock,
      toolVersion: "bench",
    });

  const ours: number[] = [];
  const theirs: number[] = [];
  let files: readonly string[] = [];
  for (let round = 0; round < rounds; round++) {
    const { result, cpuMs } = await measured(() => commit(`round-${round}`));
    ours.push(cpuMs);
    const chunks = await readChunks(objects, result.manifest);
    files = await Promise.all(chunks.map((chunk) => objects.local(objectKey(chunk.object, "parquet"))));
    theirs.push(await copyByDuck(rival, files, join(folder, "rival.parquet")));
    if (round > 0) continue;
    const { bytes } = result.manifest.stats;
    const rivalBytes = (await readFile(join(folder, "rival.parquet"))).length;
    say("bytes", { commitMB: mb(bytes), copyMB: mb(rivalBytes), ratio: bytes / rivalBytes, chunks: chunks.length });
  }
  say("CPU of a first commit against COPY", {
    commitMs: median(ours),
    copyMs: median(theirs),
    ratio: median(ours) / median(theirs),
    microsecondsARow: (median(ours) * 1_000) / rowCount,
  });

  await storage.change([{ id: firstId, set: { feedback: "edited" } }], { actor: "bench", atMs: Date.now(), op: "edit" });
  const edited = await measured(() => commit("round-0"));
  say("one row edited", {
    cpuMs: edited.cpuMs,
    wallMs: edited.wallMs,
    addedMB: mb(edited.result.manifest.stats.addedBytes),
    changed: edited.result.manifest.stats.changed,
  });
  const unchanged = await measured(() => commit("round-0"));
  say("nothing edited", { cpuMs: unchanged.cpuMs, wallMs: unchanged.wallMs, created: Number(unchanged.result.created) });

  const killed = { ...objects, putIfAbsent: () => Promise.reject(new Error("killed")) };
  const first = await measured(() => commit("resumed", killed).catch(() => undefined));
  const resumed = await measured(() => commit("resumed"));
  say("taken over from a commit that was killed before it was done", {
    killedMs: first.cpuMs,
    resumedMs: resumed.cpuMs,
    ratio: resumed.cpuMs / first.cpuMs,
  });

  const plain: number[] = [];
  const counted: number[] = [];
  for (let round = 0; round < rounds * 2; round++) {
    const statistics = createStatistics(versionColumns, createSplitRule("bench"));
    const rows = await measured(() => readPool(storage, () => undefined));
    const both = await measured(() => readPool(storage, (batch) => statistics.add(batch)));
    plain.push(rows.cpuMs);
    counted.push(both.cpuMs);
  }
  const extraMs = median(counted) - median(plain);
  say("statistics", { microsecondsARow: (extraMs * 1_000) / rowCount, shareOfFirstCommit: extraMs / median(ours) });

  const before = unchanged.result.manifest;
  for (let i = 0; i < 10; i++) {
    const ids = await someIds(storage, i, Math.ceil(rowCount / 1_000));
    await storage.change(
      ids.map((id) => ({ id, set: { feedback: `edited ${i}` } })),
      { actor: "bench", atMs: Date.now(), op: "edit" },
    );
    await commit("round-0");
  }
  const after = (await commit("round-0")).manifest;
  const sides = { before: { kind: "version", manifest: before }, after: { kind: "version", manifest: after } } as const;
  const differing = await measured(() => diffVersions({ objects, duck, ...sides, limit: 1_000 }));
  say("diff of versions ten commits apart", {
    wallMs: differing.wallMs,
    cpuMs: differing.cpuMs,
    changed: differing.result.changed,
    maxRssMB: mb(process.resourceUsage().maxRSS * 1_024),
  });

  const verified = await measured(() => verifyVersions({ objects, dataset: "round-0", level: "full" }));
  const bulk = await measured(async () => {
    for (const file of files) hash("sha256", await readFile(file));
  });
  const rate = (bytes: number, ms: number): number => bytes / 1e6 / ms;
  const fileBytes = (await Promise.all(files.map((file) => readFile(file)))).reduce((sum, bytes) => sum + bytes.length, 0);
  const [ourRate, bulkRate] = [rate(verified.result.bytes, verified.wallMs), rate(fileBytes, bulk.wallMs)];
  say("verify full against SHA-256 of whole files", {
    verifyGBs: ourRate,
    bulkGBs: bulkRate,
    ratio: ourRate / bulkRate,
    problems: verified.result.problems.length,
  });
  await Promise.all([duck.close(), rival.close(), storage.close()]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function readPool(storage: Storage, show: (batch: Parameters<ReturnType<typeof createStatistics>["add"]>[0]) => void): Promise<void> {
  await storage.read(async (snapshot) => {
    const source = { snapshot, dataset: "bench", recipe: { format: 1, from: "pool" }, nowMs: 0 } as const;
    for await (const batch of poolRows(source)) show(batch);
  });
}

/** Ids scattered over the whole pool. */
async function someIds(storage: Storage, turn: number, count: number): Promise<readonly string[]> {
  const step = Math.floor(rowCount / count);
  return storage.read(async ({ queries, scan }) => {
    const ids: string[] = [];
    let at = 0;
    for await (const rows of scan(queries.selectFrom("example").select("id").orderBy("id"))) {
      for (const [id] of rows) if (at++ % step === (turn * 7) % step && typeof id === "string") ids.push(id);
    }
    return ids;
  });
}

/** @returns The id of the first row. */
async function fillPool(storage: Storage): Promise<string> {
  const random = seeded(1);
  const nextId = createUlids(
    { nowMs: () => 1_735_689_600_000 },
    { bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)) },
  );
  const words = vocabulary(seeded(2));
  let first = "";
  for (let done = 0; done < rowCount; done += 5_000) {
    const rows = Array.from({ length: Math.min(5_000, rowCount - done) }, (_, i) => newRow(nextId(), done + i, random, words));
    first ||= rows[0]?.row.id ?? "";
    await storage.capture(rows, { actor: "bench", atMs: 1_735_689_600_000, rulesVersion: "bench", onChange: "add" });
  }
  say("pool", { rows: rowCount, cpus: cpus().length });
  return first;
}

function newRow(id: string, index: number, random: () => number, words: readonly string[]): NewRow {
  const text = (least: number, most: number): string => sentence(random, words, least + Math.floor(random() * random() * (most - least)));
  const pick = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() ** 2 * list.length)] ?? list[0];
  const prompt = [
    { role: "system" as const, content: pick(["You are a helpful assistant.", "You are a concise support agent."]) },
    { role: "user" as const, content: text(5, 40) },
  ];
  const answer = { role: "assistant" as const, content: text(15, 150) };
  const content: Content =
    random() < 0.1
      ? { kind: "preference", prompt, chosen: [answer], rejected: [{ role: "assistant", content: text(10, 60) }], reason: text(4, 12) }
      : { kind: "chat", messages: [...prompt, answer] };
  const identity = identityOf(content);
  const atMs = 1_735_689_600_000 + index * 31_000;
  const row = {
    ...contentToColumns(content),
    id,
    rev: 1,
    review_status: "approved" as const,
    lifecycle: "active" as const,
    include_in_training: 1,
    duplicate_kept: 0,
    source: pick(["claude_capture", "user_correction", "distillation", "manual"]),
    source_kind: "conversation" as const,
    source_id: `conv_${index}`,
    parent_id: null,
    group_key: id,
    import_id: "01J0000000000000000000000A",
    created_by: "bench",
    type: null,
    topic: null,
    style: null,
    domain: pick(["code", "reasoning", "creative", "factual"]),
    project: null,
    language: "en",
    confidence: null,
    complexity: 1 + Math.floor(random() * 10),
    weight: 1,
    quality_tier: pick(["gold", "silver", "bronze"] as const),
    quality_score: Math.round(random() * 1_000) / 1_000,
    relevance: null,
    learning_value: null,
    feedback: null,
    verified_accurate: null,
    was_corrected: 0,
    was_used: null,
    modifications_made: null,
    validated: 0,
    correction_reason: null,
    corrector: null,
    tags: "[]",
    features: "{}",
    created_at: atMs,
    updated_at: atMs,
    metadata: JSON.stringify({
      latency_ms: Math.floor(random() * 900),
      model: pick(["m0", "m1", "m2"]),
      tokens_out: answer.content.length >> 2,
    }),
    content_hash: identity.contentHash,
    input_hash: identity.inputHash,
  };
  const subject = random() < 0.7 ? { subjectId: hash("sha256", String(Math.floor(random() ** 3 * 50_000))).slice(0, 32) } : {};
  return { row, tags: [], findings: [], scores: [], sourceIdIsIdentity: false, ...subject };
}

/** Each word has few likely followers, so that the text compresses about as real text does. */
function sentence(random: () => number, words: readonly string[], length: number): string {
  let at = Math.floor(random() ** 3 * words.length);
  const out: string[] = [];
  for (let i = 0; i < length; i++) {
    out.push(words[at] ?? "");
    at = random() < 0.6 ? (at * 31 + 7 + Math.floor(random() * 3)) % words.length : Math.floor(random() ** 3 * words.length);
  }
  return out.join(" ");
}

function vocabulary(random: () => number): readonly string[] {
  const syllables = "ka to mi ra ne so lu vi da pe no shi ta le gar fen".split(" ");
  return Array.from({ length: 8_000 }, (_, i) => Array.from({ length: 1 + (i % 4) }, () => syllables[Math.floor(random() * 16)]).join(""));
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function copyByDuck(duck: Duck, files: readonly string[], target: string): Promise<number> {
  return duck.use(async ({ connection }) => {
    await connection.run(`CREATE OR REPLACE TABLE same AS FROM read_parquet([${files.map(quoted).join(", ")}])`);
    const { cpuMs } = await measured(() =>
      connection.run(`COPY same TO ${quoted(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 131072)`),
    );
    return cpuMs;
  });
}

async function measured<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cpuMs: number; readonly wallMs: number }> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, cpuMs: (user + system) / 1_000, wallMs: performance.now() - wall };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

function mb(bytes: number): number {
  return bytes / 1e6;
}

function say(name: string, numbers: Readonly<Record<string, number>>): void {
  console.log(
    `${name}: ${Object.entries(numbers)
      .map(([key, value]) => `${key} ${Number(value.toFixed(2))}`)
      .join(", ")}`,
  );
}
