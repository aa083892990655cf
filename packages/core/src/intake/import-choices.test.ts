import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bytesSource, pipeSource } from "../files/test-sources.ts";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openTestWorkspace } from "../operations/test-workspace.ts";
import { openWorkspace } from "../workspace.ts";
import { callOperation } from "../operations/call.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["social"] });
});
afterAll(() => opened.end());

/** A sheet that no format recognises. */
const sheet = `when,what,hearts,board
3/1/26 9:05,gm to everyone who waters at dawn,120,garden
3/2/26 9:05,gm from the tool shed,7,garden
3/3/26 9:05,gm to the first bee of the year,300,bees
`;
const map = ["kind='text'", "text=what|trim", "engagement.likes=hearts|int", "createdAt=when|date(M/D/YY H:mm)", "type='gm'"];

test("a map reads what no format recognises, and is shown before anything is stored", async () => {
  const file = await opened.write("sheet.csv", sheet);
  await expect(opened.call("example.import", { file })).rejects.toMatchObject({
    code: "format/unknown",
    message: expect.stringContaining("--map"),
  });
  const dry = await opened.call("example.import", { file, map, dryRun: true });
  expect(dry).toMatchObject({
    accepted: 3,
    format: { name: "map", reason: "given with the import" },
    map: ["kind='text'", "text=what|trim", expect.any(String), expect.any(String), "type='gm'"],
  });
  expect(await opened.call("example.import", { file, map, dataset: "Posts" })).toMatchObject({ accepted: 3, map: dry.map });
  const { examples } = await opened.call("example.list", { dataset: "Posts", where: "engagement.likes >= 300" });
  expect(examples).toMatchObject([
    { text: "gm to the first bee of the year", type: "gm", createdAt: "2026-03-03T09:05:00.000Z", metadata: { board: "bees" } },
  ]);
});

test("the map stands with the import, in the pool and in the report beside it", async () => {
  const file = await opened.write("again.csv", sheet);
  const { id, map: shown } = await opened.call("example.import", { file, map });
  const storage = await opened.workspace.storage();
  const row = await storage.read(({ queries }) =>
    queries.selectFrom("import").select(["format", "map"]).where("id", "=", id).executeTakeFirstOrThrow(),
  );
  expect([row.format, JSON.parse(row.map)]).toEqual(["map", shown]);
  expect(JSON.parse(await readFile(join(opened.workspace.paths.imports, id, "report.json"), "utf8"))).toMatchObject({ map: shown });
});

test("a map of tilth.yaml goes by its name", async () => {
  const config = await readFile(opened.workspace.paths.config, "utf8");
  await writeFile(opened.workspace.paths.config, `${config}\nimport:\n  maps:\n    board: { kind: "'text'", text: what, topic: board }\n`);
  const workspace = await openWorkspace(opened.folder, { toolVersion: "0.0.0" });
  const host = { folder: opened.folder, workspace: () => Promise.resolve(workspace) };
  const file = await opened.write("named.csv", "what,board\nA wheelbarrow and a half of compost.,soil\n");
  const call = (mapName: string) => callOperation("example.import", { file, mapName }, host, { actor: "user:test" });
  expect(await call("board")).toMatchObject({
    accepted: 1,
    format: { reason: "the map board of tilth.yaml" },
    map: ["kind='text'", "text=what", "topic=board"],
  });
  await expect(call("bord")).rejects.toMatchObject({ code: "input/invalid", message: expect.stringContaining("did you mean board?") });
  await workspace.close();
});

test.each([
  ["a column the rows lack, by the nearest", { map: ["kind='text'", "text=waht"] }, "map/unknown-column", "what"],
  ["a field that no example has", { map: ["kind='text'", "text=what", "topik=board"] }, "map/unknown-field", "topic"],
  ["a map beside a format", { map, format: "csv" }, "input/invalid", "exclude"],
  ["a name where there is no map", { mapName: "board" }, "input/invalid", "board"],
])("refuses %s, before a dataset is made", async (_, given, code, told) => {
  const file = await opened.write("refused.csv", sheet);
  await expect(opened.call("example.import", { file, ...given, dryRun: true })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(told),
  });
});

test("rows with fewer likes are refused by that reason, and it still adds up", async () => {
  const rows = [12, 100, 450].map((likes) => ({ kind: "text", text: `A post with ${likes} likes.`, engagement: { likes } }));
  const file = await opened.writeRows("liked.jsonl", [...rows, { kind: "text", text: "A post that nobody counted." }]);
  const report = await opened.call("example.import", { file, minLikes: 100 });
  expect(report).toMatchObject({ read: 4, accepted: 2, updated: 0, duplicate: 0, rejected: 2 });
  expect(report.refusals).toEqual([{ reason: "below-min-likes", message: "fewer than 100 likes", count: 2, lines: [1, 4] }]);
});

test("a limit reads the first rows alone and says so", async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => ({ kind: "text", text: `Row ${index} of the long list of seeds.` }));
  const file = await opened.writeRows("long.jsonl", rows);
  const report = await opened.call("example.import", { file, limit: 1_234, dataset: "Seeds" });
  expect(report).toMatchObject({ read: 1_234, accepted: 1_234 });
  expect(report.notes).toContain("Only the first 1,234 rows were read, as asked.");
  expect(await opened.call("example.import", { file, dataset: "Seeds" })).toMatchObject({ read: 3_000, accepted: 1_766, duplicate: 1_234 });
});

test("what comes through a pipe into an empty pool is loaded in bulk, and nothing is missing afterwards", async () => {
  const empty = await openTestWorkspace();
  const rows = Array.from({ length: 2_500 }, (_, index) => ({
    kind: "text",
    text: `Sack ${index} of the harvest.`,
    tags: [`t${index % 5}`],
    sourceId: `s${index}`,
  }));
  const body = pipeSource(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const report = await empty.call("example.import", { dataset: "Harvest" }, { body });
  expect(report).toMatchObject({ accepted: 2_500 });
  expect(await empty.call("pool.stats", {})).toMatchObject({ examples: 2_500, facets: { tag: { t0: 500, t4: 500 } } });
  expect((await empty.call("example.list", { where: "tag has t3 and sourceId = s1003" })).examples).toHaveLength(1);
  expect(await empty.call("version.create", { dataset: "Harvest" })).toMatchObject({ rows: 2_500 });
  await empty.end();
});

test("one that is stopped leaves a report of what it did", async () => {
  const rows = Array.from({ length: 4_000 }, (_, index) => ({ kind: "text", text: `Furrow ${index} of the field.` }));
  const stop = new AbortController();
  const source = bytesSource(rows.map((row) => `${JSON.stringify(row)}\n`).join(""), 1 << 14, "furrows.jsonl");
  const report = await opened.call("example.import", {}, { body: source, signal: stop.signal, progress: () => stop.abort() });
  expect(report).toMatchObject({ stopped: true, read: report.accepted });
  expect(report.read).toBeLessThan(4_000);
  expect(JSON.parse(await readFile(join(opened.workspace.paths.imports, report.id, "report.json"), "utf8"))).toMatchObject({
    stopped: true,
    accepted: report.accepted,
  });
});
