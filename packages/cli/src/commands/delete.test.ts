import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { exchanges, openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["assistant"]);
  await program.tilth(
    "import",
    await program.writeRows("chats.jsonl", exchanges),
    "--format",
    "prompt-response",
    "--dataset",
    "Garden chats",
  );
  await program.tilth("commit", "garden-chats");
});
afterAll(() => program.end());

test("a dry run changes nothing", async () => {
  const { code, out } = await program.tilth("delete", "garden-chats", "--dry-run");
  expect([code, out]).toEqual([0, expect.stringContaining("Would move Garden chats to the trash (2 members, 1 version; no example goes)")]);
  expect((await program.tilth("dataset")).out).toContain("Garden chats");
});

test("delete moves to the trash, restore brings back", async () => {
  expect(await program.tilth("delete", "Garden chats", "--yes")).toMatchObject({
    code: 0,
    out: expect.stringContaining("tilth restore garden-chats"),
  });
  expect((await program.tilth("dataset", "--trash")).out).toMatch(
    /Garden chats +garden-chats +2 +\d{4}-\d\d-\d\d \d\d:\d\d +(?:user|key):/,
  );
  expect(await program.tilth("versions", "garden-chats")).toMatchObject({
    code: 2,
    err: expect.stringContaining("tilth restore garden-chats"),
  });
  expect(await program.tilth("restore", "garden-chats")).toMatchObject({
    code: 0,
    out: expect.stringContaining("Brought back Garden chats (2 members, latest version 1.0)"),
  });
  expect((await program.tilth("dataset", "--trash")).out).toBe("No dataset lies in the trash.\n");
  expect((await program.tilth("versions", "garden-chats")).code).toBe(0);
});

test("--json prints what went and what came back", async () => {
  expect(await program.json(0, "delete", "garden-chats")).toEqual({
    id: "garden-chats",
    name: "Garden chats",
    members: 2,
    versions: 1,
    dryRun: false,
  });
  expect(await program.json(0, "dataset", "--trash")).toMatchObject({ datasets: [{ id: "garden-chats" }] });
  expect(await program.json(0, "restore", "garden-chats")).toMatchObject({ id: "garden-chats", latest: "1.0" });
});

test("an unknown dataset is a wrong call", async () => {
  expect(await program.tilth("delete", "nowhere")).toMatchObject({ code: 2, out: "" });
});
