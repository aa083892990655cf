import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { knownServers, storeKey } from "../credentials.ts";
import { run } from "../test-program.ts";

let folder: string;
const before = process.env["XDG_CONFIG_HOME"];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-logout-"));
  process.env["XDG_CONFIG_HOME"] = folder;
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  if (before === undefined) delete process.env["XDG_CONFIG_HOME"];
  else process.env["XDG_CONFIG_HOME"] = before;
});

test("where nothing is kept nothing is to be done", async () => {
  expect(await run(["logout"])).toEqual({ code: 0, out: "No key is kept.\n", err: "" });
});

test("of several one has to be named; the last one goes by itself", async () => {
  await storeKey("https://a.example", "tilth_a");
  await storeKey("https://b.example", "tilth_b");
  expect(await run(["logout"])).toMatchObject({ code: 2, err: expect.stringContaining("https://a.example, https://b.example") });
  expect(await run(["logout", "--url", "https://c.example"])).toMatchObject({ code: 0, out: "No key of https://c.example is kept.\n" });
  expect(await run(["logout", "--url", "https://b.example/tilth"])).toMatchObject({
    code: 0,
    err: expect.stringContaining("tilth key revoke"),
  });
  expect(await run(["logout"])).toMatchObject({ code: 0, out: expect.stringContaining("https://a.example is forgotten") });
  expect(await knownServers()).toEqual([]);
});
