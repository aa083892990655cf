import { afterAll, beforeAll, expect, test } from "vitest";
import { createJob } from "../jobs/jobs.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
const datasets = new Set(["support"]);
beforeAll(async () => {
  opened = await openTestWorkspace();
  const storage = await opened.workspace.storage();
  const body = { path: "/spool/secret", name: "posts.csv", isOwned: true };
  await createJob(storage, { id: "1", operation: "example.import", input: { dataset: "x" }, actor: "user:ana", body, atMs: 1 });
  await createJob(storage, { id: "2", operation: "version.verify", input: {}, actor: "key:ci", atMs: 2 });
  await createJob(storage, { id: "3", operation: "version.verify", input: {}, actor: "user:ana", atMs: 3 });
  await opened.call("job.cancel", { id: "3" });
});
afterAll(() => opened.end());

const ids = async (
  ...call: Parameters<typeof opened.call<"job.list">> extends [unknown, ...infer Rest] ? Rest : never
): Promise<string[]> => (await opened.call("job.list", ...call)).jobs.map(({ id }) => id);

test("lists jobs newest first, page by page, without their input and the place of their bytes", async () => {
  const first = await opened.call("job.list", { limit: 2 });
  expect(first.jobs.map(({ id, status }) => [id, status])).toEqual([
    ["3", "cancelled"],
    ["2", "waiting"],
  ]);
  const second = await opened.call("job.list", { limit: 2, cursor: first.next ?? "" });
  expect(second).toEqual({
    jobs: [
      {
        id: "1",
        operation: "example.import",
        status: "waiting",
        actor: "user:ana",
        remarks: [],
        attempts: 0,
        cancelling: false,
        createdAt: "1970-01-01T00:00:00.001Z",
      },
    ],
  });
});

test("filters by state, operation and actor", async () => {
  expect(await ids({ status: "waiting" })).toEqual(["2", "1"]);
  expect(await ids({ operation: "version.verify", actor: "user:ana" })).toEqual(["3"]);
  await expect(opened.call("job.list", { cursor: "2" })).rejects.toMatchObject({ code: "input/invalid" });
});

test("shows a caller that reaches some datasets only what is its own", async () => {
  expect(await ids({}, { actor: "key:ci", datasets })).toEqual(["2"]);
  expect(await ids({ actor: "user:ana" }, { actor: "key:ci", datasets })).toEqual([]);
});
