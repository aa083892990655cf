// `tilth check` over a pool of short posts: import, build of the index, reopen, exact and decision form, one text; memory beside each.
//
//   npm run bench freshness-check -- [posts=100000] [types=4]
//
// Ends with exit code 1 when exact and decision form disagree on how many are fresh.
import { mkdtemp, rm, stat, readdir, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { callOperation, createWorkspace, openWorkspace } from "../packages/core/src/index.ts";
import { checkFreshness } from "../packages/core/src/insight/freshness-check.ts";
import { freshnessOf } from "../packages/core/src/insight/freshness-texts.ts";
import { openFreshness } from "../packages/core/src/insight/freshness.ts";
import { shortTexts } from "./short-texts.ts";

const [posts = 100_000, types = 4] = process.argv.slice(2).map(Number);
const names = ["gm", "insight", "casual", "reply"].slice(0, types);
const { pool, unseen, real } = shortTexts(posts);
const folder = await mkdtemp(join(tmpdir(), "tilth-bench-"));
try {
  console.log(`${cpus()[0]?.model ?? "?"}, Node ${process.version}; ${pool.length} posts (${real} real), ${types} types`);
  await createWorkspace(folder, { packs: ["social"] });
  const file = join(folder, "posts.jsonl");
  await writeFile(file, pool.map((text, i) => `${JSON.stringify({ kind: "text", text, type: names[i % types] })}\n`).join(""));
  let workspace = await openWorkspace(folder, { toolVersion: "0.0.0" });
  const host = { folder, workspace: () => Promise.resolve(workspace) };
  await timed("import", () => callOperation("example.import", { file }, host, { actor: "bench" }));
  await timed("build and save", () => openFreshness(workspace, {}));
  const index = join(workspace.paths.index, "freshness", "pool");
  const sizes = await Promise.all((await readdir(index)).map(async (name) => (await stat(join(index, name))).size));
  console.log(`  ${(sizes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(0)} MB on disk`);
  await workspace.close();
  workspace = await openWorkspace(folder, { toolVersion: "0.0.0" });
  await timed("reopen", () => openFreshness(workspace, {}));
  const exact = await timed("check, exact", () => checkFreshness(workspace, { actor: "bench", decide: false }));
  const decided = await timed("check, decision", () => checkFreshness(workspace, { actor: "bench", decide: true }));
  console.log(`  ${exact.fresh} of ${exact.samples} fresh, ${decided.fresh} by decision; mean ${exact.mean}`);
  const [text = "gm", other = "gm"] = unseen;
  await timed("one text, first of its type", () => freshnessOf(workspace, text, { type: "gm" }));
  await timed("one text", () => freshnessOf(workspace, other, { type: "gm" }));
  await workspace.close();
  if (exact.fresh !== decided.fresh || exact.below !== decided.below) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const cpu = `${((user + system) / 1e6).toFixed(2)} s of processor`;
  const resident = `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`;
  console.log(`${what}: ${((performance.now() - startMs) / 1_000).toFixed(2)} s (${cpu}); resident ${resident}`);
  return result;
}
