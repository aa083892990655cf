import { execFileSync, spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ended, Journey } from "./tilth.ts";
import { program, startJourney } from "./tilth.ts";

interface Shown {
  readonly id: string;
  readonly rev: number;
  readonly text: string;
}

describe("an afternoon of curation", { timeout: 120_000 }, () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await startJourney();
    await journey.json(0, "init", "--pack", "social");
  });
  afterAll(() => journey.end());

  const listed = async (...args: readonly string[]): Promise<readonly Shown[]> =>
    (await journey.json(0, "list", ...args))["examples"] as Shown[];
  let id = "";

  test("a post is added by hand, once", async () => {
    const call = [
      "add",
      "--text",
      "gm to builders on base 💙",
      "--type",
      "gm",
      "--engagement",
      '{"likes":150,"retweets":30}',
      "-d",
      "GM posts",
    ];
    const added = await journey.json(0, ...call);
    expect(added).toMatchObject({ status: "accepted", datasets: ["gm-posts"] });
    expect(await journey.json(0, ...call)).toMatchObject({ status: "duplicate", example: { id: (added["example"] as Shown).id } });
    id = (added["example"] as Shown).id;
  });

  test("an edit passes the door, and nothing personal lies anywhere afterwards", async () => {
    const edited = await journey.json(
      0,
      "edit",
      id,
      "--set",
      "text=gm to builders on base, mail ana@example.org 💙",
      "--set",
      "topic=base",
    );
    expect(edited).toMatchObject({ redacted: { EMAIL: 1 }, example: { rev: 2, text: "gm to builders on base, mail [REDACTED_EMAIL] 💙" } });
    const files = await readdir(join(journey.folder, ".tilth"), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const path = join(file.parentPath, file.name);
      expect((await readFile(path)).includes("ana@example.org"), path).toBe(false);
    }
  });

  test("who comes late with an older revision is told what both say", async () => {
    const ended = await journey.tilth("edit", id, "--rev", "1", "--set", "topic=milady");
    expect(ended.code).toBe(4);
    expect(ended.err).toContain("topic is now “base”, the edit says “milady”");
  });

  test("a table of any columns comes in by a map, by a pipe, without the posts nobody liked", async () => {
    const rows = Array.from({ length: 300 }, (_, index) => `"gm number ${index} to whoever waters at dawn",${index}`);
    const map = ["--map", "text=body", "--map", "engagement.likes=hearts|int", "--map", "type='gm'"];
    const ended = await piped(journey, `body,hearts\n${rows.join("\n")}\n`, "import", "-", ...map, "--min-likes", "100", "--json");
    expect(JSON.parse(ended.out)).toMatchObject({
      file: "standard input",
      read: 300,
      accepted: 200,
      rejected: 100,
      refusals: [{ reason: "below-min-likes" }],
    });
  });

  test("many are tagged, trashed and brought back by one filter each", async () => {
    expect(await journey.json(0, "tag", "--where", "engagement.likes >= 200", "--add", "best")).toMatchObject({ changed: 100 });
    const trashed = await journey.tilth("trash", "--where", "not tag has best", "--reason", "too few likes");
    expect(trashed.out).toContain("Moved to the trash: 101 examples");
    expect(await listed("--limit", "1000")).toHaveLength(100);
    const [, where = ""] = /tilth restore --where '(.*)' +undo/.exec(trashed.out) ?? [];
    expect(await journey.json(0, "restore", "--where", where)).toMatchObject({ matched: 101, changed: 101 });
    expect(await listed("--limit", "1000")).toHaveLength(201);
  });

  test("words find what was written, and not what was thrown away", async () => {
    expect((await journey.tilth("search", "builders")).out).toContain("gm to [builders] on base");
    await journey.json(0, "trash", id);
    expect(await journey.json(0, "search", "builders")).toMatchObject({ hits: [], pending: 0 });
    expect(await journey.json(0, "commit", "GM posts")).toMatchObject({ rows: 0 });
  });

  test("without an argument the program says what it can do", async () => {
    const ended = await journey.tilth();
    expect([ended.code, ended.err]).toEqual([0, ""]);
    expect(ended.out).toContain("Commands:");
  });

  test("a reader that leaves early, as head does, breaks nothing", async () => {
    const line = `"${process.execPath}" "${program}" list --limit 500 | head -n 1`;
    const out = execFileSync("bash", ["-c", `set -o pipefail; ${line}`], {
      cwd: journey.folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(out).toMatch(/^Id /);
  });
});

describe.skipIf(!hasScript())("with a person at the terminal (where `script` makes one)", { timeout: 60_000 }, () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await startJourney();
    await journey.json(0, "init", "--pack", "social");
  });
  afterAll(() => journey.end());

  test("add asks for what document 1 asks for", async () => {
    const { code, out } = await atTerminal(journey, ["gm to all who sow by hand", "gmm", "gm", "base", "likes=120 retweets=4", ""], "add");
    expect(code).toBe(0);
    expect(out).toContain("Choose one of gm, insight, casual, reply");
    expect(await journey.json(0, "list")).toMatchObject({
      examples: [{ text: "gm to all who sow by hand", type: "gm", topic: "base", engagement: { likes: 120, reposts: 4 } }],
    });
  });

  test("more than a hundred are asked about first", async () => {
    const rows = Array.from({ length: 101 }, (_, index) =>
      JSON.stringify({ kind: "text", text: `Row ${index} of the bed.`, project: "bed" }),
    );
    await writeFile(join(journey.folder, "rows.jsonl"), rows.join("\n"));
    await journey.json(0, "import", "rows.jsonl");
    expect((await atTerminal(journey, ["n"], "trash", "--where", "'project = bed'")).out).toContain("Nothing was changed.");
    expect((await atTerminal(journey, ["y"], "trash", "--where", "'project = bed'")).out).toContain("101 examples");
    expect((await atTerminal(journey, [], "restore", "--where", "'project = bed'", "--yes")).out).toContain("101 examples");
  });

  test("edit opens the editor on the whole example", async () => {
    const [{ id }] = (await journey.json(0, "list", "--where", "topic = base"))["examples"] as [Shown];
    const script = join(journey.folder, "editor.mjs");
    await writeFile(
      script,
      `import fs from "node:fs"; const path = process.argv.at(-1); fs.writeFileSync(path, fs.readFileSync(path, "utf8").replace('"base"', '"milady"'));`,
    );
    const { code, out } = await atTerminal(journey, [], "edit", id);
    expect([code, out.includes("base → milady")]).toEqual([0, true]);
  });
});

function hasScript(): boolean {
  try {
    return process.platform === "linux" && execFileSync("script", ["--version"], { encoding: "utf8" }).includes("util-linux");
  } catch {
    return false;
  }
}

/** Runs the program on a terminal of its own; each answer is typed once something was asked. */
function atTerminal(journey: Journey, answers: readonly string[], ...args: readonly string[]): Promise<Pick<Ended, "code" | "out">> {
  const line = `"${process.execPath}" "${program}" ${args.join(" ")}`;
  const editor = `"${process.execPath}" "${join(journey.folder, "editor.mjs")}"`;
  return new Promise((resolve, reject) => {
    const child = spawn("script", ["-qec", line, "/dev/null"], {
      cwd: journey.folder,
      env: { ...process.env, NO_COLOR: "1", EDITOR: editor, VISUAL: editor },
    });
    const waiting = [...answers];
    let out = "";
    let answered = 0;
    child.stdout.on("data", (piece: Buffer) => {
      out += piece.toString();
      // A question ends in a colon or a bracket and a space, after which the line moves the cursor and waits.
      const asked = out.match(/(?:: |\] )\u001b\[\d+G/g)?.length ?? 0;
      if (asked > answered && waiting.length > 0) {
        answered++;
        child.stdin.write(`${waiting.shift()}\r`);
      }
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out }));
  });
}

/** Runs the program with a text on standard input. */
function piped(journey: Journey, text: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: journey.folder, stdio: ["pipe", "pipe", "pipe"] });
    const texts = { out: "", err: "" };
    child.stdout.on("data", (piece: Buffer) => (texts.out += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (texts.err += piece.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...texts }));
    child.stdin.end(text);
  });
}
