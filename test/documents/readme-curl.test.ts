import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Serving } from "../journeys/serving.ts";
import { startServing } from "../journeys/serving.ts";
import { program } from "../journeys/tilth.ts";
import type { Typed } from "./shell.ts";
import { commandsOf, hasShell, typeIn } from "./shell.ts";

const section = "## Serve it to a team";
const commands = commandsOf("README.md", section);
const isCurl = ({ text }: { readonly text: string }): boolean => /^\s*curl\b/.test(text);

/** Document 2's endpoints, and what a request to each has to say of the two chats in the section. */
const endpoints = [
  ["POST /api/training-data/datasets", /-d '.*' \$api\/datasets$/, /"id":"help".*"members":0/],
  ["GET /api/training-data/datasets", /-H "\$key" \$api\/datasets$/, /"datasets":\[\{"id":"help"/],
  ["POST /api/training-data/datasets/{id}/upload", /-X POST -T \S+ \$api\/datasets\/help\/upload$/, /"accepted":2.*"label":"1.0"/],
  ["GET /api/training-data/datasets/{id}/data", /\/datasets\/help\/data\?limit=10"$/, /"version":"1.0".*reset my password.*export my data/],
  ["POST /api/training-data/datasets/{id}/validate", /-X POST \$api\/datasets\/help\/validate$/, /"total_examples":2,"valid_examples":2/],
  ["POST /api/training-data/datasets/{id}/enhance", /-d '.*' \$api\/datasets\/help\/enhance$/, /"dryRun":true,"before":2,"after":2/],
  ["GET /api/training-data/datasets/{id}/export", /\/datasets\/help\/export\?format=openai-chat"$/, /"format":"openai-chat".*"written":2/],
  ["POST /api/training-data/datasets/import", /-X POST -T \S+ "\$api\/datasets\/import\?name=answers"$/, /"dataset":"answers".*"rows":2/],
] as const;

test.runIf(process.env["CI"] !== undefined)("bash and curl are there: without them the README is not tried", () => {
  expect(hasShell).toBe(true);
});

test("every curl line of the README stands in the section that is tried", () => {
  expect(commandsOf("README.md").filter(isCurl)).toEqual(commands.filter(isCurl));
});

test("no line of the README ends with a comment: zsh, as people use it, takes its words for arguments", () => {
  expect(commandsOf("README.md").filter(({ text }) => /(^|\s)#/.test(text))).toEqual([]);
});

describe.skipIf(!hasShell)("the README's commands, typed into bash (skipped where bash or curl is missing)", { timeout: 120_000 }, () => {
  let folder: string;
  let serving: Serving;
  let typed: readonly Typed[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tilth-readme-"));
    spawnSync(process.execPath, [program, "init", "--pack", "assistant", "-w", folder]);
    serving = await startServing([program, "serve", "--port", "0"], { cwd: folder });
    // The one who reads has no other program on the usual port; the test may have.
    const mine = commands.filter(({ text }) => !text.startsWith("tilth serve"));
    const { host } = new URL(serving.address);
    typed = await typeIn(
      mine.map(({ text, line }) => ({ text: text.replaceAll("127.0.0.1:7420", host), line })),
      { cwd: folder },
    );
  }, 120_000);
  afterAll(async () => {
    await serving.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("each of them works", () => {
    expect(typed.filter(({ code, status }) => code !== 0 || (status !== undefined && status >= 300))).toEqual([]);
    expect(typed.filter((one) => isCurl(one) && one.status === undefined)).toEqual([]);
  });

  test.each(endpoints)("%s", (_, line, answer) => {
    const found = typed.filter((one) => isCurl(one) && line.test(one.text));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ status: 200, said: expect.stringMatching(answer) });
  });

  test("what is captured is stored, and the command line finds it on the server", () => {
    expect(typed.find(({ text }) => text.includes("$api/capture"))?.said).toContain('{"accepted":1,"duplicate":0,"rejected":[]}');
    expect(typed.find(({ text }) => text.startsWith("tilth list"))?.said).toContain("Is there a dark theme?");
  });

  test("the downloaded file is what a trainer reads", async () => {
    const lines = (await readFile(join(folder, (await readdir(folder)).find((name) => /^(?!chats).*\.jsonl$/.test(name)) ?? ""), "utf8"))
      .trim()
      .split("\n");
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([["messages"], ["messages"]]);
  });
});
