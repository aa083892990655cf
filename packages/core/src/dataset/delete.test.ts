import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitVersion } from "./commit.ts";
import type { Bench } from "./contract.ts";
import { addExamples, exampleId, openBench } from "./contract.ts";
import { createDataset, findDataset, findOrCreateDataset, listDatasets } from "./datasets.ts";
import type { Trash } from "./delete.ts";
import { deleteDataset, listTrash, restoreDataset } from "./delete.ts";
import { locate } from "./locate.ts";

const clock = { nowMs: () => 1_700_000_000_000 };
const by = { actor: "user:ana", clock };
const numbers = Array.from({ length: 1_500 }, (_, i) => i);
let bench: Bench;
let trash: Trash;
beforeEach(async () => {
  bench = await openBench();
  trash = { storage: bench.storage, folder: join(bench.folder, "trash"), clock };
  await createDataset(bench.storage, { name: "Support Chats", ...by });
  await addExamples(bench.storage, numbers);
  await bench.storage.setMembers("support-chats", { add: numbers.map(exampleId) }, { actor: "user:ana", atMs: 1, op: "add" });
  await commitVersion({ ...bench.commit, dataset: "support-chats", targetRows: 1_000 });
});
afterEach(() => bench.close());

test("a deleted dataset is nowhere but in the trash, and says how to come back", async () => {
  const before = await findDataset(bench.storage, "support-chats");
  const deleted = await deleteDataset(trash, "Support Chats", { actor: "user:ben" });
  expect(deleted).toEqual({ ...before, rev: before.rev + 1, deletedAt: "2023-11-14T22:13:20.000Z", deletedBy: "user:ben" });
  expect(await listDatasets(bench.storage)).toEqual([]);
  expect(await listTrash(trash)).toEqual([deleted]);
  for (const name of ["Support Chats", "support-chats"]) {
    await expect(findDataset(bench.storage, name)).rejects.toThrow("`tilth restore support-chats`");
    await expect(locate(bench.storage, bench.objects, `${name}@1.0`)).rejects.toMatchObject({ code: "dataset/not-found" });
    await expect(findOrCreateDataset(bench.storage, { name, ...by })).rejects.toMatchObject({ code: "dataset/exists" });
  }
  await expect(createDataset(bench.storage, { name: "Support Chats", ...by })).rejects.toThrow("`tilth restore support-chats`");
  await expect(deleteDataset(trash, "support-chats", { actor: "user:ben" })).rejects.toMatchObject({ code: "dataset/not-found" });
});

test("the trash keeps its description, its recipe and the ids of all members, in one JSON object", async () => {
  await deleteDataset(trash, "support-chats", { actor: "user:ben" });
  expect(await readdir(trash.folder)).toEqual(["support-chats.json"]);
  const kept: unknown = JSON.parse(await readFile(join(trash.folder, "support-chats.json"), "utf8"));
  expect(kept).toMatchObject({
    format: 1,
    dataset: { id: "support-chats", name: "Support Chats", recipe: { from: "members" } },
    deletedBy: "user:ben",
  });
  expect(kept).toHaveProperty("members", numbers.map(exampleId));
});

test("what is restored is what was deleted: members, versions and all", async () => {
  const before = await findDataset(bench.storage, "support-chats");
  const version = await locate(bench.storage, bench.objects, "support-chats@1.0");
  await deleteDataset(trash, "support-chats", { actor: "user:ben" });
  const restored = await restoreDataset(trash, "Support Chats");
  expect(restored).toEqual({ ...before, rev: before.rev + 2 });
  expect(await findDataset(bench.storage, "support-chats")).toEqual(restored);
  expect(await locate(bench.storage, bench.objects, "support-chats@1.0")).toEqual(version);
  expect(await readdir(trash.folder)).toEqual([]);
  await expect(restoreDataset(trash, "support-chats")).rejects.toThrow("No dataset lies in the trash.");
});

test("names the nearest in the trash", async () => {
  await deleteDataset(trash, "support-chats", { actor: "user:ben" });
  await expect(restoreDataset(trash, "suport-chats")).rejects.toThrow("Did you mean support-chats?");
});

test("comes back also where its file in the trash was lost", async () => {
  await deleteDataset(trash, "support-chats", { actor: "user:ben" });
  await rm(trash.folder, { recursive: true });
  expect(await listTrash(trash)).toMatchObject([{ id: "support-chats", members: 1_500 }]);
  expect(await restoreDataset(trash, "support-chats")).toMatchObject({ members: 1_500 });
});

test("where the trash cannot be written nothing is deleted", async () => {
  await writeFile(trash.folder, "a file where a folder should be");
  await expect(deleteDataset(trash, "support-chats", { actor: "user:ben" })).rejects.toMatchObject({ code: "storage/write-failed" });
  expect(await findDataset(bench.storage, "support-chats")).toMatchObject({ members: 1_500 });
});

test("an empty dataset goes to the trash, too", async () => {
  await createDataset(bench.storage, { name: "empty", ...by });
  await deleteDataset(trash, "empty", { actor: "user:ben" });
  expect(JSON.parse(await readFile(join(trash.folder, "empty.json"), "utf8"))).toMatchObject({ members: [] });
});
