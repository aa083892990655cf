import { spawn } from "node:child_process";
import { appendFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Committed } from "./commit.ts";
import { commitVersion } from "./commit.ts";
import type { Bench } from "./contract.ts";
import { addExamples, exampleId, openBench } from "./contract.ts";
import { verifyVersions } from "./verify.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  await addExamples(
    bench.storage,
    Array.from({ length: 400 }, (_, i) => i),
  );
});
afterEach(async () => {
  await bench.close();
  await rm(bench.folder, { recursive: true, force: true });
});

test("a commit takes over the chunks of one that was killed, and its temporary files are gone", { timeout: 60_000 }, async () => {
  await killAfterChunks(bench.folder, 8);
  expect(await listed()).toBe(8);
  const left = (await readdir(join(bench.folder, "store", "tmp"))).length;
  expect(left).toBeGreaterThan(0);
  const { folder, duck, storage } = bench;
  await Promise.all([duck.close(), storage.close()]);
  bench = await openBench(folder);
  expect(await readdir(join(folder, "store", "tmp"))).toEqual([]);
  const { written, committed } = await commit();
  expect(committed.manifest.rows).toBe(400);
  expect(written).toBe(chunksOf(committed) - 8);
  expect((await verifyVersions({ objects: bench.objects, level: "deep", duck: bench.duck })).problems).toEqual([]);
  expect(await listed()).toBe(0);
});

test("what changed since is written anew, the rest is not", { timeout: 60_000 }, async () => {
  await killAfterChunks(bench.folder, 8);
  await bench.storage.change([{ id: exampleId(0), set: { topic: "soil" } }], { actor: "user:test", atMs: 1, op: "edit" });
  const { written, committed } = await commit();
  expect(written).toBe(chunksOf(committed) - 7);
});

test("a list that is damaged, or names chunks that are gone, costs time and nothing else", { timeout: 60_000 }, async () => {
  await killAfterChunks(bench.folder, 8);
  const lines = (await readFile(list(), "utf8")).trimEnd().split("\n");
  const first: { readonly object: string } = JSON.parse(lines[0] ?? "");
  await bench.objects.delete(`objects/${first.object.slice(0, 2)}/${first.object}.parquet`);
  await appendFile(list(), '{"object":"cut o');
  const { written, committed } = await commit();
  expect(written).toBe(chunksOf(committed) - 7);
  expect((await verifyVersions({ objects: bench.objects, level: "deep", duck: bench.duck })).problems).toEqual([]);
});

const index = (): string => join(bench.folder, "index");
const list = (): string => join(index(), "commits", "d-main.jsonl");
const listed = async (): Promise<number> => (await readFile(list(), "utf8").catch(() => "")).split("\n").filter(Boolean).length;
const chunksOf = ({ manifest }: Committed): number => manifest.pages.reduce((sum, page) => sum + page.chunks, 0);

async function commit(): Promise<{ readonly committed: Committed; readonly written: number }> {
  let written = 0;
  const objects = {
    ...bench.objects,
    put: (key: string, file: string, sha256: string) => {
      if (key.endsWith(".parquet")) written++;
      return bench.objects.put(key, file, sha256);
    },
  };
  const committed = await commitVersion({ ...bench.commit, objects, dataset: "d", indexFolder: index() });
  return { committed, written };
}

/** Commits in a process of its own, which is killed for good while it writes the chunk after so many. */
async function killAfterChunks(folder: string, count: number): Promise<void> {
  const script = `
    const { commitVersion } = await import(${JSON.stringify(new URL("./commit.ts", import.meta.url).href)});
    const { openBench } = await import(${JSON.stringify(new URL("./contract.ts", import.meta.url).href)});
    const bench = await openBench(process.argv[1]);
    let left = ${count};
    const put = async (key, file, sha256) => {
      if (left-- === 0) process.kill(process.pid, "SIGKILL");
      await bench.objects.put(key, file, sha256);
    };
    await commitVersion({ ...bench.commit, objects: { ...bench.objects, put }, dataset: "d", indexFolder: process.argv[1] + "/index" });
  `;
  const child = spawn(process.execPath, ["--conditions=tilth-source", "--input-type=module", "--eval", script, folder], {
    stdio: "inherit",
  });
  const signal = await new Promise((resolve) => child.on("exit", (_, how) => resolve(how)));
  expect(signal).toBe("SIGKILL");
}
