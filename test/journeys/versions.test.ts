import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Journey } from "./tilth.ts";
import { startJourney } from "./tilth.ts";

const row = (number: number, intent: string) => ({
  kind: "classification",
  text: `where is order ${number}?`,
  labels: { intent },
  entities: [],
});
const lines = (rows: readonly object[]): string => rows.map((one) => `${JSON.stringify(one)}\n`).join("");

describe("a dataset through its versions", { timeout: 120_000 }, () => {
  let journey: Journey;
  let ids: readonly string[] = [];
  beforeAll(async () => {
    journey = await startJourney();
    await writeFile(
      join(journey.folder, "orders.jsonl"),
      lines(Array.from({ length: 30 }, (_, i) => row(i, i % 3 === 0 ? "greeting" : "order"))),
    );
    await writeFile(join(journey.folder, "more.jsonl"), lines(Array.from({ length: 5 }, (_, i) => row(100 + i, "refund"))));
    await journey.tilth("init");
    await journey.tilth("import", "orders.jsonl", "--dataset", "Orders");
  });
  afterAll(() => journey.end());

  test("before anything is committed there is nothing to compare with, and the way is named", async () => {
    const ended = await journey.tilth("diff", "orders");
    expect([ended.code, ended.err]).toEqual([2, expect.stringContaining("tilth commit orders")]);
  });

  test("a commit asks for no message, and takes one", async () => {
    expect(await journey.json(0, "commit", "orders")).toMatchObject({ label: "1.0", rows: 30, message: "" });
    expect((await journey.tilth("diff", "orders", "--exit-code")).code).toBe(0);
  });

  test("what people did since shows before it is committed: relabelled, trashed, imported", async () => {
    const listed = await journey.json(0, "list", "--where", "intent = greeting", "--limit", "3");
    ids = (listed["examples"] as { id: string }[]).map(({ id }) => id);
    for (const id of ids.slice(0, 2)) await journey.json(0, "edit", id, "--set", "intent=order");
    await journey.json(0, "trash", ids[2] ?? "");
    await journey.json(0, "import", "more.jsonl", "--dataset", "Orders");
    const ended = await journey.tilth("diff", "orders", "--exit-code");
    expect(ended.code).toBe(1);
    expect(ended.out).toMatch(/^orders@1\.0 → orders@pool\n {2}\+ 5 added {3}~ 2 changed {3}− 1 removed\n/);
    expect(ended.out).toMatch(/labels\.intent +greeting → order +2\n/);
    expect(ended.out).toContain(
      `~ ${ids.slice(0, 2).toSorted()[0]}  classification\n    labels.intent  - greeting\n                   + order\n`,
    );
  });

  test("the next version says the same about itself, and holds what the comparison promised", async () => {
    const pending = await journey.json(0, "diff", "orders");
    expect(await journey.json(0, "commit", "orders", "-m", "relabelled")).toMatchObject({ label: "1.1", added: 5, changed: 2, removed: 1 });
    expect(await journey.json(0, "diff", "orders@1.1")).toEqual({ ...pending, after: "orders@1.1" });
    expect(await journey.json(0, "diff", "orders@1.0", "orders@1.1", "--fields", "labels")).toMatchObject({
      fields: [{ field: "labels.intent", examples: 2 }],
      transitions: [{ field: "labels.intent", before: "greeting", after: "order", examples: 2 }],
    });
  });

  test("one version shows its labels and splits without a row being read", async () => {
    const shown = await journey.json(0, "versions", "orders@1.1");
    expect(shown).toMatchObject({ before: "orders@1.0", message: "relabelled", rows: 34 });
    expect(shown["statistics"]).toMatchObject({
      counts: {
        "labels.intent": {
          values: [
            { value: "order", rows: 22 },
            { value: "greeting", rows: 7 },
            { value: "refund", rows: 5 },
          ],
          others: 0,
          missing: 0,
        },
      },
    });
    expect((await journey.tilth("versions", "orders")).out).toMatch(/^Version .*\n1\.1 +34 +5 +2 +1 .*relabelled\n1\.0 +30 +30 +0 +0 /);
  });

  test("an earlier version still exports what it held", async () => {
    await journey.json(0, "export", "orders@1.0", "--format", "tilth", "--no-split", "--out", "first");
    await journey.json(0, "export", "orders@1.1", "--format", "tilth", "--no-split", "--out", "second");
    expect(await journey.json(0, "export", "orders@1.0", "--format", "tilth", "--dry-run")).toMatchObject({ read: 30, written: 30 });
  });

  test("a deleted dataset is hidden, keeps everything, and comes back", async () => {
    expect(await journey.json(0, "delete", "orders", "--yes")).toMatchObject({ versions: 2, dryRun: false });
    for (const args of [
      ["versions", "orders"],
      ["diff", "orders@1.1"],
      ["export", "orders@1.0"],
      ["commit", "Orders"],
      ["import", "more.jsonl", "--dataset", "orders"],
    ]) {
      const ended = await journey.tilth(...args);
      expect(ended.code, args.join(" ")).not.toBe(0);
      expect(ended.err, args.join(" ")).toContain("`tilth restore orders`");
    }
    expect(await journey.json(0, "verify")).toMatchObject({ versions: 2, problems: [] });
    expect(await journey.json(0, "restore", "orders")).toMatchObject({ latest: "1.1" });
    expect(await journey.json(0, "commit", "orders")).toMatchObject({ label: "1.1", created: false });
  });

  test("nothing temporary is left in the store", async () => {
    expect(await readdir(join(journey.folder, ".tilth", "store", "tmp"))).toEqual([]);
  });

  test.each([
    ["a version there is none of", ["diff", "orders@7.7"], "There are 1.1, 1.0."],
    ["a field examples do not have", ["diff", "orders", "--fields", "labls"], "labels"],
    ["what no version is", ["versions", "orders@pool"], "tilth diff orders"],
    ["a reference that cannot be read", ["diff", "orders@1.0:2:3"], "DATASET@1.4"],
    ["a dataset there is none of", ["delete", "ordres"], "orders"],
  ])("%s gets one clear sentence", async (_, args, expected) => {
    const ended = await journey.tilth(...args);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(expected);
    expect(ended.err.trim().split("\n")).toHaveLength(1);
  });
});
