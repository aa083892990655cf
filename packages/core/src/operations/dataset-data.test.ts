import { afterAll, beforeAll, expect, test } from "vitest";
import type { OperationInput } from "./call.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openFilledWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openFilledWorkspace();
});
afterAll(() => opened.end());

async function allIds(input: OperationInput<"dataset.data">): Promise<{ readonly ids: readonly string[]; readonly pages: number }> {
  const ids: string[] = [];
  let pages = 0;
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await opened.call("dataset.data", { ...input, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.examples.map(({ id }) => id));
    pages++;
    cursor = page.next;
  }
  return { ids, pages };
}

test("gives the members as they are now where nothing was committed, page by page", async () => {
  expect(await opened.call("dataset.data", { dataset: "mixed", limit: 1 })).toMatchObject({ dataset: "mixed", version: "pool" });
  const { ids, pages } = await allIds({ dataset: "mixed", limit: 3 });
  expect([new Set(ids).size, pages]).toEqual([7, 3]);
});

test("gives the newest version by id, and an older one as it was", async () => {
  await opened.call("version.create", { dataset: "mixed" });
  const before = await allIds({ dataset: "mixed", limit: 2 });
  expect(before.ids).toEqual(before.ids.toSorted());
  expect([before.ids.length, before.pages]).toEqual([7, 4]);
  const [gone = ""] = before.ids;
  await opened.call("example.trash", { ids: [gone] });
  await opened.call("version.create", { dataset: "mixed" });
  expect((await allIds({ dataset: "mixed" })).ids).toEqual(before.ids.slice(1));
  expect((await allIds({ dataset: "mixed", version: "1.0" })).ids).toEqual(before.ids);
  const old = await opened.call("dataset.data", { dataset: "mixed", version: "1.0" });
  const now = await opened.call("dataset.data", { dataset: "mixed", version: "pool" });
  const kept = now.examples.find(({ id }) => id === before.ids[3]);
  expect(old.examples.find(({ id }) => id === before.ids[3])).toMatchObject({
    id: kept?.id,
    kind: kept?.kind,
    contentHash: kept?.contentHash,
  });
});

test("refuses a version that is not there", async () => {
  await expect(opened.call("dataset.data", { dataset: "mixed", version: "9.9" })).rejects.toMatchObject({ code: "version/not-found" });
});
