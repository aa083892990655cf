import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openTestWorkspace } from "../operations/test-workspace.ts";
import { parseFilter } from "../schema/filter.ts";
import type { Plan } from "./change-selected.ts";
import { changeSelected, countSelected } from "./change-selected.ts";
import type { Storage } from "./storage.ts";

const ROWS = 1_500;

let opened: TestWorkspace;
let storage: Storage;
beforeAll(async () => {
  opened = await openTestWorkspace();
  const rows = Array.from({ length: ROWS }, (_, index) => ({ kind: "text", text: `Seed ${index} of the bag.` }));
  await opened.call("example.import", { file: await opened.writeRows("seeds.jsonl", rows) });
  storage = await opened.workspace.storage();
});
afterAll(() => opened.end());

const where = parseFilter("kind = text", { nowMs: 0 });
const told = { actor: "user:test", atMs: 1_000, op: "test", dryRun: false };
const adding =
  (tag: string): Plan =>
  async (rows) =>
    rows.filter(({ tags }) => !tags.includes(tag)).map(({ id, tags }) => ({ id, set: {}, tags: [...tags, tag] }));

test("what others change between plan and change is planned again as it is now", async () => {
  let meddled = false;
  const plan: Plan = async (rows, queries) => {
    const planned = await adding("mine")(rows, queries);
    if (!meddled)
      await storage.change(
        rows.slice(0, 10).map(({ id, tags }) => ({ id, set: {}, tags: [...tags, "theirs"] })),
        { actor: "user:other", atMs: 1, op: "tag" },
      );
    meddled = true;
    return planned;
  };
  expect(await changeSelected(storage, { where }, { ...told, plan })).toMatchObject({ matched: ROWS, changed: ROWS });
  const both = parseFilter("tag has mine and tag has theirs", { nowMs: 0 });
  expect(await countSelected(storage, { where: both })).toBe(10);
});

test("what enters meanwhile is left alone", async () => {
  let added = false;
  const plan: Plan = async (rows, queries) => {
    if (!added) await opened.call("example.add", { example: { kind: "text", text: "A seed that fell in later." } });
    added = true;
    return adding("early")(rows, queries);
  };
  expect(await changeSelected(storage, { where }, { ...told, plan })).toMatchObject({ matched: ROWS, changed: ROWS });
  expect(await countSelected(storage, { where })).toBe(ROWS + 1);
});

test("an id that nobody has changes nothing, wherever it stands", async () => {
  const [first] = (await opened.call("example.list", { limit: 1 })).examples;
  const ids = [first?.id ?? "", "01ARZ3NDEKTSV4RRFFQ69G5FAV"];
  await expect(changeSelected(storage, { ids }, { ...told, plan: adding("never") })).rejects.toMatchObject({ code: "example/not-found" });
  expect(await countSelected(storage, { where: parseFilter("tag has never", { nowMs: 0 }) })).toBe(0);
});
