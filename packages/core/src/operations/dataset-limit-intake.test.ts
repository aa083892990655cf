import { afterEach, beforeEach, expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import type { OperationContext } from "./operation.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
/** Reaches the dataset Mine, not the dataset Other. */
const limited = { actor: "key:ci", datasets: new Set(["mine"]) };
const record = (response: string): Json => ({ id: "ticket-1", prompt: "What about ticket 1?", response, include_in_training: true });
const [theirs, ours, again] = [
  "It is still open, the inspector comes on Monday.",
  "It was closed on Tuesday after the second inspection.",
  "It was opened again on Friday, since the pipe leaked once more.",
] as const;

beforeEach(async () => {
  opened = await openTestWorkspace();
  for (const name of ["Mine", "Other"]) await opened.call("dataset.create", { name });
  await importRow(record(theirs), "other");
});
afterEach(() => opened.end());

async function importRow(row: Json, dataset: string, more: { readonly context?: Partial<OperationContext>; readonly dryRun?: true } = {}) {
  const { context = {}, ...options } = more;
  return opened.call("example.import", { file: await opened.writeRows("rows.jsonl", [row]), dataset, ...options }, context);
}

async function answersIn(dataset: string): Promise<readonly unknown[]> {
  const { examples } = await opened.call("example.list", { dataset });
  return examples.map((example) => ("messages" in example ? example.messages.at(-1)?.content : undefined));
}

test("a record that lies elsewhere comes in as one of their own, and the other stays as it was", async () => {
  expect(await importRow(record(ours), "mine", { context: limited })).toMatchObject({ accepted: 1, updated: 0 });
  expect([await answersIn("other"), await answersIn("mine")]).toEqual([[theirs], [ours]]);
});

test("their own record is brought up to date, and nobody else's", async () => {
  await importRow(record(ours), "mine", { context: limited });
  expect(await importRow(record(again), "mine", { context: limited })).toMatchObject({ accepted: 0, updated: 1 });
  expect([await answersIn("other"), await answersIn("mine")]).toEqual([[theirs], [again]]);
});

test("a dry run says the same", async () => {
  expect(await importRow(record(ours), "mine", { context: limited, dryRun: true })).toMatchObject({ accepted: 1, updated: 0 });
  expect(await importRow(record(ours), "mine", { dryRun: true })).toMatchObject({ accepted: 0, updated: 1 });
});

test("whoever reaches everything brings up to date the one in the dataset the rows go to", async () => {
  await importRow(record(ours), "mine", { context: limited });
  expect(await importRow(record(again), "other")).toMatchObject({ updated: 1 });
  expect([await answersIn("other"), await answersIn("mine")]).toEqual([[again], [ours]]);
});

test("who knows no more than an id gets nothing by it", async () => {
  const [example] = (await opened.call("example.list", { dataset: "other" })).examples;
  const guessed = { kind: "text", id: example?.id ?? "", text: "Anything else that there is to say of gardens." } as const;
  expect(await importRow(guessed, "mine", { context: limited })).toMatchObject({ updated: 0 });
  expect(await answersIn("mine")).not.toContain(theirs);
  const added = opened.call("example.add", { dataset: "mine", example: guessed }, limited);
  await expect(added).rejects.toMatchObject({ code: "auth/dataset-forbidden" });
  expect([await answersIn("other"), await answersIn("mine")]).toEqual([[theirs], expect.not.arrayContaining([theirs])]);
});

test("who says the same has it too", async () => {
  expect(await importRow(record(theirs), "mine", { context: limited })).toMatchObject({ accepted: 0, duplicate: 1 });
  expect(await answersIn("mine")).toEqual([theirs]);
});
