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
import { statementOf } from "../packages/core/src/storage/kysely-sqlite.ts";
import { leadOf, pageQuery } from "../packages/core/src/storage/page-query.ts";
import { openReader } from "../packages/core/src/storage/sqlite-database.ts";
import type { Workspace } from "../packages/core/src/workspace.ts";
import { openWorkspace } from "../packages/core/src/workspace.ts";
import { makeLargePool } from "./large-pool.ts";

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
  if (!existsSync(join(folder, "tilth.yaml"))) await makeLargePool(folder, { count });
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
  const { sql, parameters } = await storage.read(async ({ queries }) => {
    const page = { where: filterOf(where, Date.now()), rows: 21 };
    const lead = await leadOf(queries, page);
    return statementOf(pageQuery(queries, { ...page, ...(lead === undefined ? {} : { lead }) }).compile());
  });
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
