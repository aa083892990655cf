import { cp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openFolderObjects } from "../objects/folder.ts";
import type { Objects } from "../objects/objects.ts";
import { objectKey, putJson } from "../objects/objects.ts";
import { canonicalJson } from "../text/canonical.ts";
import { sha256File } from "../text/hash.ts";
import type { Committed } from "./commit.ts";
import { commitVersion } from "./commit.ts";
import type { Duck } from "./duckdb.ts";
import { queryCounts, quoted } from "./duckdb.ts";
import { readChunks, writePages } from "./manifest.ts";
import { refKey } from "./refs.ts";
import type { Bench } from "./contract.ts";
import { addExamples, openBench } from "./contract.ts";
import { verifyVersions } from "./verify.ts";

let bench: Bench;
let second: Committed;
let keys: {
  readonly chunk: string;
  readonly page: string;
  readonly manifest: string;
  readonly recipe: string;
  readonly ref: string;
  readonly store: string;
};
let store = "";
let objects: Objects;

beforeAll(async () => {
  bench = await openBench();
  await addExamples(
    bench.storage,
    Array.from({ length: 60 }, (_, i) => i),
  );
  await commitVersion({ ...bench.commit, dataset: "d" });
  await addExamples(bench.storage, [100, 101]);
  second = await commitVersion({ ...bench.commit, dataset: "d" });
  const chunks = await readChunks(bench.objects, second.manifest);
  keys = {
    chunk: objectKey(chunks[0]?.object ?? "", "parquet"),
    page: objectKey(second.manifest.pages[0]?.page ?? "", "json"),
    manifest: objectKey(second.entry.manifest, "json"),
    recipe: objectKey(second.manifest.provenance.recipe, "json"),
    ref: refKey({ dataset: "d", branch: "main" }, 2),
    store: "store.json",
  };
});
afterAll(() => bench.close());

// Every test damages a store of its own.
beforeEach(async () => {
  store = join(bench.folder, `damaged-${Math.random()}`);
  await cp(join(bench.folder, "store"), store, { recursive: true });
  objects = await openFolderObjects(store);
});
afterEach(() => rm(store, { recursive: true, force: true }));

const pathOf = (key: string): string => join(store, ...key.split("/"));
const kindsOfObjects = ["chunk", "page", "manifest", "recipe", "ref", "store"] as const;

test("finds nothing in a sound store, at any level, and does not mind what nothing refers to", async () => {
  await writeFile(pathOf(`objects/${keys.chunk.slice(8, 10)}/${"0".repeat(64)}.parquet`), "left over");
  for (const level of ["quick", "full"] as const) expect((await verifyVersions({ objects, level })).problems).toEqual([]);
  const deep = await verifyVersions({ objects, level: "deep", duck: bench.duck });
  expect(deep).toMatchObject({ problems: [], versions: 2 });
  expect(deep.bytes).toBeGreaterThan(second.manifest.stats.bytes);
});

test.each(kindsOfObjects)("finds a flipped bit wherever it is in a %s", async (kind) => {
  const whole = await readFile(pathOf(keys[kind]));
  // The id of a store stands nowhere else: any other one is as good.
  const places =
    kind === "store" ? [0, 5, 12, 20, whole.length - 1] : Array.from({ length: 40 }, (_, i) => Math.floor((i * (whole.length - 1)) / 39));
  for (const place of places) {
    const flipped = Buffer.from(whole);
    flipped[place] = (flipped[place] ?? 0) ^ 1;
    await writeFile(pathOf(keys[kind]), flipped);
    const { problems } = await verifyVersions({ objects, level: "full" });
    expect(problems.length, `byte ${place} of ${whole.length}`).toBeGreaterThan(0);
    await writeFile(pathOf(keys[kind]), whole);
  }
});

test.each(kindsOfObjects)("names a %s that was cut short, and one that is gone", async (kind) => {
  await truncate(pathOf(keys[kind]), 10);
  expect((await verifyVersions({ objects, level: "full" })).problems.map((problem) => problem.object)).toContain(keys[kind]);
});

test.each(["chunk", "page", "manifest", "recipe"] as const)("names a %s that is gone and the versions that need it", async (kind) => {
  await rm(pathOf(keys[kind]));
  const problem = (await verifyVersions({ objects, level: "full" })).problems.find(({ object }) => object === keys[kind]);
  expect(problem?.problem).toMatch(/is missing.*backup/);
  expect(problem?.versions).toContain("d@main:1.1");
});

test("blames a shared chunk once, for every version that shares it", async () => {
  const chunks = await readChunks(bench.objects, second.manifest);
  const whole = await readFile(pathOf(keys.chunk));
  await writeFile(pathOf(keys.chunk), Buffer.concat([whole, Buffer.from("x")]));
  const { problems } = await verifyVersions({ objects, level: "full" });
  expect(chunks.length).toBeGreaterThan(2);
  expect(problems).toEqual([expect.objectContaining({ object: keys.chunk, versions: ["d@main:1.1", "d@main:1.0"] })]);
});

test("quick sees a chunk that is gone or has another length, in the newest version", async () => {
  await truncate(pathOf(keys.chunk), 20);
  expect((await verifyVersions({ objects, level: "quick" })).problems).toHaveLength(1);
  await rm(pathOf(keys.chunk));
  expect((await verifyVersions({ objects, level: "quick" })).problems[0]?.problem).toMatch(/is missing/);
});

test("misses a version whose entry is gone from between two others", async () => {
  await addExamples(bench.storage, [200]);
  await commitVersion({ ...bench.commit, objects, dataset: "d" });
  await rm(pathOf(keys.ref));
  const { problems } = await verifyVersions({ objects, level: "full" });
  expect(problems).toEqual([expect.objectContaining({ object: keys.ref, problem: expect.stringMatching(/version #2 was committed/) })]);
});

test("an entry that names another version's manifest is found out", async () => {
  const first = await readFile(pathOf(refKey({ dataset: "d", branch: "main" }, 1)), "utf8");
  const [, manifest = ""] = /"manifest":"([0-9a-f]{64})"/.exec(first) ?? [];
  const entry = await readFile(pathOf(keys.ref), "utf8");
  await writeFile(pathOf(keys.ref), entry.replace(second.entry.manifest, manifest));
  expect((await verifyVersions({ objects, level: "full" })).problems.map(({ object }) => object)).toEqual([keys.ref]);
});

test("looks at one dataset, or one version of it, when told so", async () => {
  const one = await verifyVersions({ objects, level: "full", dataset: "d", version: 1 });
  const other = await verifyVersions({ objects, level: "full", dataset: "nobody" });
  expect([one.versions, other.versions]).toEqual([1, 0]);
});

test("deep finds rows that are out of order under a right hash", async () => {
  const chunks = await readChunks(bench.objects, second.manifest);
  const paths = chunks.map((chunk) => quoted(pathOf(objectKey(chunk.object, "parquet")))).join(", ");
  const [inOrder] = await bench.duck.use((session) => queryCounts(session, `SELECT count(*) FROM read_parquet([${paths}])`));
  expect(inOrder).toBe(62);
  const wrong = await writeWrongVersion(objects, bench.duck, second);
  expect((await verifyVersions({ objects, level: "full" })).problems).toEqual([]);
  const { problems } = await verifyVersions({ objects, level: "deep", duck: bench.duck });
  expect(problems).toEqual([expect.objectContaining({ object: wrong, problem: expect.stringMatching(/out of order or there twice/) })]);
});

/**
 * Commits, around the house's own writer, a version whose first chunk has its rows in the wrong order: every hash is right.
 *
 * @returns The key of that chunk.
 */
async function writeWrongVersion(objects: Objects, duck: Duck, { entry, manifest }: Committed): Promise<string> {
  const [first, ...rest] = await readChunks(objects, manifest);
  if (first === undefined) throw new Error("the version has no chunk");
  const file = objects.temporary();
  const source = quoted(await objects.local(objectKey(first.object, "parquet")));
  await duck.use(({ connection }) =>
    connection.run(`COPY (SELECT * FROM read_parquet(${source}) ORDER BY id DESC) TO ${quoted(file)} (FORMAT parquet)`),
  );
  const { sha256, sizeBytes } = await sha256File(file);
  await objects.put(objectKey(sha256, "parquet"), file, sha256);
  const pages = await writePages(objects, [{ ...first, object: sha256, bytes: sizeBytes }, ...rest], new Set());
  const seq = entry.seq + 1;
  const wrong = { ...manifest, seq, pages, label: "9.9", parents: [{ branch: "main", seq: entry.seq, manifest: entry.manifest }] };
  const next = { ...entry, seq, label: "9.9", manifest: await putJson(objects, wrong) };
  await objects.putIfAbsent(refKey(manifest, seq), Buffer.from(canonicalJson(next)));
  return objectKey(sha256, "parquet");
}
