import { afterAll, beforeAll, expect, test } from "vitest";
import { createDataset, findDataset, findOrCreateDataset, listDatasets, setRecipe, slugOf } from "./datasets.ts";
import { commitVersion } from "./commit.ts";
import type { Bench } from "./contract.ts";
import { addExamples, exampleId, openBench } from "./contract.ts";

const clock = { nowMs: () => 1_700_000_000_000 };
const by = { actor: "user:ana", clock };
let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test.each([
  ["Support Chats", "support-chats"],
  ["Äpfel & Birnen", "apfel-birnen"],
  ["国会", "dataset"],
  ["--a--", "a"],
  ["x".repeat(80), "x".repeat(64)],
])("the slug of %j is %j", (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});

test("is found by name and by id, with what it was made of", async () => {
  const made = await createDataset(bench.storage, { name: "Support Chats", description: "from the app", tags: ["a"], ...by });
  expect(made).toMatchObject({
    id: "support-chats",
    members: 0,
    recipe: { from: "members" },
    tags: ["a"],
    createdAt: "2023-11-14T22:13:20.000Z",
  });
  expect(await findDataset(bench.storage, "Support Chats")).toEqual(made);
  expect(await findDataset(bench.storage, "support-chats")).toEqual(made);
});

test("another name with the same slug gets a number, the same name is refused", async () => {
  expect((await createDataset(bench.storage, { name: "support chats!", ...by })).id).toBe("support-chats-2");
  await expect(createDataset(bench.storage, { name: "Support Chats", ...by })).rejects.toMatchObject({
    code: "dataset/exists",
    kind: "conflict",
  });
  await expect(createDataset(bench.storage, { name: "  ", ...by })).rejects.toMatchObject({ code: "input/invalid" });
});

test("the id of a deleted dataset is not given to another", async () => {
  await createDataset(bench.storage, { name: "gone", ...by });
  await bench.storage.transaction(async (queries) => {
    await queries.updateTable("dataset").set({ lifecycle: "trashed" }).where("id", "=", "gone").execute();
  });
  await expect(findDataset(bench.storage, "gone")).rejects.toMatchObject({ code: "dataset/not-found" });
  expect((await createDataset(bench.storage, { name: "Gone", ...by })).id).toBe("gone-2");
});

test("an unknown name is answered with the nearest", async () => {
  await expect(findDataset(bench.storage, "suport-chats")).rejects.toThrow("Did you mean support-chats?");
});

test("many who want the same new dataset at once get one", async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => findOrCreateDataset(bench.storage, { name: "new one", ...by })));
  expect(new Set(made.map((dataset) => dataset.id))).toEqual(new Set(["new-one"]));
  expect((await findOrCreateDataset(bench.storage, { name: "support-chats", ...by })).name).toBe("Support Chats");
});

test("shows its recipe, its members and its newest version", async () => {
  await addExamples(bench.storage, [1, 2, 3]);
  await bench.storage.setMembers("new-one", { add: [1, 2].map(exampleId) }, { actor: "user:ana", atMs: 1, op: "add" });
  await setRecipe(bench.storage, "new-one", { format: 1, from: "members", where: "weight = 1" }, clock);
  await commitVersion({ ...bench.commit, dataset: "new-one", recipe: (await findDataset(bench.storage, "new-one")).recipe });
  expect((await listDatasets(bench.storage)).find(({ id }) => id === "new-one")).toMatchObject({
    members: 2,
    latest: "1.0",
    recipe: { from: "members", where: "weight = 1" },
  });
});
