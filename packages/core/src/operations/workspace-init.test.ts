import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOperation } from "./call.ts";
import { initWorkspace } from "./workspace-init.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-init-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const noWorkspace = (): Promise<never> => Promise.reject(new Error("there is none yet"));
const init = (name: string, packs?: readonly string[]) =>
  callOperation(
    "workspace.init",
    packs === undefined ? {} : { packs: [...packs] },
    { folder: join(folder, name), workspace: noWorkspace },
    { actor: "user:test" },
  );

test("makes a workspace: a configuration to read, data that git ignores, a key of its own", async () => {
  const made = await init("one", ["assistant", "social"]);
  expect(initWorkspace.output.parse(made)).toEqual({ root: join(folder, "one"), packs: ["assistant", "social"] });
  expect(await readFile(join(made.root, "tilth.yaml"), "utf8")).toMatch(/^packs: \[ ?assistant, social ?\]$/m);
  expect((await readdir(made.root)).sort()).toEqual([".tilth", "tilth.yaml"]);
  expect(await readFile(join(made.root, ".tilth", ".gitignore"), "utf8")).toBe("*\n");
  const key = await stat(join(made.root, ".tilth", "keys", "subject.key"));
  expect([key.size, key.mode & 0o777]).toEqual([32, 0o600]);
});

test("without packs, too", async () => {
  expect(await init("two")).toMatchObject({ packs: [] });
});

test("refuses to make it twice, and leaves what is there", async () => {
  await init("three");
  const before = await readFile(join(folder, "three", ".tilth", "keys", "subject.key"));
  await expect(init("three", ["assistant"])).rejects.toMatchObject({ code: "workspace/exists" });
  expect(await readFile(join(folder, "three", ".tilth", "keys", "subject.key"))).toEqual(before);
});

test("refuses an unknown pack before it makes anything, naming the nearest", async () => {
  await expect(init("four", ["asistant"])).rejects.toMatchObject({ code: "pack/not-found", message: expect.stringContaining("assistant") });
  expect(await readdir(folder)).not.toContain("four");
});

test("refuses a place that cannot be written", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(init("file/inside")).rejects.toMatchObject({ code: "workspace/not-writable", kind: "storage" });
});

test("takes over a data folder whose configuration was lost, with its key", async () => {
  const keys = join(folder, "five", ".tilth", "keys");
  await mkdir(keys, { recursive: true });
  await writeFile(join(keys, "subject.key"), Buffer.alloc(32, 7));
  await init("five");
  expect(await readFile(join(keys, "subject.key"))).toEqual(Buffer.alloc(32, 7));
});
