import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openTransformersEmbedder } from "./transformers.ts";

const installed = isInstalled();
const modelFolder = process.env["TILTH_TRANSFORMERS_MODEL"];
const folder = await mkdtemp(join(tmpdir(), "tilth-model-"));
afterAll(() => rm(folder, { recursive: true }));

describe("a model's folder", () => {
  test("what it lacks is named, before any package is looked for", async () => {
    const path = join(folder, "small");
    const reason = async (): Promise<unknown> =>
      openTransformersEmbedder({ path: folder, model: "small" }).catch((error: unknown) => (error as Error & { details: object }).details);
    expect(await reason()).toEqual({ path, reason: "config.json is not there" });
    await mkdir(join(path, "onnx"), { recursive: true });
    await writeFile(join(path, "config.json"), "{}");
    expect(await reason()).toEqual({ path, reason: "tokenizer.json is not there" });
    await writeFile(join(path, "tokenizer.json"), "{}");
    expect(await reason()).toEqual({ path, reason: "the folder onnx holds no model" });
  });
});

describe("the package", () => {
  test.skipIf(installed)(
    "is optional: without it the error names the command (skipped where @huggingface/transformers is installed)",
    async () => {
      const path = join(folder, "whole");
      await mkdir(join(path, "onnx"), { recursive: true });
      for (const file of ["config.json", "tokenizer.json", "onnx/model.onnx"]) await writeFile(join(path, file), "{}");
      const error: unknown = await openTransformersEmbedder({ path }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({
        code: "embed/package-missing",
        kind: "unsupported",
        details: { package: "@huggingface/transformers" },
      });
      expect((error as Error).message).toContain("ONNXRUNTIME_NODE_INSTALL=skip npm install @huggingface/transformers");
      // In the words of Node, or of the runner of the tests.
      expect((error as Error).message).toMatch(/Cannot find package|Could not resolve/);
    },
  );

  test.skipIf(!installed)(
    "a model that it cannot read is an error (skipped where @huggingface/transformers is not installed)",
    async () => {
      const path = join(folder, "broken");
      await mkdir(join(path, "onnx"), { recursive: true });
      for (const file of ["config.json", "tokenizer.json", "onnx/model.onnx"]) await writeFile(join(path, file), "{}");
      await expect(openTransformersEmbedder({ path })).rejects.toMatchObject({ code: "embed/model-missing" });
    },
  );
});

describe.skipIf(!installed || modelFolder === undefined)(
  "a local network (skipped without @huggingface/transformers and a model's folder in TILTH_TRANSFORMERS_MODEL)",
  () => {
    test("embeds texts one by one as in batches, and blank ones as zeros", async () => {
      const embedder = await openTransformersEmbedder({ path: modelFolder ?? "" });
      const texts = ["How do I reset my password?", "", ...Array.from({ length: 40 }, (_, index) => `text number ${index} \ud800`)];
      const together = await embedder.embed(texts);
      expect(together).toHaveLength(texts.length * embedder.dimensions);
      expect([...together.subarray(embedder.dimensions, 2 * embedder.dimensions)].every((value) => value === 0)).toBe(true);
      const alone = await embedder.embed(["How do I reset my password?"]);
      const distances = [...alone].map((value, d) => Math.abs(value - (together[d] ?? 0)));
      expect(Math.max(...distances)).toBeLessThan(8);
      expect(embedder.version).toMatch(/^[0-9a-f]{12}$/);
    });
  },
);

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve("@huggingface/transformers");
    return true;
  } catch {
    return false;
  }
}
