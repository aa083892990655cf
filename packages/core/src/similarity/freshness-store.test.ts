import { mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { FRESHNESS_WEIGHTS, type FreshnessIndex, createFreshnessIndex, openFreshnessIndex } from "./freshness.ts";
import { Oracle, changeWords, generateTexts, pick, pseudoEmbedder, seeded } from "./test-freshness.ts";

const embedder = pseudoEmbedder();
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-freshness-"));
  folders.push(folder);
  return join(folder, "index");
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const random = seeded(21);
const texts = generateTexts(800, random);
const samples = texts.map((text, i) => ({ id: `id-${String(i).padStart(5, "0")}`, text, type: i % 3 === 0 ? "gm" : "casual", atMs: i }));

async function built(): Promise<FreshnessIndex> {
  const index = createFreshnessIndex(embedder, { poolVersion: "v1" });
  await index.build(samples.slice(0, 700));
  return index;
}

const unusable = { code: "storage/index-unusable", kind: "storage" };

describe("an index that was saved", () => {
  test("answers after opening as before, and as comparing with every sample does", async () => {
    const folder = await newFolder();
    const index = await built();
    const oracle = new Oracle(embedder, FRESHNESS_WEIGHTS);
    await oracle.insert(samples.slice(0, 700));
    await index.save(folder);
    const opened = await openFreshnessIndex(folder, embedder);
    expect([opened.size, opened.poolVersion, opened.types]).toEqual([700, "v1", index.types]);
    for (let i = 0; i < 60; i++) {
      const text = changeWords(pick(texts, random), 0.2, random);
      const options = i % 3 === 0 ? { type: "gm" } : i % 3 === 1 ? { window: { samples: 50 } } : {};
      expect((await opened.maxSimilarity(text, { ...options, k: 3 }))?.nearest).toEqual(await oracle.nearest(text, options, 3));
    }
  });

  test("keeps what was inserted and removed since the merge, without writing the merged part again", async () => {
    const folder = await newFolder();
    const index = await built();
    await index.save(folder);
    const [base] = (await readdir(folder)).filter((name) => name.startsWith("base-"));
    await index.insert(samples.slice(700));
    index.remove("id-00003");
    index.remove("id-00750");
    await index.save(folder);
    expect((await readdir(folder)).filter((name) => name.endsWith(".bin")).length, "old files are gone").toBe(2);
    expect(await readdir(folder)).toContain(base);

    const oracle = new Oracle(embedder, FRESHNESS_WEIGHTS);
    await oracle.insert(samples);
    oracle.remove("id-00003");
    oracle.remove("id-00750");
    const opened = await openFreshnessIndex(folder, embedder);
    expect(opened.size).toBe(oracle.size);
    const compare = async () => {
      for (const text of [texts[3] ?? "", texts[750] ?? "", ...texts.slice(690, 730)])
        expect((await opened.maxSimilarity(text, { k: 2 }))?.nearest).toEqual(await oracle.nearest(text, {}, 2));
    };
    await compare();
    await opened.insert([{ id: "id-99999", text: "wholly new words come last" }]);
    await oracle.insert([{ id: "id-99999", text: "wholly new words come last" }]);
    await opened.save(folder);
    opened.compact();
    await compare();
    await opened.save(folder);
    expect(await readdir(folder)).not.toContain(base);
    expect((await openFreshnessIndex(folder, embedder)).size).toBe(oracle.size);
  });

  test("keeps its weights, unless others are asked for, and the distributions that were drawn", async () => {
    const folder = await newFolder();
    const weights = { word: 0.2, phrase: 0.5, semantic: 0.3 };
    const index = createFreshnessIndex(embedder, { weights });
    await index.build(samples.slice(0, 200));
    const drawn = await index.distribution({ type: "gm" });
    await index.save(folder);
    const opened = await openFreshnessIndex(folder, embedder);
    expect((await opened.maxSimilarity("w1 w2"))?.weights).toEqual(weights);
    expect(await opened.distribution({ type: "gm" })).toEqual(drawn);
    const other = await openFreshnessIndex(folder, embedder, { weights: FRESHNESS_WEIGHTS });
    expect((await other.maxSimilarity("w1 w2"))?.weights).toEqual(FRESHNESS_WEIGHTS);
  });

  test("can be empty", async () => {
    const folder = await newFolder();
    await createFreshnessIndex(embedder).save(folder);
    expect((await openFreshnessIndex(folder, embedder)).size).toBe(0);
  });

  test.each([
    ["id", { id: "other" }],
    ["version", { version: "2" }],
    ["background", { backgroundCosine: 0.05 }],
    ["dimensions", { dimensions: 128 }],
  ])("is refused by an embedder of another %s", async (_, change) => {
    const folder = await newFolder();
    await (await built()).save(folder);
    await expect(openFreshnessIndex(folder, pseudoEmbedder(change))).rejects.toMatchObject({ code: "embed/mismatch", kind: "conflict" });
  });
});

describe("an index that cannot be used says so, for the caller to build it again", () => {
  test("a folder that is not there, or is somebody else's", async () => {
    const folder = await newFolder();
    await expect(openFreshnessIndex(folder, embedder)).rejects.toMatchObject(unusable);
    await (await built()).save(folder);
    for (const text of ["", "{}", '{"format":"tilth-freshness"}\n123\n', "\0\0\0"]) {
      await writeFile(join(folder, "header.json"), text);
      await expect(openFreshnessIndex(folder, embedder)).rejects.toMatchObject(unusable);
    }
    await (await built()).save(folder);
    expect((await openFreshnessIndex(folder, embedder)).size).toBe(700);
  });

  test("any byte changed in any file", async () => {
    const folder = await newFolder();
    const index = await built();
    await index.insert(samples.slice(700));
    await index.save(folder);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const bytes = await readFile(path);
      for (const at of [0, 0.3, 0.6, 0.9].map((share) => Math.floor(share * bytes.length))) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ 1;
        await writeFile(path, damaged);
        await expect(openFreshnessIndex(folder, embedder), `${name}, byte ${at}`).rejects.toMatchObject(unusable);
      }
      await writeFile(path, bytes);
    }
    expect((await openFreshnessIndex(folder, embedder)).size).toBe(800);
  });

  test("a file cut off or gone", async () => {
    const folder = await newFolder();
    await (await built()).save(folder);
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".bin"))) {
      const path = join(folder, name);
      const bytes = await readFile(path);
      await truncate(path, Math.floor((await stat(path)).size / 2));
      await expect(openFreshnessIndex(folder, embedder)).rejects.toMatchObject(unusable);
      await rm(path);
      await expect(openFreshnessIndex(folder, embedder)).rejects.toMatchObject(unusable);
      await writeFile(path, bytes);
    }
  });

  test("a place that cannot be written", async () => {
    const folder = await newFolder();
    await writeFile(folder, "a file, not a folder");
    await expect((await built()).save(folder)).rejects.toMatchObject({ code: "storage/write-failed" });
  });
});
