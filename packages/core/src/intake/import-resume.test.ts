import fc from "fast-check";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../files/test-sources.ts";
import type { OperationContext } from "../operations/operation.ts";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openTestWorkspace } from "../operations/test-workspace.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { ImportReport } from "./report.ts";

const linesOf = (rows: readonly Json[]): string =>
  rows.map((row) => (typeof row === "string" ? `${row}\n` : `${JSON.stringify(row)}\n`)).join("");

const job = { id: "01JOB00000000000000000JOB1", attempt: 1, createdAtMs: 0 } as const;

type Given = Parameters<TestWorkspace["call"]>[1] & {
  readonly format?: string;
  readonly layout?: string;
  readonly limit?: number;
  readonly dataset?: string;
};

function attemptIn(opened: TestWorkspace, text: string, given: Given, context: Partial<OperationContext> = {}): Promise<ImportReport> {
  return opened.call("example.import", given, { body: bytesSource(text, 1 << 14, "rows.jsonl"), job, ...context });
}

/** Runs an attempt that is aborted when so many batches are on their way. */
async function interruptedAfter(opened: TestWorkspace, batches: number, text: string, given: Given): Promise<void> {
  const stop = new AbortController();
  let left = batches;
  const reason = new Error("the server stops");
  const turn = (): Promise<void> => {
    if (left-- === 0) stop.abort(reason);
    return Promise.resolve();
  };
  await expect(attemptIn(opened, text, given, { turn, signal: stop.signal })).rejects.toBe(reason);
}

/** What the pool holds, without what differs from run to run: ids, row numbers, times. */
async function contentOf({ workspace }: TestWorkspace): Promise<unknown> {
  const storage = await workspace.storage();
  return storage.read(async ({ queries }) => {
    const examples = await queries.selectFrom("example").selectAll().orderBy("n").execute();
    const place = new Map(examples.map(({ n }, index) => [n, index]));
    const at = <T extends { readonly n: number }>(rows: readonly T[]): unknown[] =>
      rows.map(({ n, ...rest }) => ({ ...rest, n: place.get(n) }));
    return {
      examples: examples.map(({ id, group_key, ...row }) => ({
        ...without(row, "n", "import_id", "created_at", "updated_at"),
        alone: group_key === id,
      })),
      tags: at(await queries.selectFrom("example_tag").selectAll().orderBy("n").orderBy("tag").execute()),
      findings: at(await queries.selectFrom("finding").select(["n", "rule", "severity", "at"]).orderBy("n").orderBy("rule").execute()),
      members: at(await queries.selectFrom("member").select(["n", "dataset_id", "added_by"]).orderBy("n").execute()),
      revisions: at(await queries.selectFrom("revision").select(["n", "rev", "op"]).orderBy("n").orderBy("rev").execute()),
      signals: await queries.selectFrom("signal").select(["id", "kind"]).orderBy("id").execute(),
      counters: await queries.selectFrom("counter").selectAll().where("facet", "<>", "day").orderBy("facet").orderBy("value").execute(),
    };
  });
}

function countsOf(report: ImportReport): unknown {
  return { ...without(report, "id", "notes", "elapsedMs", "rejectedFile"), hasRejected: report.rejectedFile !== undefined };
}

function without(members: object, ...names: readonly string[]): object {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

describe("an import that was cut off and made again", () => {
  const record = fc.record({ id: fc.nat(5), prompt: fc.nat(3), response: fc.nat(3) });
  const row = fc.oneof(
    { weight: 6, arbitrary: record.map(({ id, prompt, response }) => exchange(`train_${id}`, prompt, response)) },
    {
      weight: 2,
      arbitrary: fc.record({ prompt: fc.nat(3), response: fc.nat(3) }).map(({ prompt, response }) => exchange(undefined, prompt, response)),
    },
    { weight: 1, arbitrary: fc.constantFrom<Json>("{not json", { id: "x", prompt: "no response" }) },
  );
  function exchange(id: string | undefined, prompt: number, response: number): Json {
    const texts = { prompt: `How deep is bed ${prompt}?`, response: `It is ${response + 1} spades deep, as always.` };
    return { ...(id === undefined ? {} : { id }), ...texts, include_in_training: true };
  }

  test("wherever it was cut, and however often, counts and stores what an import in one go does", async () => {
    const property = fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 6 }),
      fc.array(row, { minLength: 1, maxLength: 25 }),
      fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 3 }),
      async (before, rows, cuts) => {
        fc.pre(!isRewritten(before, rows));
        const [whole, cut] = [await openTestWorkspace(), await openTestWorkspace()];
        try {
          const given = { format: "document-interaction", layout: "jsonl", dataset: "beds" };
          for (const opened of [whole, cut]) await opened.call("example.import", given, { body: bytesSource(linesOf(before)) });
          const expected = await attemptIn(whole, linesOf(rows), given);
          for (const limit of cuts.toSorted((a, b) => a - b)) await attemptIn(cut, linesOf(rows), { ...given, limit });
          const report = await attemptIn(cut, linesOf(rows), given);
          expect(countsOf(report)).toEqual(countsOf(expected));
          expect(await contentOf(cut)).toEqual(await contentOf(whole));
        } finally {
          await Promise.all([whole.end(), cut.end()]);
        }
      },
    );
    await expect(fc.assert(property, { numRuns: 15 })).resolves.toBeUndefined();
  }, 120_000);

  /**
   * True where the file holds what was in the pool and changes it as well, or changes it twice: read from the start once more, such a file
   * does not end as it did.
   */
  function isRewritten(before: readonly Json[], rows: readonly Json[]): boolean {
    const told = rows.filter(isJsonObject);
    const said = ({ prompt, response }: JsonObject): string => JSON.stringify([prompt, response]);
    return before.filter(isJsonObject).some((old) => {
      const versions = new Set(told.filter(({ id }) => id !== undefined && id === old["id"]).map(said));
      return versions.size > 1 || (versions.size === 1 && !versions.has(said(old)) && told.some((row) => said(row) === said(old)));
    });
  }

  test("leaves no report while it is cut off, and one of all of it in the end", async () => {
    const [whole, cut] = [await openTestWorkspace(), await openTestWorkspace()];
    const rows = Array.from({ length: 4_500 }, (_, i) => exchange(undefined, i % 4_000, i));
    rows.splice(2_500, 0, rows[10] ?? "", "{not json", rows[2_499] ?? "");
    rows.push(rows[3] ?? "", rows[3_999] ?? "");
    const text = linesOf(rows);
    const given = { format: "document-interaction", layout: "jsonl", dataset: "beds" };
    const expected = await attemptIn(whole, text, given);
    expect(expected).toMatchObject({ accepted: 4_500, duplicate: 4, rejected: 1, conflicts: 500 });

    const folder = join(cut.workspace.paths.imports, job.id);
    const imports = async (): Promise<number> => (await cut.call("pool.stats", {})).imports;
    await interruptedAfter(cut, 2, text, given);
    const stored = (await cut.call("dataset.show", { dataset: "beds" })).members;
    expect([await readdir(folder), await imports()]).toEqual([["checkpoint.json"], 0]);
    await interruptedAfter(cut, 4, text, given);
    const more = (await cut.call("dataset.show", { dataset: "beds" })).members;
    expect([stored, more].toSorted((a, b) => a - b)).toEqual([stored, more]);
    expect([stored > 0, more > stored, more < 4_500, await imports()]).toEqual([true, true, true, 0]);

    const report = await attemptIn(cut, text, given, { job: { ...job, attempt: 3 } });
    expect(report.id).toBe(job.id);
    expect(countsOf(report)).toEqual(countsOf(expected));
    expect(report.notes.join(" ")).toContain("was interrupted");
    expect(await contentOf(cut)).toEqual(await contentOf(whole));
    expect((await readdir(folder)).toSorted()).toEqual(["report.json", "rows.jsonl.rejected.jsonl"]);

    // The process may die after the report and before the job has ended.
    expect(countsOf(await attemptIn(cut, text, given))).toEqual(countsOf(expected));
    expect(await imports()).toBe(1);
    await Promise.all([whole.end(), cut.end()]);
  }, 60_000);

  test("goes on from where it was told to stop, without looking at what came before", async () => {
    const [whole, cut] = [await openTestWorkspace(), await openTestWorkspace()];
    // In one go the first version is what was there and the second changes it: read again, the first would change it back.
    const before = exchange("train_1", 0, 0);
    const many = Array.from({ length: 2_500 }, (_, i) => exchange(`many_${i}`, i, i));
    const rows = [before, "{not json", exchange("train_1", 0, 1), ...many, "{nor this", many[0] ?? ""];
    const given = { format: "document-interaction", layout: "jsonl" };
    for (const opened of [whole, cut]) await opened.call("example.import", given, { body: bytesSource(linesOf([before])) });
    const expected = await attemptIn(whole, linesOf(rows), given);
    expect(expected).toMatchObject({ accepted: 2_500, updated: 1, duplicate: 2, rejected: 2 });
    await interruptedAfter(cut, 1, linesOf(rows), given);
    const report = await attemptIn(cut, linesOf(rows), given);
    expect(countsOf(report)).toEqual(countsOf(expected));
    expect(await contentOf(cut)).toEqual(await contentOf(whole));
    const refused = await Promise.all([report, expected].map(({ rejectedFile }) => readFile(rejectedFile ?? "", "utf8")));
    expect(refused[0]).toBe(refused[1]);
    await Promise.all([whole.end(), cut.end()]);
  }, 60_000);

  test("a checkpoint of other bytes, or one that is cut, is passed over", async () => {
    const rows = Array.from({ length: 2_500 }, (_, i) => exchange(undefined, i, i));
    for (const spoil of [(text: string) => text.slice(0, 40), (text: string) => text.replace(/"sizeBytes":\d+/, '"sizeBytes":7')]) {
      const opened = await openTestWorkspace();
      await interruptedAfter(opened, 2, linesOf(rows), {});
      const path = join(opened.workspace.paths.imports, job.id, "checkpoint.json");
      const text = await readFile(path, "utf8");
      expect(spoil(text)).not.toBe(text);
      await writeFile(path, spoil(text));
      expect(await attemptIn(opened, linesOf(rows), {})).toMatchObject({ read: 2_500, accepted: 2_500, duplicate: 0 });
      await opened.end();
    }
  }, 60_000);

  test("knows rows of several examples again, and their signals are stored once", async () => {
    const [whole, cut] = [await openTestWorkspace(), await openTestWorkspace()];
    const rows = Array.from({ length: 6 }, (_, i) => ({
      id: `corr-${i % 5}`,
      timestamp: "2026-01-01T00:00:00Z",
      original_prompt: `How many squares is roof ${i % 5}?`,
      original_response: "It is 100 squares.",
      corrected_response: `It is ${i % 5} and ten squares.`,
      correction_reason: "units",
    }));
    const expected = await attemptIn(whole, linesOf(rows), {});
    await attemptIn(cut, linesOf(rows), { limit: 3 });
    const report = await attemptIn(cut, linesOf(rows), {});
    expect(countsOf({ ...report, signals: expected.signals })).toEqual(countsOf(expected));
    expect(report.notes.join(" ")).toContain("some signals perhaps as known");
    expect(await contentOf(cut)).toEqual(await contentOf(whole));
    await Promise.all([whole.end(), cut.end()]);
  });

  test("what was stored by another import stays a duplicate", async () => {
    const opened = await openTestWorkspace();
    const rows = [exchange(undefined, 0, 0), exchange(undefined, 1, 1), exchange(undefined, 2, 2)];
    const given = { format: "document-interaction" };
    await opened.call("example.import", given, { body: bytesSource(linesOf(rows.slice(0, 1))) });
    await attemptIn(opened, linesOf(rows), { ...given, limit: 2 });
    await opened.call("example.import", given, { body: bytesSource(linesOf(rows.slice(2))) });
    expect(await attemptIn(opened, linesOf(rows), given)).toMatchObject({ read: 3, accepted: 1, duplicate: 2 });
    await opened.end();
  });
});

test("a job asks for its turn before each batch", async () => {
  const opened = await openTestWorkspace();
  const rows = Array.from({ length: 2_500 }, (_, i) => ({
    question: `What is entry ${i} about?`,
    answer: `About the jar of honey number ${i}.`,
  }));
  let turns = 0;
  const turn = (): Promise<void> => Promise.resolve(void turns++);
  expect(await attemptIn(opened, linesOf(rows), {}, { turn })).toMatchObject({ accepted: 2_500 });
  expect(turns).toBe(3);
  await opened.end();
});
