import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProgram } from "../test-program.ts";
import { openTestProgram } from "../test-program.ts";

let program: TestProgram;
beforeAll(async () => {
  program = await openTestProgram(["social"]);
  const config = join(program.folder, "tilth.yaml");
  await writeFile(config, `${await readFile(config, "utf8")}\nembedder: hash-v1\n`);
  const rows = [...posts("gm", 45, 5), ...posts("insight", 58, 2)];
  await program.tilth("import", await program.writeRows("posts.jsonl", rows), "--dataset", "Posts");
});
afterAll(() => program.end());

/** Posts without a word in common, and so many that differ by their punctuation alone. */
function posts(type: string, unlike: number, alike: number): readonly object[] {
  const word = (seed: string): string => createHash("sha256").update(seed).digest("hex").slice(0, 10);
  const own = Array.from({ length: unlike }, (_, i) => ({
    kind: "text",
    type,
    text: [1, 2, 3, 4].map((n) => word(`${type} ${i} ${n}`)).join(" "),
  }));
  const same = Array.from({ length: alike }, (_, i) => ({ kind: "text", type, text: `${type} soil is warm${"!".repeat(i)}` }));
  return [...own, ...same];
}

test("prints the summary of document 1: collections, overall, score and threshold, the worst with what they repeat", async () => {
  const { code, out } = await program.tilth("check", "--limit", "1");
  expect(code).toBe(0);
  expect(out).toMatch(/^gm_posts\.json {2}gm, threshold 0\.65\n {2}✓ 45\/50 samples are fresh \(90%\)\n {2}! 5 samples below threshold\n/);
  expect(out).toMatch(/codatta_insights\.json .*\n {2}✓ 58\/60 samples are fresh \(97%\)\n {2}! 2 samples below threshold\n/);
  expect(out).toMatch(
    /\n✓ Overall freshness: 93% \(goal 85%\)\n {2}avg score +0\.\d\d\n {2}min threshold +0\.65\n {2}samples below +7 \(6%\)\n/,
  );
  expect(out).toMatch(
    /\n0\.00 {2}01\w{24} {2}gm, threshold 0\.65\n +gm soil is warm\n +1\.00 like 01\w{24} \(words 1\.00, phrases 1\.00, meaning 1\.00\)\n/,
  );
  expect(out).not.toContain("trend");
});

test("shows the trend once there are two days", async () => {
  const database = new DatabaseSync(join(program.folder, ".tilth", "pool.db"), { timeout: 10_000 });
  database.exec(
    "INSERT INTO metric (day, name, dimension, value) VALUES (20000, 'freshness.share', '', 0.5), (20007, 'freshness.share', '', 0.75)",
  );
  database.close();
  expect((await program.tilth("check")).out).toMatch(/trend +▁▅█ {2}50% on 2024-10-04, 93% on \d{4}-/);
});

test("the answer is no, exit 1, where the goal is missed", async () => {
  const { code, out } = await program.tilth("check", "--type", "gm", "--decide");
  expect([code, out]).toEqual([0, expect.stringContaining("Overall freshness: 90% (goal 85%)")]);
  await program.tilth("import", await program.writeRows("more.jsonl", posts("casual", 0, 3)));
  expect(await program.json(1, "check", "--type", "casual")).toMatchObject({
    isGoalMet: false,
    share: 0,
    types: [{ type: "casual", below: 3 }],
  });
  expect((await program.tilth("check", "--type", "casual")).out).toContain("✗ Overall freshness: 0% (goal 85%)");
});

test("one text: exit 1 where it is not fresh, with what it is like", async () => {
  const stale = await program.tilth("check", "--text", "GM, soil is warm", "--type", "gm");
  expect(stale.code).toBe(1);
  expect(stale.out).toMatch(
    /^✗ not fresh: 0\.00, threshold 0\.65, beside 50 samples of type gm\n.*no fresher\nNearest:\n {2}1\.00 like 01/,
  );
  const fresh = await program.tilth("check", "posts", "--text", "hail took the first cherries");
  expect([fresh.code, fresh.out]).toEqual([0, expect.stringMatching(/^✓ fresh: [01]\.\d\d, threshold 0\.70, beside 110 samples\n/)]);
  expect(await program.json(0, "check", "--text", "gm soil is hot", "--threshold", "q0")).toMatchObject({
    isFresh: true,
    nearest: { parts: {} },
  });
  expect(await program.tilth("check", "--text", "…")).toMatchObject({ code: 3, err: expect.stringContaining("freshness/empty-text") });
});

test("a file of texts: a line each, exit 1 where any is not fresh", async () => {
  const file = join(program.folder, "drafts.txt");
  await writeFile(file, "hail took the first cherries\n\ngm soil is warm\n…\n");
  const { code, out } = await program.tilth("check", "--file", file, "--type", "gm");
  expect(code).toBe(1);
  expect(out).toMatch(
    /^✓ [01]\.\d\d {2}hail took the first cherries\n✗ 0\.00 {2}gm soil is warm\n +1\.00 like .*\n.*\n\? {3}– {3}…\n\n1\/2 texts are fresh \(50%\)/,
  );
  expect(await program.json(1, "check", "--file", file)).toMatchObject({
    fresh: 1,
    below: 1,
    withoutWords: 1,
    texts: [{}, { witness: {} }, {}],
  });
  expect((await program.tilth("check", "--file", join(program.folder, "nothing.txt"))).code).toBe(2);
});

test("thresholds are set, listed with their history, and taken back", async () => {
  const set = await program.tilth("check", "--set", "gm=0.6", "--set", "insight=q0.25", "--set", "0.5");
  expect(set.out).toBe("✓ gm asks for 0.6\n✓ insight asks for q0.25\n✓ All other types ask for 0.5\n");
  expect((await program.tilth("check", "--set", "gm=default")).out).toBe("✓ gm asks for 0.65 (pack)\n");
  const { out } = await program.tilth("check", "--thresholds");
  expect(out).toMatch(/\ngm +0\.65 {2}pack\ninsight +q0\.25 {2}set\n/);
  expect(out).toMatch(/\n4 changes\n(?: .*\n){3} .* gm: 0\.6 → 0\.65 set by (?:user|key):/);
  expect(await program.json(0, "check", "--thresholds")).toMatchObject({ thresholds: { length: 5 }, history: { length: 4 } });
});

test.each([
  [["--text", "gm", "--file", "x"], "--file"],
  [["--threshold", "0.5"], "--threshold"],
  [["--set", "gm=1.5"], "0 to 1"],
  [["--set", "gm=0.5", "--set", "gm="], "0 to 1"],
  [["--set", "gn=0.5"], "did you mean gm?"],
  [["--text", "gm", "--threshold", "qx"], "q0.25"],
  [["nowhere"], "dataset"],
])("%j is a wrong call", async (args, said) => {
  expect(await program.tilth("check", ...args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(said) });
});
