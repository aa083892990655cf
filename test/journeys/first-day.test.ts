import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Journey } from "./tilth.ts";
import { startJourney } from "./tilth.ts";

const rows = [
  {
    messages: [
      { role: "user", content: "How do I reverse a list?" },
      { role: "assistant", content: "Use reversed(), or slice it with a step of minus one." },
    ],
  },
  {
    messages: [
      { role: "user", content: "Write to me at ana@example.org" },
      { role: "assistant", content: "I have noted your address." },
    ],
  },
  {
    messages: [
      { role: "user", content: "How do I reverse a list?" },
      { role: "assistant", content: "Use reversed(), or slice it with a step of minus one." },
    ],
  },
  {
    messages: [
      { role: "user", content: "What is 2+2?" },
      { role: "assistant", content: "" },
    ],
  },
];

describe("a first day with the command line", { timeout: 60_000 }, () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await startJourney();
    const lines = rows.map((row) => JSON.stringify(row));
    lines.splice(2, 0, '{"messages": [{"role": "user", "content": "cut o');
    await writeFile(join(journey.folder, "chats.jsonl"), `${lines.join("\n")}\n`);
  });
  afterAll(() => journey.end());

  test("without a workspace, the way out is named", async () => {
    const ended = await journey.tilth("stats");
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("tilth init");
  });

  test("init makes a workspace, and refuses to make it twice", async () => {
    expect(await journey.json(0, "init", "--pack", "assistant")).toMatchObject({ packs: ["assistant"] });
    expect((await journey.tilth("init")).code).toBe(4);
  });

  test("import accounts for every row and lists the refused ones, redacted", async () => {
    const report = await journey.json(0, "import", "chats.jsonl", "--dataset", "Support chats");
    expect(report).toMatchObject({ read: 5, accepted: 2, updated: 0, duplicate: 1, rejected: 2, redacted: { EMAIL: 1 } });
    expect(report["format"]).toMatchObject({ name: "openai-chat" });
    const refused = await readFile(String(report["rejectedFile"]), "utf8");
    expect(
      refused
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line).line),
    ).toEqual([3, 5]);
  });

  test("a second import adds nothing", async () => {
    expect(await journey.json(0, "import", "chats.jsonl", "--dataset", "Support chats")).toMatchObject({
      accepted: 0,
      duplicate: 3,
      rejected: 2,
    });
  });

  test("nothing personal lies anywhere in the workspace", async () => {
    for (const path of await filesBelow(join(journey.folder, ".tilth")))
      expect((await readFile(path)).includes("ana@example.org"), path).toBe(false);
  });

  test("list and show tell the same example", async () => {
    const page = await journey.json(0, "list", "--where", 'input contains "reverse"');
    const [first] = page["examples"] as { id: string }[]; // the operation's own schema says so
    const shown = await journey.tilth("show", first?.id.slice(0, 20) ?? "");
    expect(shown.out).toContain("reversed()");
  });

  test("a filter that cannot be understood names the place and the nearest field", async () => {
    const ended = await journey.tilth("list", "--where", "qualty.tier = gold");
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("quality.tier");
  });

  test("commit freezes, a second commit without a change makes nothing", async () => {
    expect(await journey.json(0, "commit", "Support chats", "-m", "first")).toMatchObject({
      dataset: "support-chats",
      label: "1.0",
      rows: 2,
      created: true,
    });
    expect(await journey.json(0, "commit", "support-chats")).toMatchObject({ label: "1.0", created: false });
    expect(await journey.json(0, "versions", "support-chats")).toMatchObject({ versions: [{ label: "1.0", rows: 2, message: "first" }] });
  });

  test("export writes the same bytes twice, with a receipt", async () => {
    await journey.json(0, "export", "support-chats@1.0", "--format", "openai-chat", "--out", "one");
    await journey.json(0, "export", "support-chats@1.0", "--format", "openai-chat", "--out", "two");
    const files = await readdir(join(journey.folder, "one"));
    expect(files).toContain(".tilth-receipt.json");
    for (const file of files.filter((name) => name.endsWith(".jsonl"))) {
      expect(await readFile(join(journey.folder, "two", file), "utf8")).toBe(await readFile(join(journey.folder, "one", file), "utf8"));
    }
  });

  test("checkout writes Parquet that begins and ends as Parquet does", async () => {
    const made = await journey.json(0, "checkout", "support-chats");
    const folder = String(made["folder"]);
    const [file] = (await readdir(folder)).filter((name) => name.endsWith(".parquet"));
    const bytes = await readFile(join(folder, file ?? ""));
    expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(["PAR1", "PAR1"]);
  });

  test("verify is content, until a byte is flipped", async () => {
    expect(await journey.json(0, "verify")).toMatchObject({ problems: [] });
    const [object] = (await filesBelow(join(journey.folder, ".tilth", "store", "objects"))).filter((path) => path.endsWith(".parquet"));
    const bytes = await readFile(object ?? "");
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    await writeFile(object ?? "", bytes);
    const ended = await journey.tilth("verify");
    expect(ended.code).toBe(1);
    expect(ended.out).toContain("1 problem");
  });

  test("a typo in a command is met with the nearest one", async () => {
    const ended = await journey.tilth("improt", "chats.jsonl");
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("import");
  });

  test.each([
    ["a missing file", ["import", "nothing.jsonl"], "nothing.jsonl"],
    ["a directory", ["import", "."], "directory"],
    ["an unknown dataset", ["commit", "nowhere"], "nowhere"],
    ["an unknown format", ["export", "support-chats", "--format", "openai-cat"], "openai-chat"],
    ["an unknown version", ["export", "support-chats@9.9"], "9.9"],
  ])("%s gets one clear sentence", async (_, args, expected) => {
    const ended = await journey.tilth(...args);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(expected);
    expect(ended.err.trim().split("\n")).toHaveLength(1);
  });

  test("an empty file says so", async () => {
    await writeFile(join(journey.folder, "empty.jsonl"), "");
    const ended = await journey.tilth("import", "empty.jsonl");
    expect(ended.code).toBe(3);
    expect(ended.err).toContain("empty");
  });
});

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
