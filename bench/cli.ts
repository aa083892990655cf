// Whole-process times of the command line, and the same reads inside one process, on a pool of generated rows.
// usage: npm run bench cli -- [--rows 100000] [--repeat 7] [--plans] [--keep FOLDER]
// `--keep` leaves the workspace in the folder and finds it there again.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { callOperation } from "../packages/core/src/operations/call.ts";
import { filterOf } from "../packages/core/src/operations/selection.ts";
import type { Content } from "../packages/core/src/schema/content.ts";
import type { Example } from "../packages/core/src/schema/example.ts";
import { identityOf } from "../packages/core/src/schema/identity.ts";
import { exampleToRow } from "../packages/core/src/schema/row.ts";
import { statementOf } from "../packages/core/src/storage/kysely-sqlite.ts";
import { pageQuery } from "../packages/core/src/storage/page-query.ts";
import { openReader } from "../packages/core/src/storage/sqlite-database.ts";
import type { NewRow } from "../packages/core/src/storage/storage.ts";
import { toHex } from "../packages/core/src/text/hash.ts";
import { createUlids, systemClock, systemRandom } from "../packages/core/src/text/ulid.ts";
import type { Workspace } from "../packages/core/src/workspace.ts";
import { createWorkspace, openWorkspace } from "../packages/core/src/workspace.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "100000" },
    repeat: { type: "string", default: "7" },
    plans: { type: "boolean", default: false },
    keep: { type: "string" },
  },
});
const count = Number(values.rows);
const repeat = Number(values.repeat);
const program = fileURLToPath(new URL("../packages/cli/bin/tilth.js", import.meta.url));

/** Indexed fields with a value that most rows have, one that only the oldest five have, one that none has, and lists and ranges of them. */
const filters = [
  "kind = chat",
  "kind = steps",
  "kind in (chat, steps)",
  "source = production_query",
  "source = legacy",
  "source = nobody",
  "domain = code",
  "domain = astronomy",
  "domain in (astronomy, geology)",
  "type = insight",
  "type = gm",
  "project = meadow",
  "project = orchard",
  "reviewStatus = pending",
  "reviewStatus = rejected",
  "reviewStatus in (approved, rejected)",
  "quality.tier = silver",
  "quality.tier = gold",
  "quality.tier >= silver",
  "quality.tier < gold",
  "quality.score >= 0.1",
  "quality.score >= 0.98",
  "quality.score < 0.001",
  "tag has code",
  "tag has heirloom",
  "tag in (code, heirloom)",
  "rule = truncated",
  "rule = encoding",
  "severity = warning",
  "severity = error",
  "kind = chat and domain = astronomy",
  "kind = steps and tag has code",
  "lifecycle = archived",
  "relevance = high",
] as const;

const folder = values.keep ?? mkdtempSync(join(tmpdir(), "tilth-bench-"));
try {
  if (!existsSync(join(folder, "tilth.yaml"))) await makePool();
  const workspace = await openWorkspace(folder, { toolVersion: "bench" });
  console.log(
    `${count.toLocaleString("en-US")} rows, ${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}, median of ${repeat} (min–max)`,
  );
  const [newest] = (await list(workspace, {})).examples;
  const id = newest?.id ?? "";
  printRow("command", "whole process, ms", "in process, ms");
  printRow("---", "---:", "---:");
  printRow("`tilth --version`", whole(["--version"]), "");
  printRow("`tilth --help`", whole(["--help"]), "");
  printRow("`tilth stats`", whole(["stats"]), await inside(() => call(workspace, "pool.stats", {})));
  printRow("`tilth show`", whole(["show", id]), await inside(() => call(workspace, "example.show", { id })));
  printRow("`tilth list`", whole(["list"]), await inside(() => list(workspace, {})));
  for (const where of filters) {
    printRow(`\`list --where '${where}'\``, whole(["list", "--where", where]), await inside(() => list(workspace, { where })));
    if (values.plans) for (const line of await planOf(workspace, where)) console.log(`|   ${line} |`);
  }
  await workspace.close();
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

function printRow(...cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

/** The process from its start to its end, as a person waits for it. */
function whole(args: readonly string[]): string {
  const run = (): number => {
    const startMs = performance.now();
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, ...args, "--quiet"].filter((word) => word !== "--quiet" || args.length > 1),
      { cwd: folder, encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`tilth ${args.join(" ")} ended with ${status}: ${stderr}`);
    return performance.now() - startMs;
  };
  run();
  return told(Array.from({ length: repeat }, run));
}

/** The operation alone, in a process that has the pool open. */
async function inside(work: () => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let i = 0; i < repeat; i++) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  return told(times);
}

function told(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const show = (ms: number | undefined): string => (ms === undefined ? "?" : ms < 10 ? ms.toFixed(1) : ms.toFixed(0));
  return `${show(sorted[sorted.length >> 1])} (${show(sorted[0])}–${show(sorted.at(-1))})`;
}

function call<Name extends Parameters<typeof callOperation>[0]>(
  workspace: Workspace,
  name: Name,
  input: Parameters<typeof callOperation<Name>>[1],
): ReturnType<typeof callOperation<Name>> {
  return callOperation(name, input, { folder, workspace: async () => workspace }, { actor: "user:bench" });
}

function list(workspace: Workspace, input: { readonly where?: string }): ReturnType<typeof callOperation<"example.list">> {
  return call(workspace, "example.list", input);
}

async function planOf(workspace: Workspace, where: string): Promise<readonly string[]> {
  const storage = await workspace.storage();
  const { sql, parameters } = await storage.read(async ({ queries }) =>
    statementOf((await pageQuery(queries, { where: filterOf(where, Date.now()), rows: 21 })).compile()),
  );
  const database = openReader(workspace.paths.pool, 1_000);
  try {
    return database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...parameters)
      .map((row) => String(row["detail"]));
  } finally {
    database.close();
  }
}

async function makePool(): Promise<void> {
  const { root } = await createWorkspace(folder, { packs: ["assistant"] });
  const workspace = await openWorkspace(root, { toolVersion: "bench" });
  const storage = await workspace.storage();
  await call(workspace, "dataset.create", { name: "all" });
  const startMs = performance.now();
  const rows = generator();
  await storage.bulk(async () => {
    for (let first = 0; first < count; first += 10_000) {
      const batch = Array.from({ length: Math.min(10_000, count - first) }, (_, i) => rows(first + i));
      await storage.capture(batch, { actor: "user:bench", atMs: Date.now(), rulesVersion: "1", datasetId: "all" });
    }
  });
  await workspace.close();
  console.error(`the pool took ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
}

/** Rows whose values are skewed as they are in life; the oldest five have values of their own. */
function generator(): (index: number) => NewRow {
  const random = seeded(7);
  const newId = createUlids(systemClock, systemRandom);
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() ** 2.2 * from.length)] ?? from[0];
  const syllables = "ka to mi ra ne so lu vi".split(" ");
  const words = Array.from({ length: 8_000 }, (_, i) => syllables.slice(0, 1 + (i % 4)).join("") + i.toString(36));
  const text = (length: number): string => {
    let out = "";
    while (out.length < length) out += `${words[Math.floor(random() ** 2.2 * words.length)] ?? ""} `;
    return out;
  };
  return (index) => {
    const rare = index < 5;
    const prompt = text(30 + random() * 100);
    const answer = text(80 + random() * random() * 540);
    const chat: Content = {
      kind: "chat",
      messages: [
        { role: "user", content: prompt },
        { role: "assistant", content: answer },
      ],
    };
    const content: Content = rare
      ? { kind: "steps", prompt, steps: [{ text: answer, correct: true }] }
      : random() < 0.1
        ? { kind: "text", text: answer }
        : chat;
    const { contentHash, inputHash } = identityOf(content);
    const id = newId();
    const at = new Date(1_735_689_600_000 + index * 31_000).toISOString();
    const tags = rare ? ["heirloom"] : [pick(["code", "reasoning", "creative", "factual"]), `length-${Math.floor(random() * 5)}`];
    const example: Example = {
      ...content,
      id,
      rev: 1,
      source: rare ? "legacy" : pick(["production_query", "synthetic", "manual", "user_correction"]),
      sourceKind: pick(["conversation", "synthetic", "manual"]),
      ...(random() < 0.7 ? { sourceId: `conv_${Math.floor(random() * 400_000).toString(36)}` } : {}),
      groupKey: id,
      importId: "01JGFJJZ00KKE20RWE6YQ7QH7Z",
      domain: rare ? "astronomy" : pick(["code", "reasoning", "creative", "factual", "planning"]),
      ...(rare ? { type: "gm" } : random() < 0.5 ? { type: pick(["insight", "casual", "reply"]) } : {}),
      ...(rare ? { project: "orchard" } : random() < 0.3 ? { project: pick(["meadow", "pond", "barn"]) } : {}),
      tags,
      complexity: 1 + Math.floor(random() * 10),
      weight: 1,
      ...(rare ? { relevance: "high" } : {}),
      quality: rare
        ? { score: 0.999, tier: "gold", factors: {} }
        : { score: Math.round(random() * 950) / 1_000, tier: pick(["silver", "bronze", "unverified"]), factors: {} },
      reviewStatus: rare ? "rejected" : "pending",
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
    const message = "as the bench has it";
    const findings = rare
      ? [{ rule: "encoding", severity: "error", message, at: "" } as const]
      : index % 5 === 0
        ? [{ rule: "truncated", severity: "warning", message, at: "/messages/1" } as const]
        : [];
    return { row: exampleToRow(example), tags, findings, scores: [], sourceIdIsIdentity: false };
  };
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
