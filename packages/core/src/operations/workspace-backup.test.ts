import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Workspace } from "../workspace.ts";
import { openWorkspace, workspacePaths } from "../workspace.ts";
import type { OperationInput, OperationName, OperationOutput } from "./call.ts";
import { callOperation } from "./call.ts";
import type { Progress } from "../schema/progress.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { oneOfEachKind, openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["assistant"] });
  await opened.call("example.import", { file: await opened.writeRows("mixed.jsonl", oneOfEachKind), dataset: "mixed" });
  await opened.call("version.create", { dataset: "mixed" });
});
afterAll(() => opened.end());

const call = <Name extends OperationName>(workspace: Workspace, name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>> =>
  callOperation(name, input, { folder: workspace.paths.root, workspace: () => Promise.resolve(workspace) }, { actor: "user:test" });

test("the copy opens as a workspace that holds the same and proves its versions", { timeout: 30_000 }, async () => {
  const told: Progress[] = [];
  const before = await opened.call("pool.stats", {});
  const folder = join(opened.folder, "backups", "monday");
  const made = await opened.call("workspace.backup", { folder }, { progress: (progress) => void told.push(progress) });
  expect(made).toMatchObject({ folder, withKeys: false });
  expect(made.objects).toBeGreaterThan(4);
  expect(new Set(told.map(({ step }) => step))).toEqual(new Set(["copying the pool", "copying the versions"]));
  expect(told.at(-1)).toMatchObject({ done: made.objects });

  await opened.call("example.add", { example: { kind: "text", text: "Said after the backup." } });
  const copy = await openWorkspace(folder, { toolVersion: "0.0.0" });
  expect(await call(copy, "pool.stats", {})).toEqual(before);
  expect(await opened.call("pool.stats", {})).not.toEqual(before);
  expect(await call(copy, "version.verify", { level: "deep" })).toEqual(await opened.call("version.verify", { level: "deep" }));
  expect(await call(copy, "version.verify", {})).toMatchObject({ problems: [], versions: 1 });
  expect(await call(copy, "example.list", { dataset: "mixed" })).toEqual(await opened.call("example.list", { dataset: "mixed" }));
  await expect(call(copy, "example.add", { example: { kind: "text", text: "New." } })).rejects.toMatchObject({
    code: "workspace/key-missing",
  });
  await copy.close();
});

test("keys come along only when they are asked for, the index never", async () => {
  await mkdir(opened.workspace.paths.index, { recursive: true });
  await writeFile(join(opened.workspace.paths.index, "near.idx"), "x");
  const plain = workspacePaths(join(opened.folder, "plain"));
  const whole = workspacePaths(join(opened.folder, "whole"));
  await opened.call("workspace.backup", { folder: plain.root });
  await opened.call("workspace.backup", { folder: whole.root, withKeys: true });
  expect([plain, whole].map(({ keys }) => existsSync(keys))).toEqual([false, true]);
  expect([plain, whole].map(({ index }) => existsSync(index))).toEqual([false, false]);
  const copy = await openWorkspace(whole.root, { toolVersion: "0.0.0" });
  expect(await call(copy, "example.add", { example: { kind: "text", text: "We go on here." } })).toMatchObject({ status: "accepted" });
  await copy.close();
});

test("a version that is made in the copy leaves the workspace alone", async () => {
  const folder = join(opened.folder, "branch");
  await opened.call("workspace.backup", { folder, withKeys: true });
  const copy = await openWorkspace(folder, { toolVersion: "0.0.0" });
  await call(copy, "example.add", { example: { kind: "text", text: "Only in the copy." }, dataset: "mixed" });
  await call(copy, "version.create", { dataset: "mixed" });
  await copy.close();
  expect((await opened.call("version.list", { dataset: "mixed" })).versions).toHaveLength(1);
  expect(await opened.call("version.verify", {})).toMatchObject({ problems: [] });
});

test("a folder that holds something is refused and stays as it is; an empty one is taken", async () => {
  const folder = join(opened.folder, "taken");
  await mkdir(folder);
  await writeFile(join(folder, "mine.txt"), "mine");
  await expect(opened.call("workspace.backup", { folder })).rejects.toMatchObject({ code: "workspace/target-not-empty", kind: "conflict" });
  await expect(opened.call("workspace.backup", { folder: opened.folder })).rejects.toMatchObject({ code: "workspace/target-not-empty" });
  expect(await readdir(folder)).toEqual(["mine.txt"]);
  const empty = join(opened.folder, "empty");
  await mkdir(empty);
  await opened.call("workspace.backup", { folder: empty });
  expect(await readdir(empty)).toEqual([".tilth", "tilth.yaml"]);
});

test("what is stopped leaves nothing behind", async () => {
  const stop = new AbortController();
  const folder = join(opened.folder, "stopped");
  const stopped = opened.call("workspace.backup", { folder }, { signal: stop.signal, progress: () => stop.abort() });
  await expect(stopped).rejects.toThrow(/abort/i);
  expect((await readdir(opened.folder)).filter((name) => name.startsWith("stopped"))).toEqual([]);
});

test("packs of the workspace's own come along", async () => {
  const own = await openTestWorkspace();
  await own.write("beds.yaml", "quality:\n  min_score: 0.4\n");
  await own.write("tilth.yaml", "packs: [./beds.yaml]\n");
  const workspace = await openWorkspace(own.folder, { toolVersion: "0.0.0" });
  const folder = join(own.folder, "copy");
  await call(workspace, "workspace.backup", { folder });
  expect(await readdir(folder)).toContain("beds.yaml");
  const copy = await openWorkspace(folder, { toolVersion: "0.0.0" });
  expect(copy.packs.names).toEqual(workspace.packs.names);
  await Promise.all([copy.close(), workspace.close()]);
  await own.end();
});
