import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@tilth/core/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestProgram } from "./test-program.ts";
import { exchanges, openTestProgram, run } from "./test-program.ts";

const bin = fileURLToPath(new URL("../bin/tilth.js", import.meta.url));

let program: TestProgram;
let address: string;
beforeAll(async () => {
  program = await openTestProgram(["assistant"], { overHttp: true });
  await program.tilth("import", await program.writeRows("chats.jsonl", exchanges), "--format", "prompt-response", "--dataset", "Garden");
  await program.tilth("commit", "garden");
  address = program.address() ?? "";
});
afterAll(() => program.end());

/** What lies in a folder, hidden files too. */
async function contentOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const content = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), (await readFile(path)).toString("base64")] as const),
  );
  return Object.fromEntries(content.toSorted());
}

describe("what is written lies here", () => {
  test.each([
    ["a format that holds all", ["--format", "openai-chat"]],
    ["one that refuses all", ["--format", "trl-preference"]],
    ["one file", ["--format", "csv", "--no-split"]],
  ])("an export in %s leaves the very files that it leaves in process", async (_, options) => {
    const [there, here] = [join(program.folder, "there", options.join("")), join(program.folder, "here", options.join(""))];
    const remote = await program.tilth("export", "garden", ...options, "--out", there);
    const local = await run(["export", "garden", ...options, "--out", here, "-w", program.folder]);
    expect([remote.code, remote.out.replaceAll("/there/", "/here/"), remote.err]).toEqual([local.code, local.out, local.err]);
    expect(await contentOf(there)).toEqual(await contentOf(here));
    expect(Object.keys(await contentOf(there)).length).toBeGreaterThan(0);
  });

  test("an export joins what an earlier one left in the folder", async () => {
    const out = join(program.folder, "both");
    await program.tilth("export", "garden", "--format", "csv", "--no-split", "--out", out);
    await run(["export", "garden", "--format", "json", "--no-split", "--out", out, "-w", program.folder]);
    await program.tilth("export", "garden", "--format", "openai-chat", "--no-split", "--out", out);
    const receipt = JSON.parse(await readFile(join(out, ".tilth-receipt.json"), "utf8"));
    expect(receipt.exports.map((entry: { readonly format: string }) => entry.format).toSorted()).toEqual(["csv", "json", "openai-chat"]);
  });

  test("a checkout leaves the same files, once", async () => {
    const [there, here] = [join(program.folder, "checkout-there"), join(program.folder, "checkout-here")];
    expect(await program.json(0, "checkout", "garden", "--out", there)).toMatchObject({ created: true, folder: there });
    await run(["checkout", "garden", "--out", here, "-w", program.folder]);
    expect(await contentOf(there)).toEqual(await contentOf(here));
    expect(await program.json(0, "checkout", "garden", "--out", there)).toMatchObject({ created: false });
  });
});

describe("what lies on the server", () => {
  test("a backup has a plain name there, and the text says so", async () => {
    const { code, out } = await program.tilth("backup", "nightly");
    expect([code, out]).toEqual([0, expect.stringMatching(/✓ Backed up to .*backups\/nightly, on the server\n/)]);
    expect(out).not.toContain("tilth verify -w");
    expect(await run(["verify", "-w", join(program.folder, ".tilth", "backups", "nightly")])).toMatchObject({ code: 0 });
    expect(await program.tilth("backup", "/tmp/nightly")).toMatchObject({ code: 2, err: expect.stringContaining("plain name") });
  });

  test.each([["init"], ["serve"], ["demo"]])("%s says that it works here alone", async (command) => {
    const { code, out, err } = await program.tilth(command);
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(new RegExp(`--url: \`tilth ${command}\` .*leave it away`))]);
  });
});

describe("which door", () => {
  test("a server and a workspace together are a wrong call", async () => {
    expect(await program.tilth("stats", "-w", program.folder)).toMatchObject({ code: 2, err: expect.stringContaining("both named") });
  });

  test("TILTH_URL names the server, and a workspace that is typed counts before it", async () => {
    process.env["TILTH_URL"] = "http://127.0.0.1:1";
    try {
      expect(await run(["stats", "-w", program.folder])).toMatchObject({ code: 0 });
      expect(await run(["init"])).toMatchObject({ code: 2, err: expect.stringContaining("TILTH_URL") });
      process.env["TILTH_URL"] = address;
      expect((await program.withKey(() => run(["stats"]))).out).toBe((await program.tilth("stats")).out);
    } finally {
      delete process.env["TILTH_URL"];
    }
  });

  test("a server that is not there is exit 5, a wrong key exit 2, and neither shows the key", { timeout: 30_000 }, async () => {
    process.env["TILTH_KEY"] = "tilth_wrong_key";
    try {
      const wrong = await run(["stats", "--url", address]);
      expect([wrong.code, wrong.out, wrong.err]).toEqual([2, "", expect.stringContaining("[auth/invalid]")]);
      const gone = await run(["stats", "--url", "http://127.0.0.1:1"]);
      expect([gone.code, gone.err]).toEqual([5, expect.stringContaining("http://127.0.0.1:1/api/training-data/stats cannot be reached")]);
      expect(wrong.err + gone.err).not.toContain("wrong_key");
    } finally {
      delete process.env["TILTH_KEY"];
    }
  });
});

test("what is piped in goes to the server", { timeout: 60_000 }, async () => {
  const child = await program.withKey(async () =>
    spawn(process.execPath, [bin, "import", "-", "--format", "prompt-response", "--dry-run", "--json", "--url", address], {
      env: process.env,
    }),
  );
  let out = "";
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stdin.end(exchanges.map((row) => `${JSON.stringify(row)}\n`).join(""));
  expect(await once(child, "close")).toEqual([0, null]);
  expect(JSON.parse(out)).toMatchObject({ file: "standard input", read: 4 });
});

test.skipIf(process.platform === "win32")("Ctrl-C ends what goes to the server with 130", { timeout: 60_000 }, async () => {
  const child = await program.withKey(async () =>
    spawn(process.execPath, [bin, "import", "-", "--format", "prompt-response", "--url", address], { env: process.env }),
  );
  let err = "";
  child.stderr.on("data", (piece: Buffer) => (err += piece.toString()));
  // Once the first bytes are taken, the call is under way.
  const line = `${JSON.stringify(exchanges[0])}\n`;
  for (let taken = 0; taken < 40; taken++) if (!child.stdin.write(line.repeat(1_000))) await once(child.stdin, "drain");
  child.kill("SIGINT");
  child.stdin.on("error", () => undefined);
  expect(await once(child, "close")).toEqual([130, null]);
  expect(err).toContain("Stopped.");
});

test("Ctrl-C cancels the job that a command began", { timeout: 60_000 }, async () => {
  const rows = Array.from({ length: 60_000 }, (_, row) => ({ kind: "text", text: `${row} ${randomBytes(40).toString("hex")}` }));
  const file = await program.writeRows("many.jsonl", rows);
  const child = await program.withKey(async () => spawn(process.execPath, [bin, "import", file, "--url", address], { env: process.env }));
  const ended = once(child, "close");
  const jobs = async (): Promise<readonly { readonly status: string }[]> =>
    (
      await program.withKey(async () =>
        createClient({ url: address, key: process.env["TILTH_KEY"] ?? "" }).call("job.list", { operation: "example.import", limit: 1 }),
      )
    ).jobs;
  while ((await jobs())[0]?.status !== "running") await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  while ((await jobs())[0]?.status === "running") await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await jobs()).toMatchObject([{ status: "cancelled" }]);
});
