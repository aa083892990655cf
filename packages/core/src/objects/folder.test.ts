import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeObjects } from "./contract.ts";
import { createIfAbsent, openFolderObjects } from "./folder.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tilth-objects-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describeObjects("folder", async () => {
  const folder = join(root, "contract");
  return { objects: await openFolderObjects(folder), close: () => Promise.resolve() };
});

test("gives a store one identity, however often and by however many it is opened", async () => {
  const folder = join(root, "identity");
  await Promise.all([openFolderObjects(folder), openFolderObjects(folder)]);
  const first = await readFile(join(folder, "store.json"), "utf8");
  await openFolderObjects(folder);
  expect(await readFile(join(folder, "store.json"), "utf8")).toBe(first);
  expect(JSON.parse(first)).toMatchObject({ format: 1, hash: "sha256" });
});

test("refuses the store of a newer Tilth with both numbers", async () => {
  const folder = join(root, "newer");
  await openFolderObjects(folder);
  await writeFile(join(folder, "store.json"), '{"format":2,"hash":"sha256","id":"x"}');
  await expect(openFolderObjects(folder)).rejects.toMatchObject({ code: "storage/newer-store", details: { found: 2, known: 1 } });
});

test("removes temporary files older than a day when it opens, and none younger", async () => {
  const folder = join(root, "left-over");
  const objects = await openFolderObjects(folder);
  const [old, young] = [objects.temporary(), objects.temporary()];
  await Promise.all([old, young].map((path) => writeFile(path, "half")));
  const nowMs = Date.now();
  await utimes(old, (nowMs - 90_000_000) / 1_000, (nowMs - 90_000_000) / 1_000);
  await openFolderObjects(folder, { clock: { nowMs: () => nowMs } });
  expect((await readdir(join(folder, "tmp"))).map((name) => join(folder, "tmp", name))).toEqual([young]);
});

test("removes at once what a process that has ended left behind, and nothing of one that runs", async () => {
  const folder = join(root, "killed");
  const objects = await openFolderObjects(folder);
  const mine = objects.temporary();
  const child = spawnSync(process.execPath, ["--eval", ""]);
  const killed = mine.replace(`-${process.pid}-`, `-${child.pid}-`);
  const elsewhere = join(folder, "tmp", `0123456789ab-${child.pid}-x`);
  await mkdir(killed);
  await Promise.all([mine, elsewhere, join(killed, "duckdb_temp_storage")].map((path) => writeFile(path, "half")));
  await openFolderObjects(folder);
  expect((await readdir(join(folder, "tmp"))).map((name) => join(folder, "tmp", name)).sort()).toEqual([mine, elsewhere].sort());
});

test("leaves nothing temporary behind, won or lost", async () => {
  const folder = join(root, "clean");
  const objects = await openFolderObjects(folder);
  await objects.putIfAbsent("refs/a/main/1.json", Buffer.from("{}"));
  await objects.putIfAbsent("refs/a/main/1.json", Buffer.from("{}"));
  expect(await readdir(join(folder, "tmp"))).toEqual([]);
});

test("without hard links, too, a name is given once", async () => {
  const path = join(root, "no-links.json");
  const won = await Promise.all(Array.from({ length: 8 }, (_, i) => createIfAbsent(path, Buffer.from(`writer ${i}`))));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(await readFile(path, "utf8")).toBe(`writer ${won.indexOf(true)}`);
});

test("says what could not be written and why", async () => {
  const folder = join(root, "blocked");
  const objects = await openFolderObjects(folder);
  await writeFile(join(folder, "refs", "taken"), "a file where a folder should be");
  await expect(objects.putIfAbsent("refs/taken/main/1.json", Buffer.from("{}"))).rejects.toMatchObject({
    code: "storage/write-failed",
    kind: "storage",
  });
});
