import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openFilledWorkspace } from "../operations/test-workspace.ts";
import { checkPool } from "./doctor.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

/** Writes to the pool as somebody would who opens it with another tool. */
function meddle(sql: string): void {
  const database = new DatabaseSync(opened.workspace.paths.pool);
  database.exec(sql);
  database.close();
}

const look = async (): Promise<ReturnType<typeof checkPool>> => checkPool(await opened.workspace.storage());

test("a pool that nobody meddled with is in order", async () => {
  expect(await look()).toEqual([
    { name: "counters", status: "ok", message: "equal to a recount" },
    { name: "examples", status: "ok", message: "none has an error" },
  ]);
});

test.each([
  [
    "a count that is too high",
    "UPDATE counter SET count = count + 1 WHERE facet = 'kind' AND value = 'text'",
    "UPDATE counter SET count = count - 1 WHERE facet = 'kind' AND value = 'text'",
    "kind",
  ],
  [
    "a value that nobody has",
    "INSERT INTO counter (facet, value, count) VALUES ('domain', 'astrology', 1)",
    "DELETE FROM counter WHERE value = 'astrology'",
    "domain",
  ],
  [
    "a count that is missing",
    "UPDATE counter SET count = 0 WHERE facet = 'source'",
    "UPDATE counter SET count = 7 WHERE facet = 'source'",
    "source",
  ],
  [
    "a tier that moved",
    "UPDATE example SET quality_tier = 'gold' WHERE kind = 'text'",
    "UPDATE example SET quality_tier = 'bronze' WHERE kind = 'text'",
    "quality_tier",
  ],
])("%s is found and named", async (_, broken, mended, facet) => {
  meddle(broken);
  expect((await look())[0]).toMatchObject({ name: "counters", status: "problem", message: `differ from a recount: ${facet}` });
  meddle(mended);
  expect((await look())[0]).toMatchObject({ status: "ok" });
});

test("examples with an error are counted once each, with the way to them; those in the trash do not count", async () => {
  const entities = [
    { label: "item", start: 0, end: 99, surface: "seed" },
    { label: "", start: 0, end: 4, surface: "seed" },
  ];
  const file = await opened.writeRows("wrong.jsonl", [
    { kind: "classification", text: "seed potatoes", labels: { intent: "order" }, entities },
  ]);
  await opened.call("example.import", { file });
  expect((await look())[1]).toEqual({
    name: "examples",
    status: "warning",
    message: "1 with an error cannot be exported",
    wayOut: "tilth list --where 'severity = error'",
  });
  const [wrong, ...others] = (await opened.call("example.list", { where: "severity = error" })).examples;
  expect(others).toEqual([]);
  const storage = await opened.workspace.storage();
  await storage.change([{ id: wrong?.id ?? "", set: { lifecycle: "trashed" } }], { actor: "user:test", atMs: 1, op: "trash" });
  expect((await look())[1]).toMatchObject({ status: "ok" });
});
