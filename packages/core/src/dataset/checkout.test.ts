import { mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFolderObjects } from "../objects/folder.ts";
import { objectKey } from "../objects/objects.ts";
import { checkoutVersion } from "./checkout.ts";
import type { Committed } from "./commit.ts";
import { commitVersion } from "./commit.ts";
import { queryRows, quoted } from "./duckdb.ts";
import { readChunks } from "./manifest.ts";
import type { Bench } from "./contract.ts";
import { addExamples, exampleRow, openBench } from "./contract.ts";

let bench: Bench;
let made: Committed;
beforeAll(async () => {
  bench = await openBench();
  await addExamples(
    bench.storage,
    Array.from({ length: 80 }, (_, i) => i),
  );
  made = await commitVersion({ ...bench.commit, dataset: "d" });
});
afterAll(() => bench.close());

const target = (name: string): string => join(bench.folder, "out", name);
const checkout = (folder: string) => checkoutVersion({ objects: bench.objects, entry: made.entry, folder });

async function contentOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString("base64")] as const)),
  );
}

test("DuckDB reads the same rows from the files, without Tilth", async () => {
  const folder = target("rows");
  const { files, rows, created } = await checkout(folder);
  expect({ rows, created }).toEqual({ rows: 80, created: true });
  expect(await readdir(folder)).toEqual([...files, "manifest.json"]);
  const sql = `SELECT id, kind, input_text, output_text, label, confidence, include_in_training, epoch_ms(created_at)::DOUBLE FROM read_parquet(${quoted(join(folder, "*.parquet"))}) ORDER BY id`;
  const expected = Array.from({ length: 80 }, (_, i) => exampleRow(i)).map((row) => [
    row.id,
    row.kind,
    row.input_text,
    row.output_text,
    null,
    row.confidence,
    row.include_in_training === 1,
    row.created_at,
  ]);
  expect(await bench.duck.use((session) => queryRows(session, sql))).toEqual(expected);
});

test("columns carry the field numbers of the schema", async () => {
  const folder = target("fields");
  const { files } = await checkout(folder);
  const sql = `SELECT name, field_id FROM parquet_schema(${quoted(join(folder, files[0] ?? ""))}) WHERE field_id IS NOT NULL`;
  const found = await bench.duck.use((session) => queryRows(session, sql));
  expect(Object.fromEntries(found.map(([name, n]) => [String(name), Number(n)]))).toMatchObject({
    id: 1,
    input_text: 19,
    created_at: 50,
    subjects: 52,
  });
});

test("gives the same bytes again, and leaves a checkout that is there alone", async () => {
  await checkout(target("one"));
  await checkout(target("two"));
  expect(await contentOf(target("two"))).toEqual(await contentOf(target("one")));
  expect(await checkout(target("one"))).toMatchObject({ created: false });
});

test("fills an empty folder, and refuses one that holds something else", async () => {
  await mkdir(target("empty"), { recursive: true });
  expect((await checkout(target("empty"))).created).toBe(true);
  await mkdir(target("full"), { recursive: true });
  await writeFile(join(target("full"), "mine.txt"), "keep");
  await expect(checkout(target("full"))).rejects.toMatchObject({ code: "dataset/target-not-empty", kind: "conflict" });
  expect(await readdir(target("full"))).toEqual(["mine.txt"]);
});

test("refuses a checkout that somebody changed, rather than to call it the same", async () => {
  const { files } = await checkout(target("changed"));
  await truncate(join(target("changed"), files[0] ?? ""), 30);
  await expect(checkout(target("changed"))).rejects.toMatchObject({ code: "dataset/target-not-empty" });
});

test("hands no damage on, and leaves nothing behind", async () => {
  const other = await openBench();
  try {
    await addExamples(
      other.storage,
      Array.from({ length: 80 }, (_, i) => i),
    );
    const { entry, manifest } = await commitVersion({ ...other.commit, dataset: "d" });
    const [, chunk] = await readChunks(other.objects, manifest);
    const path = await other.objects.local(objectKey(chunk?.object ?? "", "parquet"));
    const bytes = await readFile(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const folder = join(other.folder, "out", "d");
    await expect(checkoutVersion({ objects: other.objects, entry, folder })).rejects.toMatchObject({ code: "version/damaged" });
    expect(await readdir(join(other.folder, "out"))).toEqual([]);
    await rm(path);
    await expect(checkoutVersion({ objects: await openFolderObjects(join(other.folder, "store")), entry, folder })).rejects.toMatchObject({
      code: "storage/object-missing",
    });
  } finally {
    await other.close();
  }
});
